import WebhookRules

extension SettingTable {
    static let sending = Section(
        name: "sending", title: "Sending webhooks",
        rows: [
            SettingRow(
                .webhookSoftTimeoutMilliseconds, .number(.milliseconds, 0...300_000), default: "0", for: .worker,
                help: "Time limit of connecting, and then of each wait for a part of the response; 0 means none.",
                notice: "Within the time limit of the webhook. The original's is 1000 since late 2023.",
                page: "delivery.md"),
            SettingRow(
                .concurrency, .number(.count, 1...10_000), default: "256", for: .worker,
                help: "Maximum number of webhooks in progress, all apps together."),
            SettingRow(
                .appConcurrency, .number(.count, 1...10_000), default: "16", for: .worker,
                help: "Maximum number of webhooks in progress to one app.",
                notice: "Limits how much of the worker a slow app can occupy."),
            SettingRow(
                .senderThreads, .number(.count, 1...64), default: "1", for: .worker,
                help: "Number of threads that send webhooks.", notice: "One handles thousands of connections."),
            SettingRow(
                .responseBytes, .number(.bytes, 0...1_048_576), default: "65536", for: .worker,
                help: "Maximum number of bytes read of a response body."),
            SettingRow(
                .allowedNetworks, .text(placeholder: "LIST"), for: .all,
                help: "Networks that webhooks may reach although they are not public: `10.1.0.0/16,fd00:1::/32`.",
                notice: "Must be the same for all programs: the management API refuses webhook URLs by it.",
                page: "security.md"),
            SettingRow(
                .certificateAuthorityFile, .text(placeholder: "FILE"), for: .worker,
                help: "PEM file of certificate authorities to trust besides the system's, for webhooks and mail."),
            SettingRow(
                .proxy, .serverAddress, for: .worker,
                help: "Proxy for webhooks: `http://`, `https://` or `socks5h://[USER:PASSWORD@]HOST:PORT`.",
                notice: "The proxy resolves host names, so it must refuse private addresses itself."),
            SettingRow(
                .standardWebhooks, .onOrOff, default: "on", for: .worker,
                help: "Whether webhooks carry the Standard Webhooks headers besides the original's."),
        ])

    static let retries = Section(
        name: "retries", title: "Retries",
        rows: [
            SettingRow(
                .retryDelays, .numbers(.seconds, 1...604_800, maximumCount: 20),
                byPolicy: { list($0.retry.delays.map { String($0.components.seconds) }) }, for: .worker,
                help: "Delays before the second attempt, the third and so on; `none` means no retries."),
            SettingRow(
                .retryJitterPercent, .number(.percent, 0...100), byPolicy: { String($0.retry.jitterPercent) },
                for: .worker, help: "Maximum random extension of a retry delay."),
            SettingRow(
                .retryAfterMaximumSeconds, .number(.seconds, 0...604_800),
                byPolicy: { String($0.retry.maximumRetryAfter.components.seconds) }, for: .worker,
                help: "Maximum delay that a receiver can ask for with `Retry-After`."),
            SettingRow(
                .retryApps, .words(RetryPolicy.Apps.allCases.map(\.rawValue)),
                byPolicy: { $0.retry.apps.rawValue }, for: .worker,
                help: "Apps whose failed webhooks are retried."),
            SettingRow(
                .visibilitySeconds, .number(.seconds, 5...3600), default: "60", for: .worker,
                help: "Time without a heartbeat after which another worker takes over a worker's events."),
        ])

    static let disabling = Section(
        name: "disabling", title: "Automatic disabling",
        rows: [
            SettingRow(
                .disableWarnings, .numbers(.percent, 1...99, maximumCount: 10),
                byPolicy: { list($0.autoDisable.warningPercents.map { String($0) }) }, for: .worker,
                formerly: "broken-warnings",
                help: "Percentages of the failure limit at which an app's owners are warned, such as `50,90`.")
        ])

    static let mail = Section(
        name: "mail", title: "Mail",
        rows: [
            SettingRow(
                .smtp, .serverAddress, for: .worker,
                help: "Mail server: `smtp://[USER:PASSWORD@]HOST:PORT` or `smtps://…`; empty means no mail.",
                notice: """
                    The default ports are 25 and 465. HOOKLINE_MAIL_FROM and HOOKLINE_PLATFORM_URL must be set with \
                    it. Without it, the log says which mails were not sent.
                    """),
            SettingRow(
                .smtpTLS, .words(["off", "optional", "required", "implicit"]), for: .worker,
                help: "Mail encryption; empty means `required` (STARTTLS) with `smtp://`, `implicit` with `smtps://`.",
                notice: "A password needs `required` or `implicit`."),
            SettingRow(
                .mailFrom, .text(placeholder: "ADDRESS"), for: .worker,
                help: "Sender of mails: `hookline@example.com` or `Hookline <hookline@example.com>`."),
            SettingRow(
                .platformURL, .text(placeholder: "URL"), for: .all,
                help: "Address of the platform in the browser, for links in mails: `https://sentry.example.com`.",
                notice: "Where the responder recognizes sessions, its origin is trusted like the request's own host."),
            SettingRow(
                .mailLinks, .words(["platform", "dashboard"]), default: "platform", for: .worker,
                help: "Pages that mails link to: the `platform`'s settings of the app, or Hookline's own `dashboard`.",
                notice: "Use `dashboard` on a site without the platform's pages, with its URL in HOOKLINE_PLATFORM_URL."
            ),
            SettingRow(
                .mailTemplates, .text(placeholder: "FOLDER"), default: "/usr/share/hookline/templates", for: .worker,
                help: "Folder of the mail templates.",
                notice: "`make install` sets it in the settings file for another `PREFIX`."),
            SettingRow(
                .silenceMail, .onOrOff, default: "off", for: .worker,
                help: "Whether the owners of an app get a mail when it becomes silent.", page: "silence.md"),
        ])

    static let monitoring = Section(
        name: "monitoring", title: "Monitoring",
        rows: [
            SettingRow(
                .statsd, .text(placeholder: "HOST:PORT"), for: .worker,
                help: "Receiver of metrics as StatsD packets over UDP; empty means none.",
                notice: "The metrics are in `/-/status` in any case."),
            SettingRow(
                .logLevel, .words(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                default: "info", for: .worker,
                help: "Minimum level of log messages."),
        ])

    /// As the lists of settings are written.
    private static func list(_ items: [String]) -> String { items.joined(separator: ",") }
}
