/// Every setting of the programs, by its flag. Its row in `SettingTable` has its type, default and help.
///
/// A setting means the same in each program that has it. One environment file serves all programs: each ignores the
/// variables of the others.
package enum Setting: String, CaseIterable, Sendable {
    case settingsFile = "settings-file"
    case logFile = "log-file"
    case pidFile = "pid-file"
    case reloadSeconds = "reload-seconds"
    case maximumAgeSeconds = "max-age-seconds"
    case drainSeconds = "drain-seconds"
    case coreDumps = "core-dumps"

    case redis
    case redisConnectMilliseconds = "redis-connect-ms"
    case redisCommandMilliseconds = "redis-command-ms"
    case directory
    case encryptionKeys = "encryption-keys"
    case secretKeyFile = "secret-key-file"
    case protocolRelease = "protocol"
    case events

    case queueShards = "queue-shards"
    case queueMaximumDepth = "queue-max-depth"
    case queueMaximumBytes = "queue-max-bytes"
    case maximumEventBytes = "max-event-bytes"
    case maximumRelayBytes = "relay-max-bytes"
    case idempotencySeconds = "idempotency-seconds"
    case payloadSeconds = "payload-seconds"
    case archiveMaximumBytes = "archive-max-bytes"
    case appArchiveBytes = "app-archive-bytes"
    case detailsBytes = "details-bytes"

    case policy
    case webhookTimeoutMilliseconds = "webhook-timeout-ms"
    case webhookMinimumTimeoutMilliseconds = "webhook-min-timeout-ms"
    case webhookMaximumTimeoutMilliseconds = "webhook-max-timeout-ms"
    case disableApps = "disable-apps"
    case disableTimeouts = "disable-timeouts"
    case disableDays = "disable-days"
    case disabledEnforcement = "disabled-enforcement"
    case logDetails = "log-details"

    case breaker
    case breakerRedis = "breaker-redis"
    case breakerErrors = "breaker-errors"
    case breakerWindowSeconds = "breaker-window-seconds"
    case breakerOpenSeconds = "breaker-open-seconds"
    case breakerPercent = "breaker-percent"
    case breakerFloor = "breaker-floor"

    case silenceDays = "silence-days"

    case platformName = "platform-name"
    case platformActor = "platform-actor"
    case productName = "product-name"

    case listen
    case socketMode = "socket-mode"
    case socketGroup = "socket-group"
    case threads
    case maximumRequests = "max-requests"
    case directoryCacheSeconds = "directory-cache-seconds"
    case maximumParameters = "max-parameters"
    case maximumParameterBytes = "max-parameter-bytes"
    case maximumQueryBytes = "max-query-bytes"
    case maximumBodyBytes = "max-body-bytes"
    case bodyMemoryBytes = "body-memory-bytes"
    case importMaximumBytes = "import-max-bytes"
    case inputOutputSeconds = "io-seconds"
    case logCacheBytes = "log-cache-bytes"
    case accessLog = "access-log"
    case accessFormat = "access-format"
    case slowLogMilliseconds = "slow-log-ms"
    case cgiStatus = "cgi-status"
    case legacyRequests = "legacy-requests"
    case signOutURL = "sign-out-url"

    case sessionSecret = "session-secret"
    case superuserNetworks = "superuser-networks"

    case webhookSoftTimeoutMilliseconds = "webhook-soft-timeout-ms"
    case concurrency
    case appConcurrency = "app-concurrency"
    case senderThreads = "sender-threads"
    case responseBytes = "response-bytes"
    case allowedNetworks = "allowed-networks"
    case certificateAuthorityFile = "ca-file"
    case proxy
    case standardWebhooks = "standard-webhooks"

    case retryDelays = "retry-delays"
    case retryJitterPercent = "retry-jitter-percent"
    case retryAfterMaximumSeconds = "retry-after-max-seconds"
    case retryApps = "retry-apps"
    case visibilitySeconds = "visibility-seconds"

    case disableWarnings = "disable-warnings"

    case smtp
    case smtpTLS = "smtp-tls"
    case mailFrom = "mail-from"
    case platformURL = "platform-url"
    case mailLinks = "mail-links"
    case mailTemplates = "mail-templates"
    case silenceMail = "silence-mail"

    case statsd
    case logLevel = "log-level"

    /// The settings of one program, in the order of the table.
    package static func all(of program: ProgramName) -> [Setting] {
        SettingTable.rows.filter { $0.programs.contains(program) }.map(\.setting)
    }

    /// The program's setting with this flag, or with this former name of one; nil when it has none.
    package init?(flag: String, program: ProgramName) {
        let row = SettingTable.rows.first { $0.setting.flag == flag || $0.formerFlag == flag }
        guard let row, row.programs.contains(program) else { return nil }
        self = row.setting
    }

    /// Without the two hyphens.
    package var flag: String { rawValue }

    /// `HOOKLINE_SOCKET_MODE` for `socket-mode`.
    package var variable: String { Self.variable(flag) }

    /// The name that the variable had in earlier releases, which still counts; nil if it never had another.
    package var formerVariable: String? { row.formerFlag.map(Self.variable) }

    /// The variable that names a file with the value; only secrets have one.
    package var fileVariable: String? { isSecret ? variable + "_FILE" : nil }

    /// Each variable that sets it.
    package var variables: [String] { [variable, fileVariable, formerVariable].compactMap(\.self) }

    package var row: SettingRow { SettingTable.row(of: self) }

    package var defaultValue: String { row.defaultValue }

    /// The range of a number, in the setting's unit, or of each number of a list; nil for everything else.
    package var range: ClosedRange<Int>? { row.type.range }

    /// Whether the value is a secret or may hold a password.
    package var isSecret: Bool { row.type == .serverAddress || row.type == .secret }

    private static func variable(_ flag: String) -> String {
        "HOOKLINE_" + flag.uppercased().split(separator: "-").joined(separator: "_")
    }
}
