import Model
import Queue
import Redis
import TestSupport
import Testing

/// Enqueueing, receiving and settling.
@Suite
struct DeliveryQueueTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    @Test func anEntryIsReceivedAsItWasEnqueued() throws {
        let queue = try server.queue()
        let entry = QueueEntry(
            id: QueueEntry.sampleID(1), appID: -3, event: "issue.assigned",
            enqueuedAt: Timestamp(microseconds: 1_700_000_000_123_456), payload: Array(0...255) + [13, 10, 0],
            attempt: 1, originalID: QueueEntry.sampleID(99))

        let result = try queue.enqueue(entry)
        let delivery = try queue.receiveOne()

        #expect(result == .accepted(entry.id))
        #expect(delivery.entry == entry)
        #expect(delivery.deliveryCount == 1)
    }

    @Test func entriesComeInTheOrderTheyWentIn() throws {
        let queue = try server.queue()
        try queue.fill((1...5).map { .sample($0) })

        let first = try queue.receive(consumer: "a", count: 2)
        let second = try queue.receive(consumer: "b", count: 10)
        let third = try queue.receive(consumer: "a", count: 10)

        #expect(first.map(\.entry.id) == (1...2).map(QueueEntry.sampleID))
        #expect(second.map(\.entry.id) == (3...5).map(QueueEntry.sampleID))
        #expect(third.isEmpty)
    }

    @Test func anAcknowledgedEntryIsRemovedCompletely() throws {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0) })
        let deliveries = try queue.receive(consumer: "a", count: 10)

        let outcomes = try queue.acknowledge(deliveries)

        #expect(outcomes == [.settled, .settled, .settled])
        #expect(try queue.statistics().counts == QueueStatistics())
        #expect(try server.integer("XLEN", "hookline:{queue:events:0}:stream") == 0)
        // The stream and the counters of what it takes.
        #expect(try server.integer("DBSIZE") == 2)
    }

    @Test func anEntryIsSettledOnce() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let delivery = try queue.receiveOne()

        let outcomes = queue.settle([
            .acknowledge(delivery), .retry(delivery, at: testNow, attempt: 2),
            .deadLetter(delivery, reason: "", at: testNow),
        ])

        #expect(outcomes == [.settled, .leaseLost, .leaseLost])
        #expect(try queue.statistics().counts == QueueStatistics())
    }

    @Test func theLargestPayloadIsAcceptedAndAByteMoreIsNot() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumPayloadBytes: 1000))
        let largest = QueueEntry.sample(1, payload: [UInt8](repeating: 7, count: 1000))
        let tooLarge = QueueEntry.sample(2, payload: [UInt8](repeating: 7, count: 1001))

        let accepted = try queue.enqueue(largest)
        let refused = try queue.enqueue(tooLarge)

        #expect(accepted == .accepted(largest.id))
        #expect(refused == .tooLarge(what: "payload", bytes: 1001, limit: 1000))
        #expect(try queue.receive(consumer: "a", count: 9).map(\.entry) == [largest])
    }

    @Test func aQueueOfTheLargestPayloadsIsReadInSteps() throws {
        let settings = DeliveryQueueSettings()
        let queue = try server.queue(settings)
        let payload = [UInt8](repeating: 65, count: settings.maximumPayloadBytes)
        try queue.fill((1...100).map { .sample($0, payload: payload) })

        let parts = try (1...3).map { _ in try queue.receive(consumer: "a", count: 1000) }

        #expect(parts[0].count < 100 && parts.joined().count == 100)
        #expect(parts.joined().allSatisfy { $0.entry.payload == payload })
    }

    @Test func theBoundIsTheLastEntryAccepted() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 3))
        try queue.fill([.sample(1), .sample(2, dueAt: testNow.adding(seconds: 9)), .sample(3), .sample(5)])

        let refused = try queue.enqueue(.sample(4))

        #expect(refused == .full(depth: 3, bound: 3))
        let delivery = try queue.receiveOne()
        #expect(try queue.enqueue(.sample(4)) == .full(depth: 3, bound: 3))
        #expect(try queue.acknowledge(delivery) == .settled)
        #expect(try queue.enqueue(.sample(4)) == .accepted(QueueEntry.sampleID(4)))
    }

    @Test func aRepetitionWithTheSameKeyGetsTheFirstId() throws {
        let queue = try server.queue()

        let first = try queue.enqueue(.sample(1), idempotencyKey: "a{b}:ü")
        let second = try queue.enqueue(.sample(2), idempotencyKey: "a{b}:ü")
        let other = try queue.enqueue(.sample(3), idempotencyKey: "a{b}:")

        #expect(first == .accepted(QueueEntry.sampleID(1)))
        #expect(second == .duplicate(of: QueueEntry.sampleID(1)))
        #expect(other == .accepted(QueueEntry.sampleID(3)))
        #expect(try queue.statistics().waiting == 2)
        let ttl = try server.integer("TTL", "hookline:{queue:events:0}:idempotency:a{b}:ü")
        #expect((86400 - 60...86400).contains(ttl))
    }

    @Test func aFullQueueStillKnowsARepetitionAndForgetsARefusal() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 1))
        _ = try queue.enqueue(.sample(1), idempotencyKey: "one")

        let repetition = try queue.enqueue(.sample(2), idempotencyKey: "one")
        let refused = try queue.enqueue(.sample(3), idempotencyKey: "two")
        _ = try queue.acknowledge(queue.receiveOne())
        let accepted = try queue.enqueue(.sample(4), idempotencyKey: "two")

        #expect(repetition == .duplicate(of: QueueEntry.sampleID(1)))
        #expect(refused == .full(depth: 1, bound: 1))
        #expect(accepted == .accepted(QueueEntry.sampleID(4)))
    }

    @Test func theLongestIdempotencyKeyIsTakenAndAByteMoreIsNot() throws {
        let queue = try server.queue()
        let limit = DeliveryQueue.maximumIdempotencyKeyBytes

        let taken = try queue.enqueue(.sample(1), idempotencyKey: String(repeating: "k", count: limit))
        let refused = try queue.enqueue(.sample(2), idempotencyKey: String(repeating: "k", count: limit + 1))

        #expect(taken == .accepted(QueueEntry.sampleID(1)))
        #expect(refused == .tooLarge(what: "idempotency key", bytes: limit + 1, limit: limit))
    }

    @Test func aWaitMayBeLongerThanTheCommandTimeout() throws {
        let queue = try server.queue(commandTimeout: .milliseconds(300))
        _ = try queue.receive(consumer: "a", count: 1)

        let deliveries = try queue.receive(consumer: "a", count: 1, wait: .milliseconds(900))

        #expect(deliveries.isEmpty)
    }

    @Test func aServerThatStaysSilentIsGivenUpAfterTheWait() throws {
        let queue = try server.queue(commandTimeout: .milliseconds(200))
        _ = try queue.receive(consumer: "a", count: 1)
        server.process.send(signal: 19)
        defer { server.process.send(signal: 18) }

        let error = #expect(throws: RedisError.self) {
            try queue.receive(consumer: "a", count: 1, wait: .milliseconds(100))
        }

        #expect(error == .timedOut(server: "unix:\(server.socketPath)", milliseconds: 300))
    }

    @Test func statisticsCountTheEntriesInEachState() throws {
        let queue = try server.queue()
        try queue.fill((1...5).map { .sample($0) } + [.sample(6, dueAt: testNow.adding(seconds: 60))])
        let deliveries = try queue.receive(consumer: "a", count: 3)
        _ = try queue.deadLetter(deliveries[0], reason: "gone", at: testNow)

        let statistics = try queue.statistics()

        #expect(statistics.waiting == 2)
        #expect(statistics.pending == 2)
        #expect(statistics.scheduled == 1)
        #expect(statistics.dead == 1)
        #expect(statistics.depth == 5)
        // By Redis' clock, whatever that of the reader and of those who enqueued.
        let readAt = try #require(statistics.readAt)
        let nextDueAt = try #require(statistics.nextDueAt)
        #expect((1...60).contains((nextDueAt.microseconds - readAt.microseconds) / 1_000_000))
        #expect((0..<60_000_000).contains(statistics.oldestAgeMicroseconds(at: testNow)))
        #expect(statistics.readers == 1)
    }

    @Test func twoQueuesOfOneRedisAreApart() throws {
        let events = try server.queue()
        let mail = try server.queue(DeliveryQueueSettings(name: "mail"))

        try events.fill([.sample(1)])
        try mail.fill([.sample(2)])

        #expect(try mail.receive(consumer: "a", count: 9).map(\.entry.id) == [QueueEntry.sampleID(2)])
        #expect(try events.receive(consumer: "a", count: 9).map(\.entry.id) == [QueueEntry.sampleID(1)])
    }

    /// The consumer makes them dead letters, so that its log and its counts have them.
    @Test func malformedEntriesAreReceivedWithTheirProblem() throws {
        let queue = try server.queue()
        try server.command("XADD", "hookline:{queue:events:0}:stream", "*", "hello", "world")
        try server.command("XADD", "hookline:{queue:events:0}:stream", "*", "id", QueueEntry.sampleID(5), "app", "x")
        try queue.fill([.sample(1)])

        let deliveries = try queue.receive(consumer: "a", count: 9)
        for delivery in deliveries {
            guard let problem = delivery.problem else { continue }
            #expect(try queue.deadLetter(delivery, reason: problem, at: .now()) == .settled)
        }
        let letters = try queue.deadLetters().letters

        #expect(deliveries.filter { $0.problem == nil }.map(\.entry.id) == [QueueEntry.sampleID(1)])
        #expect(
            Set(letters.map(\.reason)) == [
                "malformed entry: field id is not 32 lower-case hexadecimal digits",
                "malformed entry: field app is not an integer",
            ])
        #expect(try queue.deleteAllDeadLetters(now: .now().adding(seconds: 60)) == 2)
        #expect(try queue.statistics().dead == 0)
        #expect(try server.integer("HLEN", "hookline:{queue:events:0}:dead-entries") == 0)
    }
}
