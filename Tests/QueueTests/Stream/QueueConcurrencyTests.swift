import Foundation
import Model
import Queue
import Redis
import System
import TestSupport
import Testing

/// Concurrent producers and consumers lose nothing and exceed no limit.
@Suite(.serialized)
struct QueueConcurrencyTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    @Test func theBoundIsExactHoweverManyEnqueueAtOnce() throws {
        let results = Lock<[EnqueueResult]>([])

        try inParallel(8) { thread in
            let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 150))
            for number in 0..<50 {
                let result = try queue.enqueue(.sample(thread * 1000 + number, appID: Int64(number % 10)))
                results.withLock { $0.append(result) }
            }
        }

        let refused = results.withLock { $0.filter { $0 == .full(depth: 150, bound: 150) }.count }
        #expect(refused == 250)
        #expect(try server.queue().statistics().depth == 150)
    }

    @Test func oneOfManyWithTheSameKeyIsAccepted() throws {
        let results = Lock<[EnqueueResult]>([])

        try inParallel(8) { thread in
            let queue = try server.queue()
            for number in 0..<50 {
                let entry = QueueEntry.sample(thread * 1000 + number)
                let result = try queue.enqueue(entry, idempotencyKey: "key \(number)")
                results.withLock { $0.append(result) }
            }
        }

        var accepted = Set<String>()
        var named = Set<String>()
        for result in results.withLock({ $0 }) {
            if case .accepted(let id) = result { accepted.insert(id) }
            if case .duplicate(let id) = result { named.insert(id) }
        }
        #expect(accepted.count == 50)
        #expect(named.isSubset(of: accepted))
        #expect(try server.queue().statistics().depth == 50)
    }

    @Test func workersThatCrashAtAnyPointLoseNothing() throws {
        let ledger = Lock(Ledger())
        let count = 4000
        try inParallel(2) { thread in
            let queue = try server.queue(DeliveryQueueSettings(shardCount: 3))
            try queue.fill((0..<count / 2).map { .sample($0 * 2 + thread, appID: Int64($0 % 50)) })
        }

        try inParallel(4) { thread in
            var worker = CrashingWorker(
                queue: try server.queue(DeliveryQueueSettings(shardCount: 3), clock: .system), seed: UInt64(thread))
            try worker.run(into: ledger)
        }

        let result = ledger.withLock { $0 }
        #expect(result.sent.count == count)
        #expect(result.settled.count == count)
        // The same entry settled twice would be a schedule or an entry doubled.
        #expect(result.settled.values.allSatisfy { $0 == 1 })
        #expect(result.crashes > 50)
        #expect(result.retries > 50)
        #expect(try server.queue(DeliveryQueueSettings(shardCount: 3)).statistics().counts == QueueStatistics())
    }

    @Test func aRestartOfRedisInBetweenLosesNothing() throws {
        let server = try RedisServer.durable()
        let ledger = Lock(Ledger())
        let count = 800
        let queue = try server.queue()
        try queue.fill((0..<count).map { .sample($0) })
        let restarted = Lock<RedisServer?>(nil)

        try inParallel(4) { thread in
            guard thread > 0 else {
                try waitUntil("a part is done", seconds: 60) { ledger.withLock { $0.settled.count } > count / 4 }
                try server.crash()
                let again = try RedisServer.durable(directory: server.directory)
                restarted.withLock { $0 = again }
                return
            }
            var worker = CrashingWorker(queue: try server.queue(clock: .system), seed: UInt64(thread))
            try worker.run(into: ledger)
        }

        #expect(ledger.withLock { $0.sent.count } == count)
        #expect(ledger.withLock { $0.outages } > 0)
        #expect(try queue.statistics().counts == QueueStatistics())
    }
}

/// The deliveries that workers received.
private struct Ledger {
    /// How often each entry was sent.
    var sent: [String: Int] = [:]
    /// How often the end of each entry was settled.
    var settled: [String: Int] = [:]
    var crashes = 0
    var retries = 0
    var outages = 0
}

/// A worker that crashes at random between any two of its steps and restarts under another name.
private struct CrashingWorker {
    let queue: DeliveryQueue
    var random: SeededGenerator
    var life = 0
    let name: String

    init(queue: DeliveryQueue, seed: UInt64) {
        self.queue = queue
        random = SeededGenerator(seed: seed)
        name = "worker-\(seed)"
    }

    /// Works until the queue is empty.
    mutating func run(into ledger: Lock<Ledger>) throws {
        let deadline = Date().addingTimeInterval(120)
        while Date() < deadline {
            do {
                if try queue.statistics().depth == 0 { return }
                try step(ledger)
            } catch let error as RedisError {
                // Redis is away for a moment.
                ledger.withLock { $0.outages += 1 }
                guard Date() < deadline else { throw error }
                try waitUntil("Redis is back", seconds: 60) { (try? queue.statistics()) != nil }
            }
        }
        throw TestSupportError("the queue did not become empty")
    }

    private mutating func step(_ ledger: Lock<Ledger>) throws {
        let consumer = "\(name)-\(life)"
        _ = try queue.promoteDue()
        var deliveries = try queue.claim(consumer: consumer, idleLongerThan: .milliseconds(200), count: 20)
        if queue.hasSuspects,
            let delivery = try queue.claimAlone(consumer: consumer, idleLongerThan: .milliseconds(200))
        {
            deliveries.insert(delivery, at: 0)
        }
        deliveries += try queue.receive(consumer: consumer, count: 20, wait: .milliseconds(20))
        for delivery in deliveries {
            if crashes(ledger) { return }
            ledger.withLock { $0.sent[delivery.entry.id, default: 0] += 1 }
            if crashes(ledger) { return }
            if delivery.entry.attempt < 3, Int.random(in: 0..<4, using: &random) == 0 {
                let delay = Int64.random(in: 0..<20000, using: &random)
                let due = Timestamp(microseconds: Timestamp.now().microseconds + delay)
                if try queue.retry(delivery, at: due) == .settled { ledger.withLock { $0.retries += 1 } }
            } else if try queue.acknowledge(delivery) == .settled {
                ledger.withLock { $0.settled[delivery.entry.id, default: 0] += 1 }
            }
        }
    }

    private mutating func crashes(_ ledger: Lock<Ledger>) -> Bool {
        guard Int.random(in: 0..<60, using: &random) == 0 else { return false }
        life += 1
        ledger.withLock { $0.crashes += 1 }
        return true
    }
}

/// Runs `body` on several threads at once and rethrows the first error.
private func inParallel(_ count: Int, _ body: @Sendable (Int) throws -> Void) throws {
    let failures = Lock<[any Error]>([])
    DispatchQueue.concurrentPerform(iterations: count) { index in
        do { try body(index) } catch { failures.withLock { $0.append(error) } }
    }
    if let error = failures.withLock({ $0.first }) { throw error }
}
