import Buffer
import Delivery
import Directory
import Foundation
import Model
import Redis
import TestSupport
import Testing
import WebhookRules

/// Owners are warned once before an app is disabled.
@Suite
struct WarningTests {
    private let settings = AutoDisableSettings(
        rule: .daily(AutoDisableRule(timeoutThreshold: 10)), warningPercents: [50, 90])

    private func percents(_ fixture: AutoDisableFixture) throws -> [Int] {
        try fixture.queuedMails().filter { $0.recipient == "a@example.com" }.map { mail in
            if case .warning(let percent) = mail.notice.kind { percent } else { 0 }
        }
    }

    @Test func eachPercentageIsWarnedOfOnce() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        for _ in 0..<9 { try autoDisabler.process(fixture.timeouts(1), now: fixture.noon) }
        let other = try fixture.autoDisabler(settings)
        try other.process([fixture.response(200)], now: fixture.noon)

        #expect(try percents(fixture) == [50, 90])
        #expect(try fixture.events() == ["issue", "comment"])
    }

    @Test func onlyTheHigherPercentageIsWarnedOfWhenBothAreReachedAtOnce() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        try autoDisabler.process(fixture.timeouts(9), now: fixture.noon)
        try autoDisabler.process([fixture.response(400)], now: fixture.noon.adding(seconds: 5))

        #expect(try percents(fixture) == [90])
    }

    @Test func aDisablingAtOnceIsNoWarning() throws {
        let fixture = try AutoDisableFixture()

        try fixture.autoDisabler(settings).process(fixture.timeouts(10), now: fixture.noon)

        #expect(try fixture.queuedMails().map(\.notice.kind) == [.disabled, .disabled])
    }

    /// Three and six days of seven; a day that begins with a timeout does not end the row.
    @Test func daysOfErrorsAreWarnedOfAsWell() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        for day in (1...6).reversed() {
            let date = fixture.noon.adding(seconds: -86400 * Int64(day))
            try autoDisabler.process(fixture.timeouts(1, at: date), now: date)
            try autoDisabler.process([fixture.response(400, at: date)], now: date.adding(seconds: 3))
        }

        #expect(try percents(fixture) == [50, 90])
    }

    @Test func anAppThatRecoveredIsWarnedOfAgain() throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler(settings)

        for day in 0..<3 {
            let date = fixture.noon.adding(seconds: 86400 * Int64(day))
            try autoDisabler.process(fixture.timeouts(1, at: date), now: date)
            try autoDisabler.process(fixture.timeouts(5, at: date), now: date.adding(seconds: 5))
        }

        #expect(try percents(fixture) == [50, 50, 50])
    }

    @Test func manyAutoDisablersWarnOnce() throws {
        let fixture = try AutoDisableFixture()
        let attempts = fixture.timeouts(1)

        DispatchQueue.concurrentPerform(iterations: 6) { _ in
            do {
                try fixture.autoDisabler(settings).process(attempts, now: fixture.noon)
            } catch {
                Issue.record(error)
            }
        }

        #expect(try percents(fixture) == [50])
    }

    @Test func aWarningThatCouldNotBeQueuedIsTriedAgain() throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(settings, directory: directory)
        directory.fail("owners")

        try autoDisabler.process(fixture.timeouts(5), now: fixture.noon)
        let before = try percents(fixture)
        directory.fail()
        try autoDisabler.process(fixture.timeouts(1), now: fixture.noon.adding(seconds: 2))

        #expect(before == [])
        #expect(try percents(fixture) == [50])
    }

    @Test func partsOfTheRuleAreRoundedTowardsTheBeginning() {
        let rule = AutoDisableRule(timeoutThreshold: 3)
        let errorDay = DailyOutcomes(errors: 1)
        let fine = DailyOutcomes(successes: 1)

        #expect(rule.isReached(percent: 90, in: Array(repeating: errorDay, count: 6) + [fine]))
        #expect(!rule.isReached(percent: 90, in: Array(repeating: errorDay, count: 5) + [fine, fine]))
        #expect(rule.isReached(percent: 50, in: [DailyOutcomes(), errorDay, errorDay, errorDay, fine]))
        #expect(!rule.isReached(percent: 50, in: [fine, errorDay, errorDay, errorDay]))
        #expect(rule.isReached(percent: 90, in: [DailyOutcomes(timeouts: 2)]))
        #expect(!rule.isReached(percent: 90, in: [DailyOutcomes(timeouts: 1)]))
        #expect(!rule.isReached(percent: 90, in: [DailyOutcomes(), DailyOutcomes(timeouts: 2)]))
        #expect(!rule.isReached(percent: 1, in: [DailyOutcomes()]))
    }
}

/// Owners are notified when their app is disabled.
@Suite
struct NotifyDisabledTests {
    /// The original's `notify_disabled_email`, with a mail server that is down at first: the disabling does not wait.
    @Test func aMailServerThatIsDownDelaysTheMailAlone() throws {
        let fixture = try AutoDisableFixture()
        let port = try freePort()
        let endpoint = try RedisEndpoint(parsing: fixture.server.url)
        let templates = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../conf/templates")
        let worker = MailWorker(
            settings: MailWorkerSettings(
                consumer: "one", retryDelays: Array(repeating: .milliseconds(20), count: 10_000),
                wait: .milliseconds(20), pauses: .milliseconds(10) ... .milliseconds(50)),
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)) },
            mails: try AutoDisableMails(templatesDirectory: templates.standardized.path),
            smtp: try SMTPSettings(host: "127.0.0.1", port: port, encryption: .off),
            from: try MailAddress("hookline@example.org"), log: fixture.log.logger)
        try worker.start()

        try fixture.autoDisabler().process(fixture.timeouts(3), now: fixture.noon)
        let isDisabled = try fixture.events() == [] && fixture.directory.pendingNotices(limit: 1).isEmpty
        try waitUntil("the worker sees that the server is down") {
            !fixture.log.lines("the mail server is unavailable").isEmpty
        }
        let server = try SMTPServer(port: port)
        try waitUntil("both mails are there", seconds: 30) { try server.mails().count == 2 }
        worker.stop(within: .seconds(10))

        let mails = try server.mails()
        #expect(isDisabled)
        #expect(mails.map(\.recipients).sorted { $0[0] < $1[0] } == [["a@example.com"], ["b@example.com"]])
        #expect(Set(mails.compactMap { $0.header("Message-ID") }).count == 2)
        let page = "https://sentry.example.com/settings/acme/developer-settings/pager/"
        for mail in mails {
            #expect(mail.header("Subject") == "Action required: Fix your My Pager \"X\" integration")
            for part in mail.parts {
                #expect(part.text.contains(page + "?referrer=disabled-sentry-app"))
                #expect(part.text.contains(page + "dashboard/?referrer=disabled-sentry-app"))
                #expect(part.text.contains("https://hooks.example.com/in"))
                #expect(part.text.contains("timed out or could not be reached 3 times on one day"))
            }
        }
    }
}
