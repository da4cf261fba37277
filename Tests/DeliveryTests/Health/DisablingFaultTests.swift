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
    private func expectComplete(_ world: HealthWorld) throws {
        #expect(try world.events() == [])
        #expect(try world.healthKeys() == "*0\r\n")
        #expect(try world.queuedMails().map(\.recipient) == ["a@example.com", "b@example.com"])
        #expect(world.directory.auditEntries.count == 1)
        #expect(try world.directory.pendingNotices(limit: 10) == [])
        #expect(world.log.lines("sentryapp.disabled").count == 1)
        #expect(world.metrics.disabled == 1)
    }

    @Test(arguments: ["organization", "disable", "notices", "app", "owners", "complete"])
    func aDirectoryThatFailsAtOneStepDelaysTheRest(_ step: String) throws {
        let world = try HealthWorld()
        let directory = FaultyDirectory(world.directory)
        let monitor = try world.monitor(directory: directory)
        directory.fail(step)

        try monitor.observe(world.timeouts(3), now: world.noon)
        directory.fail()
        try monitor.completeDisablings(now: world.noon.adding(seconds: 1))
        try monitor.completeDisablings(now: world.noon.adding(seconds: 2))

        try expectComplete(world)
    }

    /// The program that disabled has died; another one finds what it left.
    @Test(arguments: ["notices", "app", "owners", "complete"])
    func anotherProgramCompletesWhatOneLeft(_ step: String) throws {
        let world = try HealthWorld()
        let directory = FaultyDirectory(world.directory)
        directory.fail(step)

        try world.monitor(directory: directory).observe(world.timeouts(3), now: world.noon)
        try world.monitor().completeDisablings(now: world.noon.adding(seconds: 60))

        try expectComplete(world)
    }

    /// Redis refuses the commands of one step - the mails', the forgetting's - or the key of the claim that follows.
    @Test(arguments: [["-eval", "-evalsha"], ["-del"], ["resetkeys", "~sentry-app-error:*", "~hookline:{queue:*"]])
    func aRedisThatRefusesAStepDelaysTheRest(_ rights: [String]) throws {
        let world = try HealthWorld()
        let monitor = try world.monitor()
        for right in rights { try world.server.command("ACL", "SETUSER", "default", right) }

        #expect(throws: RedisError.self) { try monitor.observe(world.timeouts(3), now: world.noon) }
        let isDisabled = try world.events() == []
        try world.server.command("ACL", "SETUSER", "default", "allkeys", "+@all")
        try monitor.completeDisablings(now: world.noon.adding(seconds: 1))

        #expect(isDisabled)
        try expectComplete(world)
    }

    /// Redis is down when the receiver says that it is gone: the app is disabled all the same.
    @Test func aReceiverThatIsGoneNeedsNoRedis() throws {
        let world = try HealthWorld()
        let monitor = try world.monitor()
        world.server.process.send(signal: 9)
        _ = try world.server.process.waitForExit()

        #expect(throws: RedisError.self) { try monitor.observe([world.answer(410)], now: world.noon) }

        #expect(try world.events() == [])
        #expect(try world.directory.pendingNotices(limit: 10).count == 1)
    }

    @Test func aFullMailQueueDelaysTheMailsOnly() throws {
        let world = try HealthWorld()
        let settings = DeliveryQueueSettings(name: "mail", maximumDepth: 1, maximumPayloadBytes: 16 << 10)
        let full = DeliveryQueue(connection: try world.server.healthConnection(), settings: settings)
        let monitor = AutoDisabler(
            connection: try world.server.healthConnection(), directory: world.directory, mailQueue: full,
            settings: AutoDisableSettings(rule: AutoDisableRule(timeoutThreshold: 3)), baseURL: HealthWorld.baseURL,
            metrics: world.metrics, log: world.log.logger)

        try monitor.observe(world.timeouts(3), now: world.noon)
        let isDisabled = try world.events() == []
        let pending = try world.directory.pendingNotices(limit: 10).count
        try world.monitor().completeDisablings(now: world.noon.adding(seconds: 1))

        #expect(isDisabled && pending == 1)
        try expectComplete(world)
    }

    /// What is wrong about one integration does not hold up another one of the same batch.
    @Test func aKeyOfAnotherKindHarmsItsOwnIntegrationOnly() throws {
        let world = try HealthWorld()
        try world.server.command("SET", "sentry-app-error:32:4:2024-03-07", "text")
        var otherApp = world.app
        otherApp.id = 32
        let other = world.attempt(.answered(ReceivedResponse(status: 400)), of: otherApp, at: world.noon)

        #expect(throws: RedisError.self) {
            try world.monitor().observe([other] + world.timeouts(3), now: world.noon)
        }

        try world.server.command("DEL", "sentry-app-error:32:4:2024-03-07")
        try expectComplete(world)
    }
}
