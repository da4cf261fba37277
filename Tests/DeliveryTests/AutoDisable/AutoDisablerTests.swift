import Buffer
import Delivery
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// An app that keeps failing is disabled.
@Suite
struct AutoDisablerTests {
    /// The original's `timeout_disable`.
    /// A deployment with the other policy counts nothing by days.
    @Test func anAppWithTheOriginalsPolicyIsDisabledByItsRule() throws {
        let fixture = try AutoDisableFixture(policy: .sentry)
        let autoDisabler = try fixture.autoDisabler(policies: DeliveryPolicies(.standard))

        for day in 0..<7 {
            let date = fixture.noon.adding(seconds: Int64(day) * 86_400)
            try autoDisabler.process([fixture.response(400, at: date)], now: date)
        }

        #expect(try fixture.events() == [])
        #expect(
            try fixture.directory.app(id: 31)?.disablement?.reason
                == "responded with errors, and never with a success, on 7 days in a row")
    }

    @Test func threeTimeoutsAtAThresholdOfThreeDisable() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler()

        try autoDisabler.process(fixture.timeouts(2), now: fixture.noon)
        let before = try fixture.events()
        try autoDisabler.process(fixture.timeouts(1), now: fixture.noon)

        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        #expect(
            try fixture.directory.app(id: 31)?.disablement?.reason
                == "timed out or could not be reached 3 times on one day")
        #expect(try fixture.directory.pendingNotices(limit: 10) == [])
        #expect(fixture.metrics.disabled == 1)
    }

    /// The original's `slow_should_disable`.
    /// The original has no such rule from 25.3 on; where a setting says which apps are disabled, it counts.
    @Test(arguments: [("25.2", true, true), ("25.3", true, false), ("26.9", false, true)])
    func theReleaseOfTheWebhookDecidesUnlessASettingDoes(release: String, follows: Bool, isDisabled: Bool) throws {
        let fixture = try AutoDisableFixture()
        var policy = DeliveryPolicy.sentry
        policy.autoDisable = AutoDisableSettings(rule: .daily(AutoDisableRule(timeoutThreshold: 3)), apps: .all)
        if !follows { policy.following.remove(.automaticDisabling) }
        let autoDisabler = try fixture.autoDisabler(policies: DeliveryPolicies(policy))
        let rules = ProtocolRules(try ProtocolRelease(parsing: release))

        try autoDisabler.process(fixture.timeouts(3, rules: rules), now: fixture.noon)

        #expect((try fixture.events() == []) == isDisabled)
    }

    @Test func anErrorOnEachOfSevenDaysDisables() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(AutoDisableSettings())

        for day in (1...6).reversed() {
            let date = fixture.noon.adding(seconds: -86400 * Int64(day))
            try autoDisabler.process([fixture.response(400, at: date)], now: date)
        }
        let before = try fixture.events()
        try autoDisabler.process([fixture.response(404)], now: fixture.noon)

        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        let entry = try #require(fixture.directory.auditEntries.first)
        #expect(fixture.directory.auditEntries.count == 1)
        #expect(entry.event == 131 && entry.organizationID == 4 && entry.targetObject == 4)
        #expect(entry.actorLabel == "Sentry" && entry.actorID == nil && entry.date == fixture.noon)
        #expect(entry.dataJSON == #"{"name":"my PAGER \"x\""}"#)
    }

    @Test func theActorOfTheAuditEntryIsThePlatformByItsName() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(
            policies: DeliveryPolicies(.standard), names: PlatformNames(platform: "Acme"))

        try autoDisabler.process([fixture.response(410)], now: fixture.noon)

        #expect(fixture.directory.auditEntries.map(\.actorLabel) == ["Acme"])
    }

    /// The first error of the last day decides, however recently the days were read.
    @Test func theFirstErrorOfTheSeventhDayIsSeenAtOnceAfterATimeout() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(AutoDisableSettings())
        for day in (1...6).reversed() {
            let date = fixture.noon.adding(seconds: -86400 * Int64(day))
            try autoDisabler.process([fixture.response(400, at: date)], now: date)
        }

        try autoDisabler.process(fixture.timeouts(1), now: fixture.noon)
        let before = try fixture.events()
        try autoDisabler.process([fixture.response(400)], now: fixture.noon)

        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
    }

    @Test func aSuccessOnOneOfTheDaysKeepsTheApp() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(AutoDisableSettings())

        for day in (0...6).reversed() {
            let date = fixture.noon.adding(seconds: -86400 * Int64(day))
            let statuses = day == 3 ? [400, 200] : [400]
            try autoDisabler.process(statuses.map { fixture.response($0, at: date) }, now: date)
        }

        #expect(try fixture.events() == ["issue", "comment"])
        #expect(fixture.directory.auditEntries.isEmpty)
    }

    @Test(arguments: [
        (SendResult.Outcome.response(ReceivedResponse(status: 204)), FailureKind?.some(.success)),
        (.response(ReceivedResponse(status: 302)), nil), (.response(ReceivedResponse(status: 400)), .error),
        (.response(ReceivedResponse(status: 429)), nil), (.response(ReceivedResponse(status: 499)), .error),
        (.response(ReceivedResponse(status: 500)), nil), (.failed(.timeout, detail: ""), .timeout),
        (.failed(.connection, detail: ""), .timeout), (.failed(.dns, detail: ""), .timeout),
        (.failed(.tls, detail: ""), .timeout), (.failed(.protocol, detail: ""), .timeout),
        (.failed(.blockedAddress, detail: ""), .error), (.failed(.invalidURL, detail: ""), .error),
        (.failed(.bodyTooLarge, detail: ""), nil), (.failed(.invalidHeader, detail: ""), nil),
        (.failed(.proxy, detail: ""), nil), (.failed(.cancelled, detail: ""), nil),
        (.failed(.internal, detail: ""), nil), (.failed(.leaseLost, detail: ""), nil),
    ])
    func attemptsCountForWhatTheyAre(_ outcome: SendResult.Outcome, _ counted: FailureKind?) throws {
        let fixture = try AutoDisableFixture()

        #expect(fixture.attempt(outcome, at: fixture.noon).countedAs == counted)
    }

    @Test func manyAttemptsAreCountedTogether() throws {
        let fixture = try AutoDisableFixture()
        let attempts = [200, 400, 201, 500, 429].map { fixture.response($0) } + fixture.timeouts(2)

        try fixture.autoDisabler().process(attempts, now: fixture.noon)

        #expect(
            try fixture.server.command("HGETALL", "sentry-app-error:31:4:2024-03-07")
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
        let fixture = try AutoDisableFixture(status: status)
        let rule = AutoDisableRule(timeoutThreshold: 3)

        try fixture.autoDisabler(AutoDisableSettings(rule: .daily(rule), apps: apps)).process(
            fixture.timeouts(2), now: fixture.noon)
        let counted = try fixture.failureCountKeys() != "*0\r\n"
        try fixture.autoDisabler(AutoDisableSettings(rule: .daily(rule), apps: apps)).process(
            fixture.timeouts(1), now: fixture.noon)

        #expect(counted == isCounted)
        #expect(try fixture.events() == (isCounted ? [] : ["issue", "comment"]))
    }

    /// 410 Gone, regardless of the app's status and the setting.
    @Test(arguments: [SentryApp.Status.published, .internal, .unpublished])
    func a410ResponseDisablesTheAppAtOnce(_ status: SentryApp.Status) throws {
        let fixture = try AutoDisableFixture(status: status)
        let autoDisabler = try fixture.autoDisabler(AutoDisableSettings(apps: .none))

        try autoDisabler.process([fixture.response(410), fixture.response(410)], now: fixture.noon)

        let mails = try fixture.queuedMails()
        #expect(try fixture.events() == [])
        #expect(
            mails.map(\.notice.reason)
                == Array(repeating: "responded with 410 Gone, which asks for no more webhooks", count: 2))
        #expect(fixture.directory.auditEntries.count == 1)
    }

    @Test func anAppWithoutItsOrganizationIsLeftAndLoggedOnce() throws {
        let fixture = try AutoDisableFixture(organizationID: 9)
        let autoDisabler = try fixture.autoDisabler()

        try autoDisabler.process(fixture.timeouts(3), now: fixture.noon)
        try autoDisabler.process(fixture.timeouts(1), now: fixture.noon)

        #expect(try fixture.events() == ["issue", "comment"])
        #expect(fixture.log.lines("an app cannot be disabled: its organization does not exist").count == 1)
    }

    @Test func enablingBringsTheSubscriptionsBackAndTheNextDisablingMailsAgain() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler()
        let audit = AuditEntry.Draft(organizationID: 4, event: 1, actorLabel: "me", date: fixture.noon)

        try autoDisabler.process(fixture.timeouts(3), now: fixture.noon)
        let isEnabled = try fixture.directory.enable(appID: 31, audit: audit)
        let events = try fixture.events()
        try autoDisabler.process(fixture.timeouts(2), now: fixture.noon)
        let after = try fixture.events()
        try autoDisabler.process(fixture.timeouts(1), now: fixture.noon)

        #expect(isEnabled && events == ["issue", "comment"] && after == events)
        #expect(try fixture.events() == [])
        #expect(
            try fixture.queuedMails().map(\.recipient) == [
                "a@example.com", "b@example.com", "a@example.com", "b@example.com",
            ])
        #expect(fixture.log.lines("sentryapp.disabled").count == 2)
    }

    @Test func theLogLineNamesTheAppAndNoPassword() throws {
        let fixture = try AutoDisableFixture()

        try fixture.autoDisabler().process(fixture.timeouts(3), now: fixture.noon)

        let line = try #require(fixture.log.lines("sentryapp.disabled").first)
        #expect(line.level == "info")
        #expect(
            line.metadata == [
                "sentryapp_webhook": "https://hooks.example.com/in", "sentryapp_slug": "pager",
                "sentryapp_uuid": "u-31", "org_id": "4",
                "reason": "timed out or could not be reached 3 times on one day",
            ])
    }

    @Test func withoutAMailServerTheFactsAreLogged() throws {
        let fixture = try AutoDisableFixture()

        try fixture.autoDisabler(mails: false).process(fixture.timeouts(3), now: fixture.noon)

        let line = try #require(
            fixture.log.lines("no mail server is configured: the app's owners are not notified").first)
        #expect(line.level == "warning")
        #expect(line.metadata["sentryapp_slug"] == "pager" && line.metadata["owners"] == "2")
        #expect(try fixture.directory.pendingNotices(limit: 10) == [])
    }

    /// The owners of the organization that owns the app and of the one it failed for; an owner of both gets one mail.
    @Test func theOwnersOfAPublishedAppAreNotifiedToo() throws {
        let fixture = try AutoDisableFixture(status: .published, organizationID: 5)
        let settings = AutoDisableSettings(rule: .daily(AutoDisableRule(timeoutThreshold: 3)), apps: .all)

        try fixture.autoDisabler(settings).process(fixture.timeouts(3), now: fixture.noon)

        let mails = try fixture.queuedMails()
        #expect(mails.map(\.recipient) == ["a@example.com", "b@example.com", "d@example.com"])
        #expect(mails.map(\.notice.organizationSlug) == ["acme", "acme", "other"])
        #expect(fixture.directory.auditEntries.map(\.organizationID) == [5])
    }

    /// Nothing is asked of the directory while nothing is broken, and Redis is asked for the days only now and then.
    @Test func countingAsksForNothingMore() throws {
        let fixture = try AutoDisableFixture()
        let directory = CountingDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(AutoDisableSettings(), directory: directory)
        try fixture.server.command("CONFIG", "RESETSTAT")

        for _ in 0..<20 {
            _ = try autoDisabler.observe(fixture.timeouts(5) + [fixture.response(200)], now: fixture.noon)
        }

        let statistics = try fixture.server.command("INFO", "commandstats")
        #expect(directory.questions.isEmpty)
        #expect(statistics.contains("cmdstat_hincrby:calls=40,"))
        #expect(statistics.contains("cmdstat_hmget:calls=7,"))
    }
}
