import Queue
import TestSupport
import Testing

/// An entry that ends every worker process that has it.
@Suite
struct PoisonTests {
    @Test func anEntryThatEndsEveryWorkerBecomesADeadLetterAndTheOthersAreDelivered() throws {
        let (poisonous, other) = (DeliveryFixture.App(id: 1, path: "/hang"), DeliveryFixture.App(id: 2, path: "/hold"))
        let fixture = try DeliveryFixture(
            [poisonous, other],
            settings: ["HOOKLINE_WEBHOOK_TIMEOUT_MS": "30000", "HOOKLINE_VISIBILITY_SECONDS": "5"])
        let poison = try fixture.send(poisonous, "issue.created")
        let neighbours = try (0..<3).map { _ in try fixture.send(other, "issue.created") }

        for round in 1...4 {
            for id in neighbours + [poison] { _ = try fixture.requests(id, count: round) }
            try fixture.replaceWorker()
        }
        fixture.receiver.release()
        let late = try fixture.send(other, "issue.resolved")
        for round in 5...12 {
            _ = try fixture.requests(poison, count: round)
            #expect(try fixture.requests(late).count == 1)
            for id in neighbours { #expect(try fixture.requests(id, count: 4).count == 4) }
            #expect(fixture.workerLog.contains("entry processed in isolation: workers ended while they processed it"))
            try fixture.replaceWorker()
        }
        try fixture.settle()

        #expect(try fixture.requests(poison).count == 12)
        for id in neighbours { #expect(try fixture.requests(id).count == 5) }
        let queue = DeliveryQueue(connection: try fixture.redis.connection())
        #expect(try queue.deadLetter(id: poison)?.reason == "poison: received by workers 12 times and never settled")
        #expect(try queue.statistics().dead == 1)
        #expect(try fixture.rows(poisonous, "issue.created", count: 0).isEmpty)
        #expect(try fixture.rows(other, "issue.created", count: 3).count == 3)
    }
}
