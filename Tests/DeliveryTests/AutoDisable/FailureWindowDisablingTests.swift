import Buffer
import Delivery
import Directory
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// Under the policy `standard`, an app that never succeeds is disabled. Redis is real, the days are virtual.
@Suite
struct FailureWindowDisablingTests {
    private let settings = DeliveryPolicy.standard.autoDisable

    /// An attempt of event `number`, some hours after the first.
    private func attempt(
        _ fixture: AutoDisableFixture, _ status: Int, hours: Double, event number: Int
    ) -> FinishedAttempt {
        var attempt = fixture.response(status, at: date(fixture, hours))
        let digits = String(number, radix: 16)
        attempt.entry.id = String(repeating: "0", count: 32 - digits.count) + digits
        return attempt
    }

    private func date(_ fixture: AutoDisableFixture, _ hours: Double) -> Timestamp {
        fixture.noon.adding(seconds: Int64(hours * 3600))
    }

    /// One failed event at each of these hours.
    private func fail(
        _ fixture: AutoDisableFixture, _ autoDisabler: AutoDisabler, status: Int = 500, hours: [Double]
    ) throws {
        for hour in hours {
            try autoDisabler.process(
                [attempt(fixture, status, hours: hour, event: Int(hour * 10))], now: date(fixture, hour))
        }
    }

    private func mails(_ fixture: AutoDisableFixture) throws -> [AutoDisableNotice] {
        try fixture.queuedMails().filter { $0.recipient == "a@example.com" }.map(\.notice)
    }

    @Test(arguments: [SentryApp.Status.published, .unpublished, .internal], [302, 404, 429, 500])
    func sevenDaysWithoutASuccessWarnTwiceAndThenDisable(_ appStatus: SentryApp.Status, _ status: Int) throws {
        let fixture = try AutoDisableFixture(status: appStatus)
        let autoDisabler = try fixture.autoDisabler(settings)

        try fail(fixture, autoDisabler, status: status, hours: [0, 83, 84, 100, 151, 152, 167])
        let before = try fixture.events()
        try fail(fixture, autoDisabler, status: status, hours: [168])

        let notices = try mails(fixture)
        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
        #expect(notices.map(\.kind) == [.warning(percent: 50), .warning(percent: 90), .disabled])
        #expect(notices[0].disablesAt == date(fixture, 168) && notices[1].disablesAt == date(fixture, 168))
        #expect(notices[2].reason == "has failed every time since 2024-03-07 12:00 UTC, for 7 days or longer")
        let entry = try #require(fixture.directory.auditEntries.first)
        #expect(fixture.directory.auditEntries.count == 1 && entry.event == 131 && entry.organizationID == 4)
        #expect(try fixture.server.command("KEYS", "hookline:{app:31}:failures") == "*0\r\n")
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        #expect(fixture.log.lines("an app is failing").map { $0.metadata["percent"] } == ["50", "90"])
    }

    /// The app is published: of the other rule, it would not be disabled, and not be counted.
    @Test func theRuleIsThatOfTheAppsOwnPolicy() throws {
        let own = try AutoDisableFixture(status: .published, policy: .standard)
        let other = try AutoDisableFixture(status: .published, policy: .sentry)

        try fail(own, own.autoDisabler(DeliveryPolicy.sentry.autoDisable), hours: [0, 84, 100, 168])
        try fail(other, other.autoDisabler(policies: DeliveryPolicies(.standard)), hours: [0, 84, 100, 168])

        #expect(try own.events() == [])
        #expect(try mails(own).map(\.kind) == [.warning(percent: 50), .disabled])
        #expect(try other.events() == ["issue", "comment"])
        #expect(try mails(other).isEmpty)
    }

    @Test func aSuccessOnAnyDayStartsAgain() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        try fail(fixture, autoDisabler, hours: [0, 24, 90])
        try autoDisabler.process(
            [attempt(fixture, 204, hours: 100, event: 1)], now: date(fixture, 100))
        try fail(fixture, autoDisabler, hours: [101, 168, 184, 186, 268])
        let before = try fixture.events()
        try fail(fixture, autoDisabler, hours: [269])

        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
        #expect(
            try mails(fixture).map(\.kind)
                == [.warning(percent: 50), .warning(percent: 50), .warning(percent: 90), .disabled])
    }

    /// A single event that is retried for long, and an app with two events a week.
    @Test func fewerThanThreeEventsDisableNothingButAreWarnedOf() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        for hour in [0.0, 100, 200, 300] {
            for event in [1, 2] {
                try autoDisabler.process(
                    [attempt(fixture, 500, hours: hour, event: event)], now: date(fixture, hour))
            }
        }
        let before = try fixture.events()
        try autoDisabler.process([attempt(fixture, 500, hours: 301, event: 3)], now: date(fixture, 301))

        #expect(before == ["issue", "comment"])
        #expect(try fixture.events() == [])
        #expect(
            try mails(fixture).map(\.kind) == [.warning(percent: 50), .warning(percent: 90), .disabled])
    }

    @Test func allOrganizationsCountTogetherAndAnySuccessIsASuccess() throws {
        let fixture = try AutoDisableFixture(status: .published)
        let elsewhere = try AutoDisableFixture(status: .published, organizationID: 5)
        let autoDisabler = try fixture.autoDisabler(settings)

        try fail(fixture, autoDisabler, hours: [0])
        try autoDisabler.process([attempt(elsewhere, 500, hours: 100, event: 50)], now: date(fixture, 100))
        try autoDisabler.process([attempt(elsewhere, 500, hours: 168, event: 51)], now: date(fixture, 168))

        #expect(try fixture.events() == [])
        // The owner's organization, wherever the last attempt failed.
        #expect(fixture.directory.auditEntries.map(\.organizationID) == [4])
    }

    @Test func severalWorkersWarnAndDisableOnce() throws {
        let fixture = try AutoDisableFixture()
        let autoDisablers = try (0..<3).map { _ in try fixture.autoDisabler(settings) }

        for hour in [0.0, 90, 91, 160, 161, 170, 171] {
            for (index, autoDisabler) in autoDisablers.enumerated() {
                try autoDisabler.process(
                    [attempt(fixture, 500, hours: hour, event: Int(hour) * 10 + index)], now: date(fixture, hour))
            }
        }

        #expect(
            try mails(fixture).map(\.kind) == [.warning(percent: 50), .warning(percent: 90), .disabled])
        #expect(fixture.directory.auditEntries.count == 1)
        #expect(fixture.log.lines("an app is failing").count == 2)
    }

    @Test func aWarningThatCouldNotBeQueuedIsTriedAgain() throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(settings, directory: directory)

        directory.fail("owners")
        try fail(fixture, autoDisabler, hours: [0, 90])
        let before = try mails(fixture)
        directory.fail()
        try fail(fixture, autoDisabler, hours: [91, 92])

        #expect(before == [])
        #expect(try mails(fixture).map(\.kind) == [.warning(percent: 50)])
    }

    @Test func aThousandTimeoutsADayDisableNothingUnlessALimitIsSet() throws {
        let unlimited = try AutoDisableFixture()
        let limited = try AutoDisableFixture()
        let recovering = try AutoDisableFixture()
        let rule = AutoDisableSettings(rule: .window(FailureWindowRule(timeoutThreshold: 10)), apps: .all)

        try unlimited.autoDisabler(settings).process(unlimited.timeouts(1001), now: unlimited.noon)
        try limited.autoDisabler(rule).process(
            (0..<10).map { _ in limited.response(200) } + limited.timeouts(10), now: limited.noon)
        try recovering.autoDisabler(rule).process(
            (0..<11).map { _ in recovering.response(200) } + recovering.timeouts(10), now: recovering.noon)

        #expect(try unlimited.events() == ["issue", "comment"])
        #expect(try limited.events() == [])
        #expect(
            try mails(limited).map(\.reason)
                == ["timed out or could not be reached 10 times on one day, and did not succeed more often"])
        #expect(try recovering.events() == ["issue", "comment"])
    }

    @Test func a410DisablesAtOnce() throws {
        let fixture = try AutoDisableFixture(status: .published)

        try fixture.autoDisabler(settings).process([fixture.response(410)], now: fixture.noon)

        #expect(try fixture.events() == [])
    }

    @Test(arguments: [AutoDisableSettings.Apps.internal, .none])
    func appsThatTheSettingLeavesOutAreCountedAndKept(_ apps: AutoDisableSettings.Apps) throws {
        let fixture = try AutoDisableFixture(status: .published)
        var settings = settings
        settings.apps = apps
        let autoDisabler = try fixture.autoDisabler(settings)

        try fail(fixture, autoDisabler, hours: [0, 100, 170, 171])

        let window = try FailureWindows(connection: fixture.server.testConnection()).window(appID: 31)
        #expect(try fixture.events() == ["issue", "comment"])
        #expect(try mails(fixture).isEmpty)
        #expect(window.failures?.eventCount == 3)
    }

    /// The original's counters and rule stay as they are: a redirect is not among them, but among ours.
    @Test func underTheSentryPolicyARedirectIsCountedInOurKeyOnly() throws {
        let fixture = try AutoDisableFixture()

        try fixture.autoDisabler(AutoDisableSettings()).process(
            [fixture.response(302), fixture.response(301)], now: fixture.noon)

        let window = try FailureWindows(connection: fixture.server.testConnection()).window(appID: 31)
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        #expect(window.failures?.first == fixture.noon)
    }

    @Test func theWarningMailSaysWhenTheAppIsDisabled() throws {
        let fixture = try AutoDisableFixture()
        try fail(fixture, try fixture.autoDisabler(settings), hours: [0, 90])

        let notice = try #require(try mails(fixture).first)

        #expect(
            notice.text(of: .outlook)
                == "If no webhook succeeds, the first one that fails after 2024-03-14 12:00 UTC disables it.")
        var daily = notice
        daily.disablesAt = nil
        #expect(daily.text(of: .outlook) == "At 100% it is disabled.")
        daily.kind = .disabled
        #expect(daily.text(of: .outlook) == "")
    }
}
