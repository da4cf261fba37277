import Buffer
import Delivery
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// An integration that stays broken is disabled.
@Suite
struct IntegrationMonitorTests {
    /// The original's `timeout_disable`.
    @Test func threeTimeoutsAtAThresholdOfThreeDisable() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor()

        try monitor.observe(world.timeouts(2), now: world.noon)
        let before = try world.events()
        try monitor.observe(world.timeouts(1), now: world.noon)

        #expect(before == ["issue", "comment"])
        #expect(try world.events() == [])
        #expect(try world.healthKeys() == "*0\r\n")
        #expect(
            try world.directory.app(id: 31)?.disablement?.reason
                == "timed out or could not be reached 3 times on one day")
        #expect(try world.directory.pendingNotices(limit: 10) == [])
        #expect(world.metrics.disabled == 1)
    }

    /// The original's `slow_should_disable`.
    @Test func anErrorOnEachOfSevenDaysDisables() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(AutoDisableSettings())

        for day in (1...6).reversed() {
            let date = world.noon.adding(seconds: -86400 * Int64(day))
            try monitor.observe([world.answer(400, at: date)], now: date)
        }
        let before = try world.events()
        try monitor.observe([world.answer(404)], now: world.noon)

        #expect(before == ["issue", "comment"])
        #expect(try world.events() == [])
        #expect(try world.healthKeys() == "*0\r\n")
        let entry = try #require(world.directory.auditEntries.first)
        #expect(world.directory.auditEntries.count == 1)
        #expect(entry.event == 131 && entry.organizationID == 4 && entry.targetObject == 4)
        #expect(entry.actorLabel == "Sentry" && entry.actorID == nil && entry.date == world.noon)
        #expect(entry.dataJSON == #"{"name":"my PAGER \"x\""}"#)
    }

    /// The first error of the last day decides, however recently the days were read.
    @Test func theFirstErrorOfTheSeventhDayIsSeenAtOnceAfterATimeout() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(AutoDisableSettings())
        for day in (1...6).reversed() {
            let date = world.noon.adding(seconds: -86400 * Int64(day))
            try monitor.observe([world.answer(400, at: date)], now: date)
        }

        try monitor.observe(world.timeouts(1), now: world.noon)
        let before = try world.events()
        try monitor.observe([world.answer(400)], now: world.noon)

        #expect(before == ["issue", "comment"])
        #expect(try world.events() == [])
    }

    @Test func aSuccessOnOneOfTheDaysKeepsTheApp() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor(AutoDisableSettings())

        for day in (0...6).reversed() {
            let date = world.noon.adding(seconds: -86400 * Int64(day))
            let answers = day == 3 ? [400, 200] : [400]
            try monitor.observe(answers.map { world.answer($0, at: date) }, now: date)
        }

        #expect(try world.events() == ["issue", "comment"])
        #expect(world.directory.auditEntries.isEmpty)
    }

    @Test(arguments: [
        (SendResult.Outcome.answered(ReceivedResponse(status: 204)), FailureKind?.some(.success)),
        (.answered(ReceivedResponse(status: 302)), nil), (.answered(ReceivedResponse(status: 400)), .error),
        (.answered(ReceivedResponse(status: 429)), nil), (.answered(ReceivedResponse(status: 499)), .error),
        (.answered(ReceivedResponse(status: 500)), nil), (.failed(.timeout, detail: ""), .timeout),
        (.failed(.connection, detail: ""), .timeout), (.failed(.dns, detail: ""), .timeout),
        (.failed(.tls, detail: ""), .timeout), (.failed(.protocol, detail: ""), .timeout),
        (.failed(.blockedAddress, detail: ""), .error), (.failed(.invalidURL, detail: ""), .error),
        (.failed(.bodyTooLarge, detail: ""), nil), (.failed(.invalidHeader, detail: ""), nil),
        (.failed(.proxy, detail: ""), nil), (.failed(.cancelled, detail: ""), nil),
        (.failed(.internal, detail: ""), nil),
    ])
    func attemptsCountForWhatTheyAre(_ outcome: SendResult.Outcome, _ counted: FailureKind?) throws {
        let world = try HealthWorld()

        #expect(world.attempt(outcome, at: world.noon).healthOutcome == counted)
    }

    @Test func manyAttemptsAreCountedTogether() throws {
        let world = try HealthWorld()
        let attempts = [200, 400, 201, 500, 429].map { world.answer($0) } + world.timeouts(2)

        try world.monitor().observe(attempts, now: world.noon)

        #expect(
            try world.server.command("HGETALL", "sentry-app-error:31:4:2024-03-07")
                == "*6\r\n$13\r\nsuccess_count\r\n$1\r\n2\r\n$11\r\nerror_count\r\n$1\r\n1\r\n"
                + "$13\r\ntimeout_count\r\n$1\r\n2\r\n")
    }

    @Test(arguments: [
        (SentryApp.Status.published, AutoDisableSettings.Apps.internal, false), (.unpublished, .internal, false),
        (.published, .all, true), (.internal, .none, false),
    ])
    func onlyChosenAppsAreCounted(
        _ status: SentryApp.Status, _ apps: AutoDisableSettings.Apps, _ isCounted: Bool
    ) throws {
        let world = try HealthWorld(status: status)
        let rule = AutoDisableRule(timeoutThreshold: 3)

        try world.monitor(AutoDisableSettings(rule: rule, apps: apps)).observe(world.timeouts(2), now: world.noon)
        let counted = try world.healthKeys() != "*0\r\n"
        try world.monitor(AutoDisableSettings(rule: rule, apps: apps)).observe(world.timeouts(1), now: world.noon)

        #expect(counted == isCounted)
        #expect(try world.events() == (isCounted ? [] : ["issue", "comment"]))
    }

    /// 410 Gone, whatever the app's status and the setting; its reason is told.
    @Test(arguments: [SentryApp.Status.published, .internal, .unpublished])
    func aReceiverThatIsGoneIsHeardAtOnce(_ status: SentryApp.Status) throws {
        let world = try HealthWorld(status: status)
        let monitor = try world.monitor(AutoDisableSettings(apps: .none))

        try monitor.observe([world.answer(410), world.answer(410)], now: world.noon)

        let mails = try world.queuedMails()
        #expect(try world.events() == [])
        #expect(
            mails.map(\.notice.reason)
                == Array(repeating: "answered 410 Gone, which asks for no more webhooks", count: 2))
        #expect(world.directory.auditEntries.count == 1)
    }

    @Test func anAppWithoutItsOrganizationIsLeftAndLoggedOnce() throws {
        let world = try HealthWorld(organizationID: 9)
        let monitor = try world.monitor()

        try monitor.observe(world.timeouts(3), now: world.noon)
        try monitor.observe(world.timeouts(1), now: world.noon)

        #expect(try world.events() == ["issue", "comment"])
        #expect(world.log.lines("a broken app cannot be disabled: its organization is gone").count == 1)
    }

    @Test func enablingBringsTheSubscriptionsBackAndTheNextDisablingMailsAgain() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor()
        let audit = AuditEntry.Draft(organizationID: 4, event: 1, actorLabel: "me", date: world.noon)

        try monitor.observe(world.timeouts(3), now: world.noon)
        let isEnabled = try world.directory.enable(appID: 31, audit: audit)
        let events = try world.events()
        try monitor.observe(world.timeouts(2), now: world.noon)
        let after = try world.events()
        try monitor.observe(world.timeouts(1), now: world.noon)

        #expect(isEnabled && events == ["issue", "comment"] && after == events)
        #expect(try world.events() == [])
        #expect(
            try world.queuedMails().map(\.recipient) == [
                "a@example.com", "b@example.com", "a@example.com", "b@example.com",
            ])
        #expect(world.log.lines("sentryapp.disabled").count == 2)
    }

    @Test func theLogLineNamesTheAppAndNoPassword() throws {
        let world = try HealthWorld()

        try world.monitor().observe(world.timeouts(3), now: world.noon)

        let line = try #require(world.log.lines("sentryapp.disabled").first)
        #expect(line.level == "info")
        #expect(
            line.metadata == [
                "sentryapp_webhook": "https://hooks.example.com/in", "sentryapp_slug": "pager",
                "sentryapp_uuid": "u-31", "org_id": "4",
                "reason": "timed out or could not be reached 3 times on one day",
            ])
    }

    @Test func withoutAMailServerTheFactsAreLogged() throws {
        let world = try HealthWorld()

        try world.monitor(mails: false).observe(world.timeouts(3), now: world.noon)

        let line = try #require(
            world.log.lines("no mail server is set: the owners are not told of their integration").first)
        #expect(line.level == "warning")
        #expect(line.metadata["sentryapp_slug"] == "pager" && line.metadata["owners"] == "2")
        #expect(try world.directory.pendingNotices(limit: 10) == [])
    }

    /// The organization that the app belongs to is told as well as the one that it failed for; who owns both once.
    @Test func theOwnersOfAPublishedAppAreToldToo() throws {
        let world = try HealthWorld(status: .published, organizationID: 5)
        let settings = AutoDisableSettings(rule: AutoDisableRule(timeoutThreshold: 3), apps: .all)

        try world.monitor(settings).observe(world.timeouts(3), now: world.noon)

        let mails = try world.queuedMails()
        #expect(mails.map(\.recipient) == ["a@example.com", "b@example.com", "d@example.com"])
        #expect(mails.map(\.notice.organizationSlug) == ["acme", "acme", "other"])
        #expect(world.directory.auditEntries.map(\.organizationID) == [5])
    }

    /// Nothing is asked of the directory while nothing is broken, and Redis is asked for the days only now and then.
    @Test func countingAsksForNothingMore() throws {
        let world = try HealthWorld()
        let directory = CountingDirectory(world.directory)
        let monitor = try world.monitor(AutoDisableSettings(), directory: directory)
        try world.server.command("CONFIG", "RESETSTAT")

        for _ in 0..<20 { try monitor.observe(world.timeouts(5) + [world.answer(200)], now: world.noon) }

        let statistics = try world.server.command("INFO", "commandstats")
        #expect(directory.questions.isEmpty)
        #expect(statistics.contains("cmdstat_hincrby:calls=40,"))
        #expect(statistics.contains("cmdstat_hmget:calls=7,"))
    }
}
