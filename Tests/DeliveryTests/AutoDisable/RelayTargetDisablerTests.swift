import Delivery
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// A target of a relay that never succeeds is disabled, and nothing else. Redis is real, the days are virtual.
@Suite struct RelayTargetDisablerTests {
    /// An attempt of event `number` for a target, some hours after the first.
    private func attempt(
        _ fixture: AutoDisableFixture, _ status: Int, hours: Double, event number: Int, target: String = "ci"
    ) -> FinishedAttempt {
        let date = date(fixture, hours)
        var app = fixture.app
        app.relayTargets = RelayTargets([RelayTarget(name: target, url: "https://user:sesame@ci.test/in")]).stored
        let digits = String(number, radix: 16)
        return FinishedAttempt(
            entry: QueueEntry(
                id: String(repeating: "0", count: 32 - digits.count) + digits, appID: app.id, event: "issue.created",
                enqueuedAt: date, payload: [], target: target),
            webhook: PlannedWebhook(
                app: app, installation: nil, event: "issue.created", url: "https://user:sesame@ci.test/in",
                headers: [], loggedHeaders: [], body: [], timeout: .seconds(5),
                relay: .init(target: target, requestID: "r")),
            result: SendResult(outcome: .response(ReceivedResponse(status: status)), durationMilliseconds: 1),
            date: date)
    }

    private func date(_ fixture: AutoDisableFixture, _ hours: Double) -> Timestamp {
        fixture.noon.adding(seconds: Int64(hours * 3600))
    }

    private func disabled(_ fixture: AutoDisableFixture) throws -> [String: TargetDisabling] {
        try RelayTargetStates(connection: try fixture.server.testConnection()).disabled(appID: 31)
    }

    private func mails(_ fixture: AutoDisableFixture) throws -> [AutoDisableNotice] {
        try fixture.queuedMails().filter { $0.recipient == "a@example.com" }.map(\.notice)
    }

    /// Also where the deployment follows the original, which would disable nothing here.
    @Test func sevenDaysWithoutASuccessWarnTwiceAndThenDisableTheTargetAlone() throws {
        let fixture = try AutoDisableFixture(status: .published)
        let autoDisabler = try fixture.autoDisabler(policies: DeliveryPolicies(.sentry))

        for hours in [0.0, 84, 152] {
            try autoDisabler.process(
                [attempt(fixture, 500, hours: hours, event: Int(hours))], now: date(fixture, hours))
        }
        let before = try disabled(fixture)
        try autoDisabler.process([attempt(fixture, 500, hours: 168, event: 200)], now: date(fixture, 168))

        #expect(before.isEmpty)
        let disabling = try #require(try disabled(fixture)["ci"])
        #expect(disabling.date == date(fixture, 168))
        #expect(disabling.reason == "has failed every time since 2024-03-07 12:00 UTC, for 7 days or longer")
        let notices = try mails(fixture)
        #expect(notices.map(\.kind) == [.warning(percent: 50), .warning(percent: 90), .targetDisabled])
        #expect(notices.map(\.target) == ["ci", "ci", "ci"])
        #expect(notices.first?.webhookURL == "https://ci.test/in")
        #expect(try fixture.events() == ["issue", "comment"])
        let entry = try #require(fixture.directory.auditEntries.first)
        #expect(fixture.directory.auditEntries.count == 1 && entry.event == AuditEntry.targetDisabled)
        #expect(entry.organizationID == 4 && entry.dataJSON.contains(#""target":"ci""#))
        // Neither the original's counters nor the app's window.
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        #expect(try fixture.server.command("KEYS", "hookline:{app:31}:failures") == "*0\r\n")
        #expect(try fixture.server.command("KEYS", "hookline:{app:31}:target:*") == "*0\r\n")
        #expect(try fixture.server.integer("HLEN", "hookline:targets-disabled") == 0)
    }

    @Test func anotherTargetsSuccessChangesNothing() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(policies: DeliveryPolicies(.standard))

        for hours in [0.0, 84, 168] {
            try autoDisabler.process(
                [
                    attempt(fixture, 500, hours: hours, event: Int(hours)),
                    attempt(fixture, 200, hours: hours, event: Int(hours) + 1, target: "chat"),
                ], now: date(fixture, hours))
        }

        #expect(try disabled(fixture).keys.sorted() == ["ci"])
        #expect(try fixture.events() == ["issue", "comment"])
    }

    @Test func aTargetThatIsGoneIsDisabledAtOnceAndItsOwnersAreToldOnce() throws {
        let fixture = try AutoDisableFixture()
        let autoDisablers = try (0..<3).map { _ in try fixture.autoDisabler(policies: DeliveryPolicies(.standard)) }

        for autoDisabler in autoDisablers {
            _ = try autoDisabler.noteGone([attempt(fixture, 410, hours: 0, event: 1)])
        }
        for autoDisabler in autoDisablers { _ = try autoDisabler.completeNotices(now: fixture.noon) }

        #expect(
            try disabled(fixture)["ci"]?.reason == "responded with 410 Gone, which asks for no more webhooks")
        #expect(try mails(fixture).map(\.kind) == [.targetDisabled])
        #expect(fixture.directory.auditEntries.count == 1)
        #expect(try fixture.events() == ["issue", "comment"])
    }

    @Test func whatTheDirectoryRefusesIsDoneLater() throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(policies: DeliveryPolicies(.standard), directory: directory)
        _ = try autoDisabler.noteGone([attempt(fixture, 410, hours: 0, event: 1)])

        directory.fail("owners")
        _ = try? autoDisabler.completeNotices(now: fixture.noon)
        let isDisabled = try !disabled(fixture).isEmpty
        let early = try mails(fixture)
        directory.fail()
        _ = try autoDisabler.completeNotices(now: fixture.noon)

        #expect(isDisabled && early.isEmpty)
        #expect(try mails(fixture).map(\.kind) == [.targetDisabled])
        #expect(fixture.directory.auditEntries.map(\.event) == [AuditEntry.targetDisabled])
    }

    /// The worker died between its two writes.
    @Test func aNoticeDisablesATargetThatIsNotYet() throws {
        let fixture = try AutoDisableFixture()
        let states = RelayTargetStates(connection: try fixture.server.testConnection())
        let disabling = TargetDisabling(date: fixture.noon, reason: "x")
        try states.add(TargetNotice(destination: WebhookDestination(appID: 31, target: "ci"), disabling: disabling))

        _ = try fixture.autoDisabler(policies: DeliveryPolicies(.standard)).completeNotices(now: fixture.noon)

        #expect(try disabled(fixture) == ["ci": disabling])
        #expect(try mails(fixture).map(\.kind) == [.targetDisabled])
    }
}
