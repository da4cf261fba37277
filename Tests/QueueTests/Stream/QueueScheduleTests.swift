import Model
import Queue
import TestSupport
import Testing

/// Scheduled entries.
@Suite
struct QueueScheduleTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    @Test func aRetryKeepsTheEntryAndCountsTheAttempt() throws {
        let queue = try server.queue()
        let entry = QueueEntry.sample(1, payload: [0, 255, 13, 10])
        try queue.fill([entry])
        let due = testNow.adding(seconds: 300)

        let outcome = try queue.retry(queue.receiveOne(), at: due)
        let early = try queue.promoteDue()
        let nothing = try queue.receive(consumer: "a", count: 9)
        let onTime = try queue.promoteDue(leeway: .seconds(300))
        let delivery = try queue.receiveOne()

        #expect(outcome == .settled)
        #expect(early.count == 0)
        let wait = try #require(early.nextDueIn)
        #expect(.seconds(240) < wait && wait <= .seconds(300))
        #expect(nothing.isEmpty)
        #expect(onTime == Promotion(count: 1))
        var expected = entry
        expected.attempt = 2
        expected.dueAt = delivery.entry.dueAt
        #expect(delivery.entry == expected)
    }

    @Test func anEntryPutBackKeepsItsAttempt() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])

        _ = try queue.retry(queue.receiveOne(), at: testNow, attempt: 1)
        _ = try queue.promoteDue()

        var expected = QueueEntry.sample(1)
        let delivery = try queue.receiveOne()
        expected.dueAt = delivery.entry.dueAt
        #expect(delivery.entry == expected)
    }

    @Test func theEarliestDueEntryIsPromotedFirst() throws {
        let queue = try server.queue()
        let delays: [Int64] = [50, 10, 40, 20, 30]
        try queue.fill(delays.map { .sample(Int($0), dueAt: testNow.adding(seconds: $0)) })

        let first = try queue.promoteDue(leeway: .seconds(45), limit: 3)
        let second = try queue.promoteDue(leeway: .seconds(45), limit: 3)
        let deliveries = try queue.receive(consumer: "a", count: 9)

        #expect(first.count == 3)
        // The fourth was due within the leeway, too, and the fifth is not yet.
        #expect(try #require(first.nextDueIn) <= .zero)
        #expect(second.count == 1)
        #expect(try #require(second.nextDueIn) > .zero)
        #expect(deliveries.map(\.entry.id) == [10, 20, 30, 40].map(QueueEntry.sampleID))
    }

    @Test(arguments: [Int64(-3600), 0, 3600])
    func anEntryIsDueByRedisClockWhateverTheCallersClocksSay(secondsAhead: Int64) throws {
        // One program enqueues and retries, another one promotes.
        let skewed = WallClock { Timestamp.now().adding(seconds: secondsAhead) }
        let queue = try server.queue(clock: skewed)
        let other = try server.queue(clock: .system)
        var entry = QueueEntry.sample(1, dueAt: nil)
        entry.enqueuedAt = skewed.now()
        entry.dueAt = entry.enqueuedAt
        try queue.fill([entry])
        var scheduled = QueueEntry.sample(2, dueAt: nil)
        scheduled.enqueuedAt = skewed.now()
        scheduled.dueAt = scheduled.enqueuedAt.adding(seconds: 60)
        try queue.fill([scheduled])
        _ = try queue.retry(queue.receiveOne(), at: skewed.now().adding(seconds: 60))

        let early = try other.promoteDue(leeway: .seconds(1))
        let onTime = try other.promoteDue(leeway: .seconds(60))

        #expect(early.count == 0)
        #expect(try #require(early.nextDueIn) > .zero)
        #expect(onTime == Promotion(count: 2))
    }

    @Test func aClockThatStepsBetweenTheDecisionAndTheSettlementDoesNotMoveARetry() throws {
        let time = ManualClock()
        let queue = try server.queue(clock: time.clock)
        try queue.fill([.sample(1)])
        let delivery = try queue.receiveOne()
        let decision = time.now
        let retry = Settlement.retry(delivery, at: decision.adding(seconds: 60), attempt: 2)

        time.advance(seconds: -3600)
        _ = queue.settle([retry], decidedAt: decision)

        #expect(try queue.promoteDue(leeway: .seconds(1)).count == 0)
        #expect(try queue.promoteDue(leeway: .seconds(60)).count == 1)
    }

    @Test func aPromotedEntryIsRemovedFromTheSchedule() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1, dueAt: testNow.adding(seconds: 1))])

        _ = try queue.promoteDue(leeway: .seconds(1))
        _ = try queue.acknowledge(queue.receiveOne())

        // The stream and the counters of what it takes.
        #expect(try server.integer("DBSIZE") == 2)
        #expect(try queue.statistics().counts == QueueStatistics())
    }
}
