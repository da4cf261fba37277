import Delivery
import Logging
import ProgramSupport
import WebhookRules

/// The settings as the program uses them.
struct WorkerConfiguration: ProgramConfiguration, Sendable {
    var process: ProcessSettings
    var stores: StoreSettings
    var sender: SenderSettings
    var plan: PlanSettings
    /// What counts as a failure, when it is retried, and when apps are disabled.
    var policies: DeliveryPolicies
    /// The policy of apps without one of their own.
    var policy: DeliveryPolicy { policies.deployment }
    /// How silent apps are looked for.
    var silence: SilenceSettings
    /// After this time without a heartbeat another worker takes over.
    var visibilityTimeout: Duration
    /// Nil = no mail.
    var mail: MailSettings?
    /// Base of links in mails, without a slash at its end; empty if it is not set.
    var platformURL: String
    /// The pages that mails link to.
    var mailLinks: AutoDisableNotice.Links
    /// Nil = no StatsD.
    var statsd: HostAndPort?
    var drainTime: Duration
    var logLevel: Logger.Level
}

/// How owners are notified.
struct MailSettings: Hashable, Sendable {
    var server: SMTPSettings
    var sender: MailAddress
    var templatesDirectory: String
}
