import Delivery
import Logging
import ProgramSupport
import WebhookRules

/// The settings as the program uses them.
struct WorkerConfiguration: Sendable {
    var process: ProcessSettings
    var stores: StoreConfiguration
    var sender: SenderSettings
    var plan: PlanSettings
    var retry: RetryPolicy
    /// After this time without a sign of life another worker takes over.
    var visibilityTimeout: Duration
    /// What happens to integrations that stay broken.
    var broken: AutoDisableSettings
    /// Nil = no mail.
    var mail: MailSettings?
    /// Base of links in mails, without a slash at its end; empty where no mail is sent and none is set.
    var platformURL: String
    /// Nil = no StatsD.
    var statsd: HostAndPort?
    var drainTime: Duration
    var logLevel: Logger.Level
}

/// How owners are told.
struct MailSettings: Hashable, Sendable {
    var server: SMTPSettings
    var sender: MailAddress
    var templatesDirectory: String
}
