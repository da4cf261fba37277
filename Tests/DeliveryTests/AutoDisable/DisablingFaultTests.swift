import Buffer
import Delivery
import Directory
import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

/// A disabling that is interrupted is completed later, with nothing lost and nothing twice.
@Suite
struct DisablingFaultTests {
    /// What has to be true once everything is done.
    private func expectComplete(_ fixture: AutoDisableFixture) throws {
        #expect(try fixture.events() == [])
        #expect(try fixture.failureCountKeys() == "*0\r\n")
        #expect(try fixture.queuedMails().map(\.recipient) == ["a@example.com", "b@example.com"])
        #expect(fixture.directory.auditEntries.count == 1)
        #expect(try fixture.directory.pendingNotices(limit: 10) == [])
        #expect(fixture.log.lines("sentryapp.disabled").count == 1)
        #expect(fixture.metrics.disabled == 1)
    }

    @Test(arguments: ["organization", "disable", "notices", "app", "owners", "complete"])
    func aDirectoryThatFailsAtOneStepDelaysTheRest(_ step: String) throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(directory: directory)
        directory.fail(step)

        try autoDisabler.process(fixture.timeouts(3), now: fixture.noon)
        directory.fail()
        _ = try autoDisabler.completeNotices(now: fixture.noon.adding(seconds: 1))
        _ = try autoDisabler.completeNotices(now: fixture.noon.adding(seconds: 2))

        try expectComplete(fixture)
    }

    @Test(
        arguments: [
            ("disable", "an app could not be disabled; it will be retried"),
            ("complete", "the steps after disabling an app failed; they will be retried"),
        ])
    func aDirectoryThatKeepsFailingAtAStepIsLoggedOnce(step: String, message: String) throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(directory: directory)
        directory.fail(step)

        for second in 0..<10 {
            let now = fixture.noon.adding(seconds: Int64(second))
            try autoDisabler.process(fixture.timeouts(3), now: now)
            _ = try autoDisabler.completeNotices(now: now)
        }

        #expect(fixture.log.lines(message).count == 1)
    }

    /// The program that disabled has died; another one finds what it left.
    @Test(arguments: ["organization", "disable", "notices", "app", "owners", "complete"])
    func anotherProgramCompletesWhatOneLeft(_ step: String) throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        directory.fail(step)

        try fixture.autoDisabler(directory: directory).process(fixture.timeouts(3), now: fixture.noon)
        _ = try fixture.autoDisabler().completeNotices(now: fixture.noon.adding(seconds: 60))

        try expectComplete(fixture)
    }

    /// Redis refuses the commands of one step - the mails', the forgetting's - or the key of the claim that follows.
    @Test(arguments: [
        ["-eval", "-evalsha"], ["-del"],
        ["resetkeys", "~sentry-app-error:*", "~hookline:{queue:*", "~hookline:apps-to-disable"],
    ])
    func aRedisThatRefusesAStepDelaysTheRest(_ rights: [String]) throws {
        let fixture = try AutoDisableFixture()
        let autoDisabler = try fixture.autoDisabler()
        for right in rights { try fixture.server.command("ACL", "SETUSER", "default", right) }

        #expect(throws: RedisError.self) { try autoDisabler.process(fixture.timeouts(3), now: fixture.noon) }
        let isDisabled = try fixture.events() == []
        try fixture.server.command("ACL", "SETUSER", "default", "allkeys", "+@all")
        _ = try autoDisabler.completeNotices(now: fixture.noon.adding(seconds: 1))

        #expect(isDisabled)
        try expectComplete(fixture)
    }

    @Test func whatIsNotedIsDoneByTheNextProgramAndOnlyThenChangesTheDirectory() throws {
        let fixture = try AutoDisableFixture()
        let directory = CountingDirectory(fixture.directory)

        let noted = try fixture.autoDisabler(directory: directory).noteGone([
            fixture.response(200), fixture.response(410), fixture.response(410),
        ])
        let questions = directory.questions
        let remaining = try fixture.autoDisabler().completeNotices(now: fixture.noon)

        #expect(noted == [31] && remaining == [])
        #expect(questions.isEmpty, "the thread that settles would wait")
        #expect(try fixture.server.command("EXISTS", "hookline:apps-to-disable") == ":0\r\n")
        try expectComplete(fixture)
    }

    /// Each change would wait for the lock as long as the first did.
    @Test func aDirectoryThatCannotBeWrittenIsAskedOnceForAllApps() throws {
        let fixture = try AutoDisableFixture()
        let directory = FaultyDirectory(fixture.directory)
        let autoDisabler = try fixture.autoDisabler(directory: directory)
        var other = fixture.app
        other.id = 32
        directory.fail("app")

        _ = try autoDisabler.noteGone([
            fixture.response(410),
            fixture.attempt(.response(ReceivedResponse(status: 410)), of: other, at: fixture.noon),
        ])
        let remaining = try autoDisabler.completeNotices(now: fixture.noon)

        #expect(remaining == [31, 32])
        #expect(fixture.log.lines("an app could not be disabled; it will be retried").count == 1)
    }

    @Test func whatIsNotedIsForgottenWhenTheAppIsEnabled() throws {
        let fixture = try AutoDisableFixture()
        _ = try fixture.autoDisabler().noteGone([fixture.response(410)])

        try FailureWindows(connection: fixture.server.testConnection()).clear(appID: 31)
        _ = try fixture.autoDisabler().completeNotices(now: fixture.noon)

        #expect(try fixture.events() == ["issue", "comment"])
    }

    @Test func aFullMailQueueDelaysTheMailsOnly() throws {
        let fixture = try AutoDisableFixture()
        let settings = DeliveryQueueSettings(name: "mail", maximumDepth: 1, maximumPayloadBytes: 16 << 10)
        let full = DeliveryQueue(connection: try fixture.server.testConnection(), settings: settings)
        var policy = DeliveryPolicy.sentry
        policy.autoDisable.rule = .daily(AutoDisableRule(timeoutThreshold: 3))
        let autoDisabler = AutoDisabler(
            connection: try fixture.server.testConnection(), directory: fixture.directory, mailQueue: full,
            policies: DeliveryPolicies(policy), baseURL: AutoDisableFixture.baseURL,
            metrics: fixture.metrics, log: fixture.log.logger)

        try autoDisabler.process(fixture.timeouts(3), now: fixture.noon)
        let isDisabled = try fixture.events() == []
        let pending = try fixture.directory.pendingNotices(limit: 10).count
        _ = try fixture.autoDisabler().completeNotices(now: fixture.noon.adding(seconds: 1))

        #expect(isDisabled && pending == 1)
        try expectComplete(fixture)
    }

    /// A failure for one app does not affect another one of the same batch.
    @Test func aKeyOfTheWrongTypeAffectsOnlyItsOwnApp() throws {
        let fixture = try AutoDisableFixture()
        try fixture.server.command("SET", "sentry-app-error:32:4:2024-03-07", "text")
        var otherApp = fixture.app
        otherApp.id = 32
        let other = fixture.attempt(.response(ReceivedResponse(status: 400)), of: otherApp, at: fixture.noon)

        #expect(throws: RedisError.self) {
            try fixture.autoDisabler().process([other] + fixture.timeouts(3), now: fixture.noon)
        }

        try fixture.server.command("DEL", "sentry-app-error:32:4:2024-03-07")
        try expectComplete(fixture)
    }
}
