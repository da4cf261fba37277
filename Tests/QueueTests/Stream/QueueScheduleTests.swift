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
        let early = try queue.promoteDue(now: Timestamp(microseconds: due.microseconds - 1))
        let nothing = try queue.receive(consumer: "a", count: 9)
        let onTime = try queue.promoteDue(now: due)
        let delivery = try queue.receiveOne()

        #expect(outcome == .settled)
        #expect(early == Promotion(count: 0, nextDueAt: due))
        #expect(nothing.isEmpty)
        #expect(onTime == Promotion(count: 1, nextDueAt: nil))
        var expected = entry
        expected.attempt = 2
        expected.dueAt = due
        #expect(delivery.entry == expected)
    }

    @Test func anEntryPutBackKeepsItsAttempt() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])

        _ = try queue.retry(queue.receiveOne(), at: testNow, attempt: 1)
        _ = try queue.promoteDue(now: testNow)

        #expect(try queue.receiveOne().entry == .sample(1))
    }

    @Test func theEarliestDueEntryIsPromotedFirst() throws {
        let queue = try server.queue()
        let delays: [Int64] = [50, 10, 40, 20, 30]
        try queue.fill(delays.map { .sample(Int($0), dueAt: testNow.adding(seconds: $0)) })

        let first = try queue.promoteDue(now: testNow.adding(seconds: 45), limit: 3)
        let second = try queue.promoteDue(now: testNow.adding(seconds: 45), limit: 3)
        let deliveries = try queue.receive(consumer: "a", count: 9)

        #expect(first == Promotion(count: 3, nextDueAt: testNow.adding(seconds: 40)))
        #expect(second == Promotion(count: 1, nextDueAt: testNow.adding(seconds: 50)))
        #expect(deliveries.map(\.entry.id) == [10, 20, 30, 40].map(QueueEntry.sampleID))
    }

    @Test func aMicrosecondCounts() throws {
        let queue = try server.queue()
        let due = Timestamp(microseconds: 253_402_300_799_999_999 / 100)
        try queue.fill([.sample(1, dueAt: due)])

        let early = try queue.promoteDue(now: Timestamp(microseconds: due.microseconds - 1))
        let onTime = try queue.promoteDue(now: due)

        #expect(early.count == 0)
        #expect(early.nextDueAt == due)
        #expect(onTime.count == 1)
    }

    @Test func aPromotedEntryIsRemovedFromTheSchedule() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1, dueAt: testNow.adding(seconds: 1))])

        _ = try queue.promoteDue(now: testNow.adding(seconds: 1))
        _ = try queue.acknowledge(queue.receiveOne())

        #expect(try server.integer("DBSIZE") == 1)
        #expect(try queue.statistics() == QueueStatistics())
    }
}
