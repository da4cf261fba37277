import Model
import Queue
import Redis
import TestSupport
import Testing

/// What Redis refuses changes nothing, and what it does not refuse is done.
@Suite
struct QueueRefusalTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func deny(_ command: String) throws {
        #expect(try server.command("ACL", "SETUSER", "default", "-" + command).hasPrefix("+OK"))
    }

    private func allow(_ command: String) throws {
        #expect(try server.command("ACL", "SETUSER", "default", "+" + command).hasPrefix("+OK"))
    }

    private func isRefused(_ outcome: SettlementOutcome) -> Bool {
        if case .notSettled(.refused) = outcome { true } else { false }
    }

    @Test(arguments: [
        ("xack", [true, true, true]), ("xdel", [true, true, true]), ("xpending", [true, true, true]),
        ("hset", [false, true, true]), ("zadd", [false, true, true]), ("zrem", [false, true, true]),
        ("hdel", [false, true, true]), ("xrange", [false, true, true]),
    ])
    func aRefusedSettlementIsReportedAndChangesNothing(command: String, refused: [Bool]) throws {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0) })
        let deliveries = try queue.receive(consumer: "a", count: 3)
        let settlements: [Settlement] = [
            .acknowledge(deliveries[0]), .retry(deliveries[1], at: testNow, attempt: 2),
            .deadLetter(deliveries[2], reason: "gone", at: testNow),
        ]
        try deny(command)

        let outcomes = queue.settle(settlements)
        try allow(command)
        let between = try queue.statistics()
        let again = queue.settle(settlements)

        #expect(outcomes.map(isRefused) == refused)
        #expect(between.pending == refused.count { $0 })
        #expect(between.scheduled == (refused[1] ? 0 : 1))
        #expect(between.dead == (refused[2] ? 0 : 1))
        #expect(try server.integer("HLEN", "hookline:{queue:events:0}:dead-entries") == 1)
        #expect(again == refused.map { $0 ? .settled : .leaseLost })
        let after = try queue.statistics()
        #expect([after.waiting, after.pending, after.scheduled, after.dead] == [0, 0, 1, 1])
        #expect(try server.integer("XLEN", "hookline:{queue:events:0}:stream") == 0)
    }

    @Test(arguments: ["xadd", "zrem", "hdel"])
    func aRefusedPromotionOrRedriveLosesNothing(command: String) throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2, dueAt: testNow.adding(seconds: 1))])
        _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        try deny(command)

        #expect(throws: RedisError.self) { try queue.promoteDue(leeway: .seconds(1)) }
        #expect(throws: RedisError.self) { try queue.redriveAll(now: testNow) }
        try allow(command)
        let statistics = try queue.statistics()
        let promotion = try queue.promoteDue(leeway: .seconds(1))
        let redrive = try queue.redriveAll(now: testNow)

        #expect([statistics.waiting, statistics.scheduled, statistics.dead] == [0, 1, 1])
        #expect(promotion.count == 1)
        #expect(redrive.count == 1)
        #expect(try queue.receive(consumer: "a", count: 9).count == 2)
    }

    @Test func aFullStoreOfDeadLettersStaysCompleteWhenTheCountOfDiscardedOnesIsRefused() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDeadLetters: 1))
        try queue.fill([.sample(1), .sample(2)])
        _ = try queue.deadLetter(queue.receiveOne(), reason: "first", at: testNow)
        let second = try queue.receiveOne()
        try deny("hincrby")

        #expect(throws: RedisError.self) { try queue.deadLetter(second, reason: "second", at: testNow) }
        try allow("hincrby")
        let kept = try queue.deadLetters(count: 9).letters.map(\.reason)
        let outcome = try queue.deadLetter(second, reason: "second", at: testNow)

        #expect(kept == ["first"])
        #expect(outcome == .settled)
        #expect(try queue.deadLetters(count: 9).letters.map(\.reason) == ["second"])
    }

    @Test func withoutAConnectionNothingIsSettledAndAfterATimeoutThatIsUnknown() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let delivery = try queue.receiveOne()
        let silent = try ScriptedServer([[.stall]])
        func outcome(_ path: String) throws -> SettlementOutcome {
            let endpoint = try RedisEndpoint(parsing: "unix:" + path)
            let connection = RedisConnection(endpoint: endpoint, commandTimeout: .milliseconds(100))
            return DeliveryQueue(connection: connection).settle([.acknowledge(delivery)])[0]
        }

        let unreachable = try outcome(silent.socketPath + ".missing")
        let silence = try outcome(silent.socketPath)

        guard case .notSettled(.unreachable) = unreachable, case .unknown(.timedOut) = silence else {
            Issue.record("\(unreachable), \(silence)")
            return
        }
    }

    @Test func whatIsSettledStaysKnownWhenTheConnectionIsLostBeforeAnUnknownScriptIsSentAgain() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2)])
        let deliveries = try queue.receive(consumer: "a", count: 2)
        let scripted = try ScriptedServer([[.send("*1\r\n:1\r\n-NOSCRIPT none\r\n"), .receive, .close]])
        let endpoint = try RedisEndpoint(parsing: "unix:" + scripted.socketPath)
        let other = DeliveryQueue(connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))

        let outcomes = other.settle([
            .acknowledge(deliveries[0]), .retry(deliveries[1], at: testNow, attempt: 2),
        ])

        #expect(outcomes[0] == .settled)
        guard case .unknown(.connectionLost) = outcomes[1] else {
            Issue.record("\(outcomes[1])")
            return
        }
    }
}
