import Buffer
import Directory
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// Finds silent apps and tells each silence once.
@Suite
struct SilenceMonitorTests {
    private static let found = "an app is silent: nothing was sent to it for days"

    // MARK: Finding

    @Test func appsWithoutAnAttemptForDaysAreCountedByTheirFirstCause() throws {
        let fixture = try SilenceFixture(apps: 1...6)
        var directory = fixture.directory
        try fixture.remember(1, daysAgo: 8)
        try fixture.remember(2, daysAgo: 6)
        try fixture.remember(3, daysAgo: 7)
        try fixture.remember(5, daysAgo: 100)
        try fixture.remember(6, daysAgo: 8)
        directory.serviceHooks.removeAll { $0.id == 3 }
        directory.installations.removeAll { $0.appID == 5 }
        for index in directory.apps.indices where directory.apps[index].id == 6 {
            directory.apps[index].dateDeleted = fixture.now
        }

        try fixture.monitor().step(now: fixture.now)

        // App 4 never had an attempt, and app 6 is deleted.
        #expect(
            try fixture.counts() == ["no-event-accepted": 1, "missing-service-hook": 1, "missing-installation": 1])
    }

    /// What a wrong clock has left hides no silence.
    @Test func aTimeFarAheadIsNoAttempt() throws {
        let fixture = try SilenceFixture(apps: 1...1)
        try fixture.remember(1, daysAgo: -1)
        try fixture.store(1, daysAgo: 8)

        try fixture.monitor().step(now: fixture.now)

        #expect(try fixture.counts() == ["no-event-accepted": 1])
    }

    /// What is remembered instead outlives the rows.
    @Test func aTimeFarAheadIsReplacedByThatOfARow() throws {
        let fixture = try SilenceFixture(apps: 1...1)
        let times = LastTimes(connection: try fixture.server.testConnection())
        try times.noteAttempts([(1, Timestamp.now().adding(seconds: 86_400))])
        try fixture.store(1, daysAgo: 8)

        try fixture.monitor().step(now: fixture.now)

        #expect(try times.times(of: [1]).apps.map(\.attempt) == [fixture.now.adding(seconds: -8 * 86_400)])
    }

    @Test func rowsOfTheOriginalCountAndAreRemembered() throws {
        let fixture = try SilenceFixture(apps: 1...3)
        try fixture.store(1, daysAgo: 9)
        try fixture.remember(2, daysAgo: 9)
        try fixture.store(2, daysAgo: 1)
        try fixture.store(3, daysAgo: 1)

        try fixture.monitor().step(now: fixture.now)
        try fixture.server.command("DEL", "sentry-app-webhook-request:{1}:issue.created")
        try fixture.monitor().step(now: fixture.now)

        #expect(try fixture.counts() == ["no-event-accepted": 1])
        #expect(fixture.log.lines(Self.found).map { $0.metadata["sentryapp_slug"] } == ["app-1"])
        let times = LastTimes(connection: try fixture.server.testConnection())
        let attempts = try times.times(of: [1, 2, 3]).apps.map(\.attempt)
        #expect(attempts == [9, 1, 1].map { fixture.now.adding(seconds: -$0 * 86_400) })
    }

    @Test func aStepLooksAtAFewAppsAndSearchesNoKeys() throws {
        let fixture = try SilenceFixture(apps: 1...5)
        for app in 1...5 { try fixture.remember(Int64(app), daysAgo: 8) }
        let monitor = try fixture.monitor { $0.appsPerStep = 2 }

        for expected in [2, 4, 5] {
            #expect(try monitor.step(now: fixture.now))
            #expect(fixture.log.lines(Self.found).count == expected)
        }

        #expect(try fixture.counts() == ["no-event-accepted": 5])
        #expect(try !fixture.server.command("INFO", "commandstats").contains("cmdstat_scan"))
        #expect(try !fixture.server.command("INFO", "commandstats").contains("cmdstat_keys"))
    }

    @Test func appsWithARecentAttemptCostNoReadOfTheirLists() throws {
        let fixture = try SilenceFixture(apps: 1...3)
        for app in 1...3 { try fixture.remember(Int64(app), daysAgo: 1) }

        try fixture.monitor().step(now: fixture.now)

        #expect(try !fixture.server.command("INFO", "commandstats").contains("cmdstat_lrange"))
        #expect(try fixture.counts() == [:])
    }

    @Test func anAppThatCannotBeReadDoesNotKeepTheOthersFromBeingFound() throws {
        let fixture = try SilenceFixture(apps: 1...2)
        for app in 1...2 { try fixture.remember(Int64(app), daysAgo: 8) }

        let directory = FaultyDirectory(fixture.directory)
        for fault in ["corrupt app 1", "corrupt installations 1"] {
            directory.fail(fault)
            try fixture.monitor(directory: directory).step(now: fixture.now)

            #expect(try fixture.counts() == ["corrupt-directory": 1, "no-event-accepted": 1], "\(fault)")
        }
    }

    /// The thread has other work, too: what a slow directory leaves over is the next step's.
    @Test func aStepEndsWhenItsTimeIsOver() throws {
        let fixture = try SilenceFixture(apps: 1...3)
        for app in 1...3 { try fixture.remember(Int64(app), daysAgo: 8) }
        let monitor = try fixture.monitor { $0.stepBudget = .zero }

        for expected in 1...3 {
            #expect(try monitor.step(now: fixture.now))
            #expect(fixture.log.lines(Self.found).count == expected)
        }

        #expect(try fixture.counts() == ["no-event-accepted": 3])
    }

    @Test func aDirectoryThatIsAwayLeavesTheStepToALaterOne() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 8)
        let directory = FaultyDirectory(fixture.directory)
        directory.fail("list")
        let monitor = try fixture.monitor(directory: directory) { settings in
            settings.stepLease = .zero
        }
        monitor.work(now: fixture.now)
        monitor.work(now: fixture.now)
        #expect(fixture.log.lines("silent apps could not be looked for").count == 1)
        #expect(try fixture.counts() == nil)

        try fixture.monitor().step(now: fixture.now)

        #expect(try fixture.counts() == ["no-event-accepted": 1])
    }

    // MARK: Mails

    @Test func theOwnersGetOneMailForASilenceHoweverManyWorkersThereAreAndAfterARestart() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 8)

        for _ in 1...3 { try fixture.monitor().step(now: fixture.now) }
        // Also after the mail queue has forgotten its keys.
        let mails = try fixture.mails()
        let keys = try fixture.server.command("KEYS", "*idempotency*").split(separator: "\r\n").filter {
            $0.hasPrefix("hookline")
        }
        #expect(!keys.isEmpty)
        for key in keys { try fixture.server.command("DEL", String(key)) }
        try fixture.monitor().step(now: fixture.now.adding(seconds: 30 * 86_400))

        #expect(Set(mails.map(\.recipient)) == ["a@example.com", "b@example.com"])
        #expect(mails.count == 2)
        #expect(try fixture.mails() == [])
        let notice = try #require(mails.first?.notice)
        #expect(notice.kind == .silent(since: fixture.now.adding(seconds: -8 * 86_400)))
        #expect(notice.reason.hasPrefix("no event for the app has been accepted since "))
        #expect(fixture.log.lines(Self.found).count == 1)
    }

    @Test func anAttemptEndsTheSilenceAndTheNextOneIsToldAgain() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 20)
        try fixture.monitor().step(now: fixture.now)
        #expect(try fixture.mails().count == 2)

        let buffer = WebhookRequestBuffer(connection: try fixture.server.testConnection())
        let record = WebhookRequestRecord(
            date: fixture.now, event: "issue.created", appID: 1, responseCode: 200, webhookURL: "u")
        #expect(try buffer.record(record) == .stored)
        try fixture.monitor().step(now: fixture.now)
        #expect(try fixture.counts() == [:])
        #expect(try fixture.mails() == [])

        try fixture.monitor().step(now: fixture.now.adding(seconds: 7 * 86_400))

        #expect(try fixture.mails().count == 2)
        #expect(fixture.log.lines(Self.found).count == 2)
    }

    @Test func withoutTheSettingThereIsNoMailButALogLine() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 8)

        for _ in 1...2 { try fixture.monitor { _ in }.step(now: fixture.now) }

        #expect(try fixture.mails() == [])
        let lines = fixture.log.lines(Self.found)
        #expect(lines.count == 1)
        #expect(lines.first?.metadata["last_request"] == "2024-02-28T12:00:00Z")
        #expect(lines.first?.metadata["causes"] == "no-event-accepted")
        // Those who want mails get them for the present silences.
        try fixture.monitor().step(now: fixture.now)
        #expect(try fixture.mails().count == 2)
    }

    @Test func ownersWhoKnowTheCauseGetNoMail() throws {
        let fixture = try SilenceFixture(apps: 1...2)
        var directory = fixture.directory
        for app in 1...2 { try fixture.remember(Int64(app), daysAgo: 8) }
        directory.apps[0].disablement = SentryApp.Disablement(date: fixture.now, reason: "gone", events: ["issue"])
        directory.installations.removeAll { $0.appID == 2 }

        try fixture.monitor().step(now: fixture.now)
        #expect(try fixture.mails() == [])

        // Enabled, and nothing is sent nevertheless.
        directory.apps[0].disablement = nil
        try fixture.monitor().step(now: fixture.now)

        #expect(try fixture.mails().map(\.notice.appSlug) == ["app-1", "app-1"])
    }

    @Test func aMailThatCannotBeQueuedIsTriedAgain() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 8)
        let directory = FaultyDirectory(fixture.directory)
        directory.fail("owners")
        try fixture.monitor(directory: directory).step(now: fixture.now)
        #expect(try fixture.mails() == [])
        #expect(
            fixture.log.lines("the owners of an app could not be told that it is silent; it will be retried").count
                == 1)

        try fixture.monitor().step(now: fixture.now)

        #expect(try fixture.mails().count == 2)
    }

    @Test func withoutAMailServerTheLogSaysWhoIsNotNotified() throws {
        let fixture = try SilenceFixture()
        try fixture.remember(1, daysAgo: 8)

        for _ in 1...2 { try fixture.monitor(mailQueue: false).step(now: fixture.now) }

        let lines = fixture.log.lines("no mail server is configured: the app's owners are not notified")
        #expect(lines.count == 1)
        #expect(lines.first?.metadata["mail"] == "integration-silent")
        #expect(lines.first?.metadata["sentryapp_webhook"] == "https://hooks.example.com/in")
    }
}
