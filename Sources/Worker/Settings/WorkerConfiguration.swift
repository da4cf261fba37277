import Delivery
import Logging
import ProgramSupport

/// The settings as the program uses them.
struct WorkerConfiguration {
    var stores: StoreConfiguration
    var sender: SenderSettings
    var plan: PlanSettings
    var retry: RetryPolicy
    /// After this time without a sign of life another worker takes over.
    var visibilityTimeout: Duration
    var broken: BrokenSettings
    /// Nil = no mail.
    var mail: MailSettings?
    /// Base of links in mails, without a slash at its end; empty where no mail is sent and none is set.
    var platformURL: String
    /// Nil = no StatsD.
    var statsd: HostAndPort?
    var drainTime: Duration
    var logLevel: Logger.Level
}

/// What happens to integrations that stay broken.
struct BrokenSettings: Hashable {
    enum Apps: String, CaseIterable {
        /// As the original.
        case `internal`
        case all
        case none
    }

    var apps: Apps
    var rule: BrokenRule
    /// Per cent of the way to broken, rising.
    var warningPercents: [Int]
}

/// How owners are told.
struct MailSettings: Hashable {
    var server: SMTPSettings
    var sender: MailAddress
    var templatesDirectory: String
}
