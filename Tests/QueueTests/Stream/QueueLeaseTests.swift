import Model
import Queue
import TestSupport
import Testing

/// Leases on entries.
@Suite
struct QueueLeaseTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    @Test func anEntryOfACrashedConsumerIsTakenOverWithItsCount() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2)])
        _ = try queue.receive(consumer: "crashed", count: 2)

        let early = try queue.claim(consumer: "b", idleLongerThan: .seconds(3600), count: 9)
        let claimed = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 9)
        let again = try queue.claim(consumer: "c", idleLongerThan: .zero, count: 9)

        #expect(early.isEmpty)
        #expect(claimed.map(\.entry) == [.sample(1), .sample(2)])
        #expect(claimed.map(\.deliveryCount) == [2, 2])
        #expect(again.map(\.deliveryCount) == [3, 3])
        #expect(try queue.acknowledge(again) == [.settled, .settled])
        #expect(try queue.statistics().counts == QueueStatistics())
    }

    @Test(arguments: ["slow", "other"])
    func aSlowConsumerChangesNothingOnceAnotherHasItsEntry(claimant: String) throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let slow = try queue.receiveOne(consumer: "slow")
        // Also when it is the same consumer's other thread that took over.
        let claimed = try queue.claim(consumer: claimant, idleLongerThan: .zero, count: 1)

        let outcomes = queue.settle([
            .acknowledge(slow), .retry(slow, at: testNow, attempt: 2), .deadLetter(slow, reason: "", at: testNow),
        ])
        let isRenewed = try queue.renew(slow)

        #expect(outcomes == [.leaseLost, .leaseLost, .leaseLost])
        #expect(!isRenewed)
        let statistics = try queue.statistics()
        #expect(statistics.pending == 1)
        #expect(statistics.scheduled + statistics.dead + statistics.waiting == 0)
        #expect(try queue.retry(claimed[0], at: testNow) == .settled)
    }

    @Test func bothSchedulingLeavesOneSchedule() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let slow = try queue.receiveOne(consumer: "slow")
        let quick = try queue.claim(consumer: "quick", idleLongerThan: .zero, count: 1)[0]

        let quickOutcome = try queue.retry(quick, at: testNow.adding(seconds: 5))
        _ = try queue.promoteDue(leeway: .seconds(5))
        let slowOutcome = try queue.retry(slow, at: testNow.adding(seconds: 9))

        #expect(quickOutcome == .settled)
        #expect(slowOutcome == .leaseLost)
        #expect(try queue.statistics().depth == 1)
        #expect(try queue.receiveOne().entry.attempt == 2)
    }

    @Test func aRenewedEntryIsNotTakenOver() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let delivery = try queue.receiveOne()
        let stream = "hookline:{queue:events:0}:stream"
        let pending = try server.command("XPENDING", stream, "workers", "-", "+", "1").split(separator: "\r\n")
        // An hour ago, as Redis counts.
        try server.command("XCLAIM", stream, "workers", "a", "0", String(pending[3]), "IDLE", "3600000", "JUSTID")

        let isRenewed = try queue.renew(delivery)
        let claimed = try queue.claim(consumer: "b", idleLongerThan: .seconds(1800), count: 1)

        #expect(isRenewed)
        #expect(claimed.isEmpty)
        #expect(try queue.acknowledge(delivery) == .settled)
    }

    @Test func manyPendingEntriesAreGoneThroughInSteps() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumPayloadBytes: 1 << 10))
        try queue.fill((1...350).map { .sample($0) })
        for _ in 0..<4 { _ = try queue.receive(consumer: "crashed", count: 100) }

        var claimed: [String] = []
        for _ in 0..<4 {
            claimed += try queue.claim(consumer: "b", idleLongerThan: .zero, count: 100).map(\.entry.id)
        }

        #expect(claimed == (1...350).map(QueueEntry.sampleID))
    }

    @Test func onlyConsumersThatHaveNothingAreRemoved() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2)])
        _ = try queue.receive(consumer: "busy", count: 1)
        _ = try queue.acknowledge(queue.receiveOne(consumer: "idle"))

        let early = try queue.removeConsumers(idleLongerThan: .seconds(3600))
        let removed = try queue.removeConsumers(idleLongerThan: .zero)

        #expect(early == 0)
        #expect(removed == 1)
        let claimed = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 1)
        #expect(claimed.map(\.entry) == [.sample(1)])
    }

    @Test func aQueueWithoutAGroupHasNoConsumersAndNothingToTakeOver() throws {
        let queue = try server.queue()

        #expect(try queue.removeConsumers(idleLongerThan: .zero) == 0)
        #expect(try queue.claim(consumer: "a", idleLongerThan: .zero, count: 1).isEmpty)
        #expect(try queue.statistics().counts == QueueStatistics())
        #expect(try queue.promoteDue() == Promotion(count: 0))
    }

    @Test func aConsumerTakesBackWhatItNeverGotAndNotWhatItHas() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 2))
        try queue.fill((1...600).map { .sample($0, appID: Int64($0)) })
        let held = try queue.receive(consumer: "a", count: 5)
        // Redis delivers the others in a reply that is lost.
        let lost = try server.queue(DeliveryQueueSettings(shardCount: 2))
        while try !lost.receive(consumer: "a", count: 100).isEmpty {}

        var back: [QueueDelivery] = []
        while true {
            let step = try queue.takeBack(consumer: "a", held: held + back, count: 50)
            if step.isEmpty { break }
            back += step
        }

        #expect(back.count == 595)
        #expect(Set((held + back).map(\.entry.id)).count == 600)
        #expect(back.allSatisfy { $0.deliveryCount == 2 })
        #expect(try queue.acknowledge(back).allSatisfy { $0 == .settled })
        #expect(try queue.acknowledge(held).allSatisfy { $0 == .settled }, "their leases are untouched")
    }

    @Test func nothingIsTakenBackFromAnotherConsumerOrWithoutAGroup() throws {
        let queue = try server.queue()
        #expect(try queue.takeBack(consumer: "a", held: [], count: 9).isEmpty)
        try queue.fill([.sample(1)])
        let delivery = try queue.receiveOne(consumer: "b")

        #expect(try queue.takeBack(consumer: "a", held: [], count: 9).isEmpty)
        #expect(try queue.acknowledge(delivery) == .settled)
    }

    @Test func whatWasHandedOutOftenOrIsTooLargeIsNotTakenBack() throws {
        var settings = DeliveryQueueSettings()
        settings.sharedHandOuts = 3
        let queue = try server.queue(settings)
        try queue.fill([.sample(1, payload: [UInt8](repeating: 120, count: 200_000)), .sample(2)])
        _ = try queue.receive(consumer: "a", count: 2)
        settings.maximumPayloadBytes = 1000
        let narrow = try server.queue(settings)

        let rounds = try (1...3).map { _ in
            try narrow.takeBack(consumer: "a", held: [], count: 9).map { "\($0.entry.id) \($0.deliveryCount)" }
        }
        let large = try queue.takeBack(consumer: "a", held: [], count: 9)

        let small = QueueEntry.sampleID(2)
        #expect(rounds == [["\(small) 2"], ["\(small) 3"], []])
        #expect(large.map(\.entry.id) == [QueueEntry.sampleID(1)])
    }

    @Test(arguments: ["receive", "claim"])
    func aLostQueueIsNoticedBy(_ call: String) throws {
        let queue = try server.queue()
        let read = {
            call == "claim"
                ? try queue.claim(consumer: "a", idleLongerThan: .zero, count: 1)
                : try queue.receive(consumer: "a", count: 1)
        }
        // The first call creates the group.
        for _ in 0..<2 { _ = try read() }
        try server.command("FLUSHALL")

        _ = try read()

        #expect(queue.takeLoss())
    }

    @Test func aLostQueueIsNoticedOnceByAQueueThatKnewIt() throws {
        let queue = try server.queue()
        _ = try queue.receive(consumer: "a", count: 1)
        #expect(!queue.takeLoss(), "a new queue is not lost")

        try server.command("FLUSHALL")
        _ = try queue.receive(consumer: "a", count: 1)

        #expect(queue.takeLoss())
        #expect(!queue.takeLoss())
        _ = try queue.receive(consumer: "a", count: 1)
        #expect(!queue.takeLoss())
    }
}
