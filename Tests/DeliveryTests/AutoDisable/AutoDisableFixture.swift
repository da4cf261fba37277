import Buffer
import Delivery
import Directory
import Logging
import Model
import Queue
import Redis
import System
import TestSupport
import WebhookRules

/// A Redis, a directory with an app that two people own, and what a autoDisabler reports.
struct AutoDisableFixture {
    let server: RedisServer
    let directory: MemoryDirectory
    let log = RecordedLog()
    let metrics = DisablingMetrics()
    let app: SentryApp
    let installation: Installation
    /// 2024-03-07 12:00:00 UTC.
    let noon = Timestamp(seconds: 1_709_812_800)

    static let baseURL = "https://sentry.example.com/"

    /// - Parameter organizationID: where the app is installed; it belongs to organization 4.
    init(
        status: SentryApp.Status = .internal, organizationID: Int64 = 4, policy: DeliveryPolicyName? = nil
    ) throws {
        server = try RedisServer()
        var app = AutoDisableFixture.app(status: status)
        app.deliveryPolicy = policy
        self.app = app
        installation = Installation(
            id: 7, appID: 31, organizationID: organizationID, uuid: "i-7", dateAdded: Timestamp(seconds: 0))
        var directory = MemoryDirectory()
        directory.apps = [app]
        directory.installations = [installation]
        directory.organizations = AutoDisableFixture.organizations
        directory.users = AutoDisableFixture.users
        directory.memberships = AutoDisableFixture.memberships
        self.directory = directory
    }

    static func app(status: SentryApp.Status) -> SentryApp {
        SentryApp(
            id: 31, slug: "pager", name: "my PAGER \"x\"", ownerID: 4, status: status, uuid: "u-31",
            webhookURL: "https://user:sesame@hooks.example.com/in", events: ["issue", "comment"])
    }

    static let organizations = [
        Organization(id: 4, slug: "acme", name: "Acme"), Organization(id: 5, slug: "other", name: "Other"),
    ]

    static let users = [
        User(id: 1, username: "a", email: "a@example.com", name: "Ä"),
        User(id: 2, username: "b", email: "b@example.com"), User(id: 3, username: "c", email: "c@example.com"),
        User(id: 4, username: "d", email: "d@example.com"),
        User(id: 5, username: "e", email: "e@example.com", isActive: false),
    ]

    /// Organization 4 belongs to users 1, 2 and (inactive) 5; organization 5 to users 2 and 4.
    static let memberships = [
        Membership(userID: 1, organizationID: 4, role: .owner),
        Membership(userID: 2, organizationID: 4, role: .owner),
        Membership(userID: 5, organizationID: 4, role: .owner),
        Membership(userID: 3, organizationID: 4, role: .manager),
        Membership(userID: 2, organizationID: 5, role: .owner),
        Membership(userID: 4, organizationID: 5, role: .owner),
    ]

    func autoDisabler(
        _ settings: AutoDisableSettings = AutoDisableSettings(rule: .daily(AutoDisableRule(timeoutThreshold: 3))),
        directory: (any DeliveryDirectory)? = nil, mails: Bool = true
    ) throws -> AutoDisabler {
        var policy = DeliveryPolicy.sentry
        policy.autoDisable = settings
        return try autoDisabler(policies: DeliveryPolicies(policy), directory: directory, mails: mails)
    }

    func autoDisabler(
        policies: DeliveryPolicies, directory: (any DeliveryDirectory)? = nil, mails: Bool = true,
        names: PlatformNames = .default
    ) throws -> AutoDisabler {
        AutoDisabler(
            connection: try server.testConnection(), directory: directory ?? self.directory,
            mailQueue: mails ? try server.mailQueue() : nil, policies: policies, baseURL: AutoDisableFixture.baseURL,
            names: names, metrics: metrics, log: log.logger)
    }

    /// - Parameter app: nil = this fixture's.
    func attempt(
        _ outcome: SendResult.Outcome, of app: SentryApp? = nil, at date: Timestamp, rules: ProtocolRules = .default
    ) -> FinishedAttempt {
        let app = app ?? self.app
        return FinishedAttempt(
            entry: QueueEntry(
                id: String(repeating: "a", count: 32), appID: app.id, event: "issue.created", enqueuedAt: date,
                payload: []),
            webhook: PlannedWebhook(
                app: app, installation: installation, event: "issue.created", url: app.webhookURL ?? "", headers: [],
                loggedHeaders: [], body: [], timeout: .seconds(5), rules: rules),
            result: SendResult(outcome: outcome, durationMilliseconds: 1), date: date)
    }

    func timeouts(_ count: Int, at date: Timestamp? = nil, rules: ProtocolRules = .default) -> [FinishedAttempt] {
        (0..<count).map { _ in attempt(.failed(.timeout, detail: ""), at: date ?? noon, rules: rules) }
    }

    func response(_ status: Int, at date: Timestamp? = nil) -> FinishedAttempt {
        attempt(.response(ReceivedResponse(status: status)), at: date ?? noon)
    }

    /// The mails that are queued, in order; they stay with a consumer of this call's own.
    func queuedMails() throws -> [QueuedMail] {
        let consumer = "test-\(UInt64.random(in: 0 ... .max))"
        let queue = try server.mailQueue()
        var mails: [QueuedMail] = []
        while let delivery = try queue.receive(consumer: consumer, count: 1).first {
            if let mail = QueuedMail(bytes: delivery.entry.payload) { mails.append(mail) }
        }
        return mails
    }

    func failureCountKeys() throws -> String { try server.command("KEYS", "sentry-app-error:*") }

    func events() throws -> [String]? { try directory.app(id: 31)?.events }
}

extension AutoDisabler {
    /// Everything that follows from attempts, as a worker's threads do it one after the other.
    func process(_ attempts: [FinishedAttempt], now: Timestamp) throws {
        _ = try noteGone(attempts)
        let observation = Result { try observe(attempts, now: now) }
        _ = try completeNotices(now: now)
        _ = try observation.get()
    }
}

extension RedisServer {
    func testConnection() throws -> RedisConnection {
        RedisConnection(
            endpoint: try RedisEndpoint(parsing: url), connectTimeout: .seconds(10), commandTimeout: .seconds(10))
    }

    func mailQueue() throws -> DeliveryQueue {
        DeliveryQueue(connection: try testConnection(), settings: .mail)
    }
}

/// Keeps what is logged.
struct RecordedLog: LogHandler {
    struct Line: Sendable {
        var level: String
        var message: String
        var metadata: [String: String]
    }

    private let kept = Lock<[Line]>([])
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    var logger: Logger { Logger(label: "health") { _ in self } }

    var lines: [Line] { kept.withLock { $0 } }

    func lines(_ message: String) -> [Line] { lines.filter { $0.message == message } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let texts = (event.metadata ?? [:]).mapValues { "\($0)" }
        kept.withLock { $0.append(Line(level: "\(event.level)", message: "\(event.message)", metadata: texts)) }
    }
}

/// Counts disabled apps only.
struct DisablingMetrics: DeliveryMetrics {
    private let disabledCount = Lock(0)

    var disabled: Int { disabledCount.withLock { $0 } }

    func countDisabled() { disabledCount.withLock { $0 += 1 } }
    func countBreakerOpening() {}
    func countResponse(status: String, integration: String, event: EventType) {}
    func countProcessed(event: EventType) {}
    func countRetry() {}
    func countDeadLetter() {}
    func recordDuration(milliseconds: Int) {}
    func recordDelay(milliseconds: Int) {}
}
