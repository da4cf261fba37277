import Foundation
import Model
import Queue
import Redis
import TestSupport
import Testing

/// Recovery after faults of Redis.
@Suite
struct QueueRecoveryTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private let stream = "hookline:{queue:events:0}:stream"

    @Test func aRedisThatRestartedEmptyIsUsedAgain() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2)])
        let lost = try queue.receiveOne()
        try server.crash()

        let restarted = try RedisServer(directory: server.directory)
        try waitUntil("the queue is reachable") { (try? queue.statistics()) != nil }
        let outcome = try queue.acknowledge(lost)
        try queue.fill([.sample(3)])
        let deliveries = try queue.receive(consumer: "a", count: 9)

        #expect(outcome == .leaseLost)
        #expect(deliveries.map(\.entry.id) == [QueueEntry.sampleID(3)])
        #expect(restarted.process.isRunning)
    }

    @Test func anAppendOnlyFileKeepsTheQueueInACrash() throws {
        let server = try RedisServer.durable()
        let queue = try server.queue()
        try queue.fill((1...4).map { .sample($0) })
        let deliveries = try queue.receive(consumer: "a", count: 3)
        _ = queue.settle([
            .acknowledge(deliveries[0]), .retry(deliveries[1], at: testNow.adding(seconds: 9), attempt: 2),
        ])
        let before = try queue.statistics()
        try server.crash()

        let restarted = try RedisServer.durable(directory: server.directory)
        try waitUntil("the queue is reachable") { (try? queue.statistics()) != nil }
        let after = try queue.statistics()
        let outcome = try queue.deadLetter(deliveries[2], reason: "gone", at: testNow)
        _ = try queue.promoteDue(leeway: .seconds(9))
        let rest = try queue.receive(consumer: "a", count: 9)

        #expect(after.counts == before.counts)
        #expect(outcome == .settled)
        #expect(rest.map(\.entry.id) == [4, 2].map(QueueEntry.sampleID))
        #expect(restarted.process.isRunning)
    }

    @Test func aDeletedGroupIsCreatedAgainWithoutLosingEntries() throws {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0) })
        let deliveries = try queue.receive(consumer: "a", count: 2)
        _ = try queue.acknowledge(deliveries[0])
        try server.command("XGROUP", "DESTROY", stream, "workers")

        let outcome = try queue.acknowledge(deliveries[1])
        let again = try queue.receive(consumer: "a", count: 9)

        #expect(outcome == .leaseLost)
        #expect(again.map(\.entry.id) == [2, 3].map(QueueEntry.sampleID))
    }

    @Test func aConsumerThatWaitsSurvivesTheEndOfTheStream() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        _ = try queue.acknowledge(queue.receiveOne())
        let other = try server.queue()
        let helper = Thread {
            try? waitUntil("the consumer waits") {
                try server.command("INFO", "clients").contains("blocked_clients:1")
            }
            _ = try? server.command("FLUSHALL")
            _ = try? RedisTestConnection(socketPath: server.socketPath).command(
                ["XADD", "hookline:{queue:events:0}:stream", "*"]
                    + ["id", QueueEntry.sampleID(2), "app", "7", "event", "issue.created", "attempt", "1"]
                    + ["enqueued", "1700000000000000", "due", "1700000000000000", "payload", "payload"])
        }
        helper.start()

        let deliveries = try queue.receive(consumer: "a", count: 1, wait: .seconds(20))

        #expect(deliveries.map(\.entry) == [.sample(2)])
        #expect(try other.statistics().pending == 1)
    }

    @Test func scriptsThatRedisForgotAreSentAgain() throws {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0) })
        let deliveries = try queue.receive(consumer: "a", count: 3)
        try server.command("SCRIPT", "FLUSH")

        let outcomes = queue.settle([
            .retry(deliveries[0], at: testNow, attempt: 2), .acknowledge(deliveries[1]),
            .deadLetter(deliveries[2], reason: "gone", at: testNow),
        ])

        #expect(outcomes == [.settled, .settled, .settled])
        let statistics = try queue.statistics()
        #expect(statistics.scheduled == 1)
        #expect(statistics.dead == 1)
        #expect(statistics.depth == 1)
    }

    @Test func anEnqueueThatMemoryForbidsLeavesNothing() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        try server.command("CONFIG", "SET", "maxmemory", "1")

        for entry in [QueueEntry.sample(2), .sample(2, dueAt: testNow.adding(seconds: 5))] {
            let error = #expect(throws: RedisError.self) { try queue.enqueue(entry, idempotencyKey: "key") }
            guard case .refused(_, let message)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(message.hasPrefix("OOM"))
        }

        // The stream and the counters of what it takes.
        #expect(try server.integer("DBSIZE") == 2)
        try server.command("CONFIG", "SET", "maxmemory", "0")
        #expect(try queue.statistics().depth == 1)
        #expect(try queue.enqueue(.sample(2), idempotencyKey: "key") == .accepted(QueueEntry.sampleID(2)))
    }

    @Test func aQueueIsWorkedOffWithoutMemoryToSpare() throws {
        let queue = try server.queue()
        try queue.fill((1...4).map { .sample($0) } + [.sample(5, dueAt: testNow.adding(seconds: 5))])
        let first = try queue.receiveOne()
        _ = try queue.deadLetter(first, reason: "gone", at: testNow)
        try server.command("CONFIG", "SET", "maxmemory", "1")

        let deliveries = try queue.receive(consumer: "a", count: 9)
        let outcomes = queue.settle([
            .acknowledge(deliveries[0]), .retry(deliveries[1], at: testNow, attempt: 2),
            .deadLetter(deliveries[2], reason: "gone", at: testNow),
        ])
        #expect(try queue.beginIsolation(consumer: "a", lifetime: .seconds(60)))
        let promotion = try queue.promoteDue(leeway: .seconds(5))
        let redrive = try queue.redriveAll(now: testNow)

        #expect(outcomes == [.settled, .settled, .settled])
        #expect(promotion.count == 2)
        #expect(redrive == Redrive(count: 2, isFull: false))
        #expect(try queue.receive(consumer: "a", count: 9).count == 4)
    }

    @Test func aKeyOfAnotherTypeIsNamedInTheError() throws {
        let queue = try server.queue()
        try server.command("SET", stream, "text")

        let error = #expect(throws: RedisError.self) { try queue.receive(consumer: "a", count: 1) }

        guard case .refused(let key, let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(key == stream)
        #expect(message.hasPrefix("WRONGTYPE"))
    }

    @Test func aSetUpThatMayLoseEventsIsNamed() throws {
        let durable = try RedisServer.durable()
        try server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")

        let hazards = try server.queue().hazards()
        let none = try durable.queue().hazards()

        #expect(hazards == [.hasNoAppendOnlyFile, .evicts(policy: "allkeys-lru")])
        #expect(none.isEmpty)
        #expect(durable.process.isRunning)
    }
}
