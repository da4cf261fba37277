/// Every setting of the house. Parsing, `--help`, `--check` and the search for unknown variables all follow this list.
///
/// A setting means the same in each program that has it. One environment file serves all programs: each knows the
/// variables of the others and passes over them in silence.
package enum Setting: String, CaseIterable, Sendable {
    // The process
    case settingsFile = "settings-file"
    case logFile = "log-file"
    case pidFile = "pid-file"
    case reloadSeconds = "reload-seconds"
    case maximumRequests = "max-requests"
    case maximumAgeSeconds = "max-age-seconds"
    // Listening
    case listen
    case socketMode = "socket-mode"
    case socketGroup = "socket-group"
    // Stores
    case redis
    case redisConnectMilliseconds = "redis-connect-ms"
    case redisCommandMilliseconds = "redis-command-ms"
    case directory
    case directoryCacheSeconds = "directory-cache-seconds"
    case events
    // The queue
    case queueShards = "queue-shards"
    case queueMaximumDepth = "queue-max-depth"
    case maximumEventBytes = "max-event-bytes"
    case idempotencySeconds = "idempotency-seconds"
    case payloadSeconds = "payload-seconds"
    // ServerMain
    case threads
    case maximumParameters = "max-parameters"
    case maximumParameterBytes = "max-parameter-bytes"
    case maximumQueryBytes = "max-query-bytes"
    case maximumBodyBytes = "max-body-bytes"
    case drainSeconds = "drain-seconds"
    case inputOutputSeconds = "io-seconds"
    case logCacheBytes = "log-cache-bytes"
    case accessLog = "access-log"
    case accessFormat = "access-format"
    case slowLogMilliseconds = "slow-log-ms"
    // Sending
    case webhookTimeoutMilliseconds = "webhook-timeout-ms"
    case webhookMinimumTimeoutMilliseconds = "webhook-min-timeout-ms"
    case webhookMaximumTimeoutMilliseconds = "webhook-max-timeout-ms"
    case concurrency
    case appConcurrency = "app-concurrency"
    case senderThreads = "sender-threads"
    case responseBytes = "response-bytes"
    case allowedNetworks = "allowed-networks"
    case authoritiesFile = "ca-file"
    case proxy
    case standardWebhooks = "standard-webhooks"
    // Retrying
    case retryDelays = "retry-delays"
    case retryJitterPercent = "retry-jitter-percent"
    case retryAfterMaximumSeconds = "retry-after-max-seconds"
    case retryApps = "retry-apps"
    case visibilitySeconds = "visibility-seconds"
    // Broken integrations
    case brokenApps = "broken-apps"
    case brokenTimeouts = "broken-timeouts"
    case brokenDays = "broken-days"
    case brokenWarnings = "broken-warnings"
    // Mail
    case smtp
    case smtpTLS = "smtp-tls"
    case mailFrom = "mail-from"
    case platformURL = "platform-url"
    case mailTemplates = "mail-templates"
    // Watching
    case statsd
    case logLevel = "log-level"

    /// Without the two hyphens.
    package var flag: String { rawValue }

    /// `HOOKLINE_SOCKET_MODE` for `socket-mode`.
    package var variable: String {
        "HOOKLINE_" + rawValue.uppercased().split(separator: "-").joined(separator: "_")
    }

    /// Whether the value may hold a password.
    package var isSecret: Bool {
        switch self {
        case .redis, .proxy, .smtp: true
        default: false
        }
    }

    /// The variable that names a file with the value; only secrets have one.
    package var fileVariable: String? { isSecret ? variable + "_FILE" : nil }

    /// The programs that follow it.
    package var programs: [ProgramName] {
        switch self {
        case .settingsFile, .logFile, .pidFile, .reloadSeconds, .maximumAgeSeconds:
            [.responder, .worker]
        case .redis, .redisConnectMilliseconds, .redisCommandMilliseconds, .directory, .events, .queueShards,
            .queueMaximumDepth, .maximumEventBytes, .idempotencySeconds, .payloadSeconds, .drainSeconds,
            .webhookTimeoutMilliseconds, .webhookMinimumTimeoutMilliseconds, .webhookMaximumTimeoutMilliseconds,
            .brokenApps, .brokenTimeouts, .brokenDays:
            [.responder, .worker]
        case .maximumRequests, .listen, .socketMode, .socketGroup, .directoryCacheSeconds, .threads, .maximumParameters,
            .maximumParameterBytes, .maximumQueryBytes, .maximumBodyBytes, .inputOutputSeconds, .logCacheBytes,
            .accessLog, .accessFormat, .slowLogMilliseconds:
            [.responder]
        case .concurrency, .appConcurrency, .senderThreads, .responseBytes, .allowedNetworks, .authoritiesFile, .proxy,
            .standardWebhooks, .retryDelays, .retryJitterPercent, .retryAfterMaximumSeconds, .retryApps,
            .visibilitySeconds, .brokenWarnings, .smtp, .smtpTLS, .mailFrom,
            .mailTemplates, .platformURL, .statsd, .logLevel:
            [.worker]
        }
    }

    /// The settings of one program, in the order of the list.
    package static func all(of program: ProgramName) -> [Setting] {
        allCases.filter { $0.programs.contains(program) }
    }

    /// The program's setting with this flag; nil when it has none.
    package init?(flag: String, program: ProgramName) {
        guard let setting = Setting(rawValue: flag), setting.programs.contains(program) else { return nil }
        self = setting
    }
}
