import Buffer
import Delivery
import Directory
import Logging
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import CLI

/// Enabling an app that failures disabled.
@Suite struct EnablingTests {
    private static let threshold = 3

    private let bench: DeliveryBench

    init() throws {
        bench = try DeliveryBench()
        let outcome = try bench.someone.importDocument(
            #"""
            {"installations": [{"id": 2, "app_id": 1, "organization_id": 2, "uuid": "other"}]}
            """#)
        #expect(outcome.status == 0, "\(outcome.error)")
    }

    /// A monitor as a worker that was just started has it; radar is disabled at three time-outs on one day.
    private func observe(timeouts count: Int, at organizations: Int64...) throws {
        let monitor = AutoDisabler(
            connection: try bench.connection(), directory: bench.someone.directory, mailQueue: nil,
            settings: AutoDisableSettings(rule: AutoDisableRule(timeoutThreshold: Self.threshold), apps: .all),
            baseURL: "",
            metrics: MetricRegistry(), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for organization in organizations {
            let attempts = try (0..<count).map { _ in try timeout(at: organization) }
            try monitor.observe(attempts, now: .now())
        }
    }

    private func timeout(at organizationID: Int64) throws -> FinishedAttempt {
        let app = try #require(try bench.someone.directory.app(slug: "radar"))
        let installation = Installation(
            id: organizationID, appID: app.id, organizationID: organizationID, uuid: "x", dateAdded: .now())
        return FinishedAttempt(
            entry: QueueEntry(
                id: EventIDSource.random.next(), appID: app.id, event: "issue.created", enqueuedAt: .now(), payload: []),
            webhook: PlannedWebhook(
                app: app, installation: installation, event: "issue.created", url: "http://x/", headers: [],
                loggedHeaders: [], body: [], timeout: .seconds(5)),
            result: SendResult(outcome: .failed(.timeout, detail: ""), durationMilliseconds: 1), date: .now())
    }

    private func isDisabled() throws -> Bool {
        try #require(try bench.someone.directory.app(slug: "radar")).disablement != nil
    }

    /// Time-outs disable the app; those of webhooks that were under way then are counted behind.
    private func disable() throws {
        try observe(timeouts: Self.threshold, at: 2)
        try observe(timeouts: Self.threshold, at: 1, 2)
        #expect(try isDisabled())
    }

    @Test func afterEnablingOneMoreFailureDoesNotDisableAgainInNoOrganization() throws {
        try disable()

        let outcome = try bench.someone.hookline("app", "enable", "radar")
        try observe(timeouts: 1, at: 1, 2)

        #expect(outcome.status == 0)
        #expect(outcome.error.isEmpty)
        #expect(try !isDisabled())
        try observe(timeouts: Self.threshold - 1, at: 1)
        #expect(try isDisabled())
    }

    @Test func withoutRedisTheAppIsEnabledAllTheSameAndAWarningTellsWhatMayHappen() throws {
        try disable()

        let outcome = try bench.someone.hookline(
            "app", "enable", "radar", environment: ["HOOKLINE_REDIS": "unix:/nowhere/redis.sock"])

        #expect(outcome.status == 0)
        #expect(outcome.output == "Enabled radar, subscribed to issue.\n")
        #expect(outcome.error.hasPrefix("hookline: warning: what radar failed with before is still counted"))
        #expect(try !isDisabled())
        try observe(timeouts: 1, at: 1)
        #expect(try isDisabled())
    }

    @Test func theOrganizationsOfAnAppAreThoseThatHaveItInstalledEachOnceBounded() throws {
        let deleted = #""app_id": 1, "organization_id": 1, "date_deleted": "2024-02-03T04:05:06Z""#
        let outcome = try bench.someone.importDocument(
            #"""
            {"organizations": [{"id": 3, "slug": "third"}],
             "installations": [{"id": 1, "uuid": "\#(DeliveryBench.installation)", \#(deleted)},
                               {"id": 3, "app_id": 1, "organization_id": 2, "uuid": "again"},
                               {"id": 4, "app_id": 1, "organization_id": 3, "uuid": "third", "status": "pending"}]}
            """#)
        let directory = bench.someone.directory

        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try directory.organizationIDs(installing: 1, limit: 9) == [2, 3])
        #expect(try directory.organizationIDs(installing: 1, limit: 1) == [2])
        #expect(try directory.organizationIDs(installing: 2, limit: 9) == [])
    }
}
