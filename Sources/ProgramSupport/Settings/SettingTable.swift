import Model
import WebhookRules

/// The table of settings. Arguments, `--help`, `--check`, the search for unknown variables, the tables of
/// docs/configuration.md and conf/hookline.env.example follow from it.
///
/// To add a setting: a case of `Setting`, its row here, and the place that reads it.
package enum SettingTable {
    /// Rows that belong together.
    package struct Section: Sendable {
        /// Names the section in the marks of docs/configuration.md.
        package let name: String
        package let title: String
        package let rows: [SettingRow]
    }

    /// In the order of all texts.
    package static let sections = [
        process, stores, queue, deliveries, breakers, silence, names, responder, sessions, sending, retries, disabling,
        mail,
        monitoring,
    ]

    package static let rows = sections.flatMap(\.rows)

    private static let rowsBySetting = Dictionary(rows.map { ($0.setting, $0) }) { first, _ in first }

    static func row(of setting: Setting) -> SettingRow {
        guard let row = rowsBySetting[setting] else {
            preconditionFailure("the table of settings has no row for \(setting)")
        }
        return row
    }

    // MARK: Settings of all programs

    private static let process = Section(
        name: "process", title: "The process",
        rows: [
            SettingRow(
                .settingsFile, .text(placeholder: "FILE"), default: SettingsFile.none, for: .all,
                help: """
                    File with these variables as `NAME=VALUE` lines, read again at each reload; `none`: use no \
                    settings file.
                    """,
                notice: """
                    Only in the environment or as a flag: a settings file cannot name another one. The default of the \
                    command line is `\(SettingsFile.installedPath)` if that file exists.
                    """),
            SettingRow(
                .logFile, .text(placeholder: "FILE"), for: .servers,
                help: "File to which the log is appended; empty means standard error.",
                notice: "Created with mode 0640 if it does not exist. The signal USR1 reopens it after rotation."),
            SettingRow(
                .pidFile, .text(placeholder: "FILE"), for: .servers,
                help: "File for the id of the serving process, kept up to date across reloads; empty means none.",
                notice: "Each instance needs its own."),
            SettingRow(
                .reloadSeconds, .number(.seconds, 1...600), default: "30", for: .servers,
                help: "Time limit of a reload's configuration check, and again of the start of the new process."),
            SettingRow(
                .maximumAgeSeconds, .number(.seconds, 0...31_536_000), default: "0", for: .servers,
                help: "Age at which the process reloads itself; 0 means never.",
                notice: "Up to a tenth is subtracted at random, so that processes started together reload apart."),
            SettingRow(
                .drainSeconds, .number(.seconds, 0...3600), default: "10", for: .servers,
                help: "Time limit for finishing requests or webhooks in progress after a stop signal.",
                notice: "`TimeoutStopSec` of the systemd units must be longer, the worker's by ten seconds."),
            SettingRow(
                .coreDumps, .onOrOff, default: "off", for: .all,
                help: "Whether a crash may leave a core dump, and a debugger of the same user may attach.",
                notice: """
                    A core dump holds secrets: for debugging only. Under systemd also raise `LimitCORE`, which is 0 \
                    in the units. `hookline` reads this setting too.
                    """,
                page: "security.md"),
        ])

    private static let stores = Section(
        name: "stores", title: "Redis and the directory",
        rows: [
            SettingRow(
                .redis, .serverAddress, default: "redis://127.0.0.1:6379/0", for: .all,
                help: "Redis server: `redis://[USER:PASSWORD@]HOST:PORT/DB` or `unix:PATH?db=DB`."),
            SettingRow(
                .redisConnectMilliseconds, .number(.milliseconds, 1...60_000), default: "500", for: .all,
                help: "Time limit for connecting to Redis."),
            SettingRow(
                .redisCommandMilliseconds, .number(.milliseconds, 1...60_000), default: "2000", for: .all,
                help: "Time limit for one round trip to Redis."),
            SettingRow(
                .directory, .serverAddress, default: "sqlite:/var/lib/hookline/directory.sqlite", for: .all,
                help: "Address of the directory of organizations, users and apps: `sqlite:PATH` or "
                    + "`postgres://USER@HOST/NAME`.",
                page: "directory.md"),
            SettingRow(
                .encryptionKeys, .text(placeholder: "FOLDER"), for: .all,
                help: "Folder with the keys of encrypted values in the original's database; empty means none.",
                notice: """
                    One file for each key, named like the key, with a Fernet key: the original's \
                    `DATABASE_ENCRYPTION_FERNET_KEYS_LOCATION`. Read at each use.
                    """, page: "postgresql.md"),
            SettingRow(
                .secretKeyFile, .text(placeholder: "PATH"), for: .all,
                help: "File with the keys that encrypt the secrets in the directory; empty means they are unencrypted.",
                notice: """
                    One key per line: the Base64 of 32 bytes. The first encrypts, all decrypt. Read again when it is \
                    needed.
                    """, page: "secrets.md"),
            SettingRow(
                .protocolRelease, .text(placeholder: "RELEASE"), default: "auto", for: .all,
                help: "Release of the original whose rules are followed: `YY.M`, from `23.7` to `26.9`, or `auto`.",
                notice: """
                    Must be the same for all programs. `auto` means the oldest release that the tables of the \
                    original's database fit, with the strictest rights of all that they fit, and `23.7` with a \
                    directory of Hookline's own.
                    """,
                page: "compatibility.md"),
            SettingRow(
                .events, .text(placeholder: "LIST"), default: "auto", for: .all,
                help: "Events that can be sent and queried: `auto`, `23.7`, `26`, or comma-separated event names.",
                notice: "`auto` means those of `HOOKLINE_PROTOCOL`."),
        ])

    private static let queue = Section(
        name: "queue", title: "The queue",
        rows: [
            SettingRow(
                .queueShards, .number(.count, 1...256), default: "1", for: .all,
                help: "Number of shards of the queue.",
                notice: "Must be the same for all programs. Change it only while the queue is empty."),
            SettingRow(
                .queueMaximumDepth, .number(.count, 1...10_000_000), default: "100000", for: .all,
                help: "Maximum number of events that are waiting or in progress; beyond it, enqueue requests get "
                    + "status 503.",
                notice: "Scheduled events do not count. Each shard has an equal part."),
            SettingRow(
                .queueMaximumBytes, .number(.bytes, 1_048_576...1_099_511_627_776), default: "1073741824", for: .all,
                help: "Maximum memory of the queue in Redis; beyond it, enqueue requests get status 503.",
                notice: "Counts waiting and scheduled events, those in progress and dead letters. Each shard has an "
                    + "equal part.", page: "queue.md"),
            SettingRow(
                .maximumEventBytes, .number(.bytes, 1024...786_432), default: "262144", for: .all,
                help: "Maximum body of an enqueue request; a longer one gets status 413.",
                notice: "Must be the same for responders and workers, and at most HOOKLINE_MAX_BODY_BYTES."),
            SettingRow(
                .maximumRelayBytes, .number(.bytes, 1024...4_194_304), default: "1048576", for: .all,
                help: "Maximum body of a webhook that is relayed; a longer one gets status 413.",
                notice: "Must be the same for responders and workers, and at most HOOKLINE_MAX_BODY_BYTES.",
                page: "relay.md"),
            SettingRow(
                .idempotencySeconds, .number(.seconds, 1...2_592_000), default: "86400", for: .all,
                help: "How long the `Idempotency-Key` of an enqueue request is remembered."),
            SettingRow(
                .payloadSeconds, .number(.seconds, 0...2_592_000), default: "259200", for: .all,
                help: "How long event payloads are kept in the payload archive, for redelivery; 0 means not at all."),
            SettingRow(
                .archiveMaximumBytes, .number(.bytes, 1_048_576...1_099_511_627_776), default: "1073741824", for: .all,
                help: "Maximum memory of the payload archive; beyond it, the oldest payloads are deleted.",
                notice: "Details of attempts count.", page: "queue.md"),
            SettingRow(
                .appArchiveBytes, .number(.bytes, 1_048_576...1_099_511_627_776), default: "67108864", for: .all,
                help:
                    "Maximum memory of one app's payloads and details of attempts; beyond it, its oldest are deleted.",
                notice: "Should be the same for all workers.", page: "queue.md"),
            SettingRow(
                .detailsBytes, .number(.bytes, 0...65_536), default: "16384", for: .all,
                help: "Bytes of each body, the request's and the response's, in the details of an attempt.",
                notice: "Of the response at most HOOKLINE_RESPONSE_BYTES. 4 KiB of each message's headers are kept.",
                page: "delivery.md"),
        ])

    private static let deliveries = Section(
        name: "deliveries", title: "Delivery policy, webhook timeouts and automatic disabling",
        rows: [
            SettingRow(
                .policy, .words(DeliveryPolicy.Name.allCases.map(\.rawValue)),
                default: DeliveryPolicy.Name.sentry.rawValue, example: DeliveryPolicy.Name.standard.rawValue, for: .all,
                help: "Rules for failures, retries and automatic disabling: the original's, or Standard Webhooks'.",
                notice: "Must be the same for all programs. Other settings override parts of it; an app can have its "
                    + "own.",
                page: "delivery.md"),
            SettingRow(
                .webhookTimeoutMilliseconds, .number(.milliseconds, 1...300_000), default: "5000", for: .all,
                help: "Time limit of one webhook, from the DNS lookup to the end of the response."),
            SettingRow(
                .webhookMinimumTimeoutMilliseconds, .number(.milliseconds, 1...300_000), default: "500", for: .all,
                help: "Minimum timeout that an app may have."),
            SettingRow(
                .webhookMaximumTimeoutMilliseconds, .number(.milliseconds, 1...300_000), default: "30000", for: .all,
                help: "Maximum timeout that an app may have."),
            SettingRow(
                .disableApps, .words(AutoDisableSettings.Apps.allCases.map(\.rawValue)),
                byPolicy: { $0.autoDisable.apps.rawValue }, for: .all, formerly: "broken-apps",
                help: "Apps that are disabled automatically when they keep failing.",
                notice: "The policy `sentry` has `none` where the release that is followed is 25.3 or later.",
                page: "automatic-disabling.md"),
            SettingRow(
                .disableTimeouts, .number(.count, 1...1_000_000_000, orWord: "off"),
                byPolicy: { $0.autoDisable.rule.timeoutThreshold.map { String($0) } ?? "off" }, for: .all,
                formerly: "broken-timeouts", help: "Timeouts per day after which an app is disabled.",
                notice: "Under the policy `standard` only if there are at least as many timeouts as successes."),
            SettingRow(
                .disableDays, .number(.count, 1...30), byPolicy: { String($0.autoDisable.rule.dayCount) }, for: .all,
                formerly: "broken-days", help: "Days of failures without a success after which an app is disabled."),
            SettingRow(
                .disabledEnforcement, .onOrOff, default: "off", for: .all,
                help: """
                    Whether apps that the original has disabled (`is_disabled`) get only events about their \
                    installations.
                    """,
                notice: """
                    The original's option `sentry-apps.disabled-enforcement`. Apps that Hookline has disabled get \
                    nothing, whatever this setting is. From release 26.5 on, log, statistics and details of a disabled \
                    app are status 403, too.
                    """, page: "delivery.md"),
            SettingRow(
                .logDetails, .words(DeliveryPolicy.Details.allCases.map(\.rawValue)),
                byPolicy: { $0.details.rawValue }, for: .worker,
                help: "Attempts whose requests and responses are kept in detail, beside the payload.",
                notice: "Without the payload archive, none are.", page: "delivery.md"),
        ])

    // MARK: Settings of the responder

    private static let responder = Section(
        name: "responder", title: "The responder",
        rows: [
            SettingRow(
                .listen, .text(placeholder: "ADDRESS"), default: "inherited", for: .server,
                help: "Listening address: `unix:PATH`, `HOST:PORT` with a literal address, or `inherited`.",
                notice: """
                    `inherited` is the socket passed by systemd or spawn-fcgi, or plain CGI under a web server. \
                    Clients that can connect are trusted like the web server: prefer a Unix socket.
                    """),
            SettingRow(
                .socketMode, .text(placeholder: "MODE"), default: "0660", for: .server,
                help: "Mode of the Unix socket, octal."),
            SettingRow(
                .socketGroup, .text(placeholder: "GROUP"), for: .server,
                help: "Group of the Unix socket, by name or id; empty means the group of the process."),
            SettingRow(
                .threads, .number(.count, 1...512, orWord: "auto"), default: "auto", for: .server,
                help: "Number of worker threads; `auto` means 4 per processor.",
                notice: "Each thread has its own connection to Redis."),
            SettingRow(
                .maximumRequests, .number(.count, 0...1_000_000_000), default: "0", for: .server,
                help: "Number of requests after which the process reloads itself; 0 means never.",
                notice: "Up to a tenth is subtracted at random, so that processes started together reload apart."),
            SettingRow(
                .directoryCacheSeconds, .number(.seconds, 0...3600), default: "5", for: .server,
                help: "How long directory lookups are cached; 0 means not at all."),
            SettingRow(
                .maximumParameters, .number(.count, 1...100_000), default: "256", for: .responder,
                help: "Maximum number of FastCGI parameters of a request; more get status 431."),
            SettingRow(
                .maximumParameterBytes, .number(.bytes, 1...(64 << 20)), default: "65536", for: .responder,
                help: "Maximum total size of a request's parameter names and values; more gets status 431."),
            SettingRow(
                .maximumQueryBytes, .number(.bytes, 0...(64 << 20)), default: "16384", for: .responder,
                help: "Maximum query string; a longer one gets status 414.",
                notice: "nginx refuses request lines above 8 KiB unless `large_client_header_buffers` is raised."),
            SettingRow(
                .maximumBodyBytes, .number(.bytes, 0...(1 << 30)), default: "1048576", for: .responder,
                help: "Maximum request body; a longer one gets status 413.",
                notice: "Keep `client_max_body_size` in nginx's site file the same."),
            SettingRow(
                .bodyMemoryBytes, .number(.bytes, (1 << 20)...(1 << 34)), default: "25165824", for: .responder,
                help: "Memory of requests with a body, shared by all threads; without free memory a request waits, and "
                    + "gets status 503 after `HOOKLINE_IO_SECONDS`.",
                notice:
                    "A body counts 16 times its size. Seven eighths of the memory are for bodies, one eighth for "
                    + "parameters. A body for which the memory can never suffice gets status 413."),
            SettingRow(
                .importMaximumBytes, .number(.bytes, 0...(1 << 30)), default: "4194304", for: .responder,
                help: "Maximum directory document that `POST hookline/directory/` imports; a longer one gets status "
                    + "413.",
                notice: "Keep `client_max_body_size` of its location in nginx the same. At most 7/16 of "
                    + "HOOKLINE_BODY_MEMORY_BYTES counts.",
                page: "management-api.md"),
            SettingRow(
                .inputOutputSeconds, .number(.seconds, 1...3600), default: "5", for: .responder,
                help: "Time limit for receiving a request from the web server, and again for sending the response."),
            SettingRow(
                .logCacheBytes, .number(.bytes, 0...(1 << 30)), default: "4194304", for: .server,
                help: "Memory of the response cache for the request log, shared by all threads; 0 means no cache.",
                page: "response-cache.md"),
            SettingRow(
                .accessLog, .onOrOff, default: "on", for: .responder,
                help: "Whether each request is logged with one line."),
            SettingRow(
                .accessFormat, .text(placeholder: "json|FORMAT"), default: "json", for: .responder,
                help: "Format of the access log: `json`, or php-fpm's letters, such as `%R - %u %t \"%m %r\" %s`."),
            SettingRow(
                .slowLogMilliseconds, .number(.milliseconds, 0...3_600_000), default: "0", for: .responder,
                help: "Requests that take this long are logged with the time of each phase; 0 means none.",
                page: "operations.md"),
            SettingRow(
                .cgiStatus, .onOrOff, default: "off", for: .responder,
                help: "Whether the plain CGI program serves `/-/status`.",
                notice: "The page names apps: turn it on only where the web server restricts who can read it.",
                page: "shared-hosting.md"),
            SettingRow(
                .legacyRequests, .onOrOff, default: "off", for: .responder,
                help: "Whether `requests/` is served also under releases without it, 25.12 and later.",
                page: "compatibility.md"),
            SettingRow(
                .signOutURL, .text(placeholder: "URL"), for: .responder,
                help: "Where the pages' link “Sign out” leads; empty means no link.",
                notice: """
                    A path of the site, such as `/oauth2/sign_out`, or an address with `https://` or `http://`. A \
                    password of nginx (`auth_basic`) has no sign-out.
                    """,
                page: "dashboard.md"),
        ])
}

extension [ProgramName] {
    static let all = ProgramName.allCases
    /// The programs that run until a signal stops them.
    static let servers = [ProgramName.responder, .worker]
    /// The programs that respond to requests.
    static let responder = [ProgramName.responder, .cgi]
    /// Of these the one that stays for further requests.
    static let server = [ProgramName.responder]
    static let worker = [ProgramName.worker]
}
