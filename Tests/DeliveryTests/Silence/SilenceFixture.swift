import Buffer
import Delivery
import Directory
import Logging
import Model
import Queue
import Redis
import TestSupport
import WebhookRules

/// A Redis and a directory with apps that two people own, each installed in their organization.
struct SilenceFixture {
    let server: RedisServer
    var directory = MemoryDirectory()
    let log = RecordedLog()
    let now = Timestamp(seconds: 1_709_812_800)

    init(apps: ClosedRange<Int64> = 1...1) throws {
        server = try RedisServer()
        directory.organizations = AutoDisableFixture.organizations
        directory.users = AutoDisableFixture.users
        directory.memberships = AutoDisableFixture.memberships
        for id in apps { add(id) }
    }

    /// Adds an app that would get events.
    private func add(_ id: Int64) {
        var directory = directory
        directory.apps.append(
            SentryApp(
                id: id, slug: "app-\(id)", name: "app \(id)", ownerID: 4, status: .internal, uuid: "a-\(id)",
                webhookURL: "https://user:sesame@hooks.example.com/in", events: ["issue"],
                clientSecret: Secret("hush")))
        directory.installations.append(
            Installation(id: id, appID: id, organizationID: 4, uuid: "i-\(id)", dateAdded: Timestamp(seconds: 0)))
        directory.serviceHooks.append(
            ServiceHook(id: id, installationID: id, organizationID: 4, url: "", events: ["issue.created"]))
    }

    /// - Parameter directory: nil = this fixture's.
    func monitor(
        directory: (any DeliveryDirectory & AppListing)? = nil, mailQueue: Bool = true,
        _ change: (inout SilenceSettings) -> Void = { $0.sendsMails = true }
    ) throws -> SilenceMonitor {
        var settings = SilenceSettings()
        settings.stepPause = .zero
        settings.roundPause = .zero
        change(&settings)
        return SilenceMonitor(
            connection: try server.testConnection(), settings: settings, plan: PlanSettings(),
            policies: DeliveryPolicies(.sentry), breakers: nil, directory: directory ?? self.directory,
            mailQueue: mailQueue ? try server.mailQueue() : nil, baseURL: "https://sentry.example.com",
            links: .platform, log: log.logger)
    }

    /// Notes an attempt as workers do; without a row, as if that had expired.
    func remember(_ app: Int64, daysAgo days: Int64) throws {
        let times = LastTimes(connection: try server.testConnection())
        try times.noteAttempts([(app, now.adding(seconds: -days * 86_400))])
    }

    /// Adds a row as the original does.
    func store(_ app: Int64, daysAgo days: Int64) throws {
        let date = now.adding(seconds: -days * 86_400).pythonDescription
        try server.push(
            [#"{"date":"\#(date)","response_code":200,"webhook_url":"u"}"#],
            to: "sentry-app-webhook-request:{\(app)}:issue.created")
    }

    /// The silent apps of the last whole round, by cause.
    func counts() throws -> [String: Int64]? {
        try SilenceRounds(connection: try server.testConnection()).silentApps()
    }

    /// The mails that are queued and not taken yet.
    func mails() throws -> [QueuedMail] {
        let queue = try server.mailQueue()
        return try queue.receive(consumer: "test", count: 100).compactMap { QueuedMail(bytes: $0.entry.payload) }
    }
}
