import Buffer
import Delivery
import Directory
import Logging
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// Silent apps with a directory in each store.
@Suite(.eachStore) struct SilenceStoreTests {
    private static let now = Timestamp(seconds: 1_709_812_800)

    private let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture(
            more: #", "users": [{"id": 1, "email": "ada@acme.example"}]"#
                + #", "memberships": [{"user_id": 1, "organization_id": 1, "role": "owner"}]"#)
        try LastTimes(connection: fixture.connection()).noteAttempts([(1, Self.now.adding(seconds: -8 * 86_400))])
    }

    /// What a worker's look at all apps counts.
    private func counts() throws -> [String: Int64]? {
        var settings = SilenceSettings()
        settings.sendsMails = true
        settings.roundPause = .zero
        let connection = try fixture.connection()
        let monitor = SilenceMonitor(
            connection: connection, settings: settings, plan: PlanSettings(), policies: DeliveryPolicies(.sentry),
            breakers: nil, directory: try fixture.runner.directory,
            mailQueue: DeliveryQueue(connection: connection, settings: .mail), baseURL: "https://sentry.example.com",
            links: .platform, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(try monitor.step(now: Self.now))
        return try SilenceRounds(connection: connection).silentApps()
    }

    /// The recipients of mails that are queued and not taken yet.
    private func recipients() throws -> [String] {
        let queue = DeliveryQueue(connection: try fixture.connection(), settings: .mail)
        return try queue.receive(consumer: "test", count: 10).compactMap {
            QueuedMail(bytes: $0.entry.payload)?.recipient
        }
    }

    @Test func theCausesFollowTheDirectoryAndTheOwnersAreMailedOnce() throws {
        #expect(try counts() == ["no-event-accepted": 1])
        #expect(try recipients() == ["ada@acme.example"])

        try fixture.store { $0.clientSecret = Secret("") }
        #expect(try counts() == ["missing-secret": 1])

        var document = try fixture.runner.directory.document()
        document.apps[0].app.clientSecret = Secret("hush")
        document.serviceHooks[0].events = ["comment"]
        try fixture.runner.store(document)
        #expect(try counts() == ["not-subscribed": 1])

        document.installations[0].installation.dateDeleted = Self.now
        try fixture.runner.store(document)
        #expect(try counts() == ["missing-installation": 1])

        try fixture.store { $0.dateDeleted = Self.now }
        #expect(try counts() == [:])
        #expect(try recipients() == [])
    }
}
