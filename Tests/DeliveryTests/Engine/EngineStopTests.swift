import Buffer
import Delivery
import Foundation
import Model
import Queue
import System
import TestSupport
import Testing

/// A worker that is stopped leaves nothing undone and nothing behind.
@Suite
struct EngineStopTests {
    @Test func attemptsUnderWayMayEndAndTheRestIsPutBack() throws {
        let bench = try EngineBench()
        bench.addApp(1, "/hold")
        let worker = try bench.worker { $0.sender.perAppLimit = 2 }
        for _ in 0..<10 { try bench.enqueue(app: 1) }
        try waitUntil("two are under way") { bench.receiver.received.count == 2 }
        let remainder = Lock<DeliveryWorker.Remainder?>(nil)
        Thread.detachNewThread {
            let left = worker.stop(within: .seconds(30))
            remainder.withLock { $0 = left }
        }

        // What waits is put back while the attempts go on.
        try waitUntil("the rest is put back") {
            worker.isStopping && worker.inFlight == 2 && worker.senderLoad == (running: 2, waiting: 0)
        }
        #expect(remainder.withLock { $0 } == nil)
        bench.receiver.release()
        try waitUntil("the worker has ended") { remainder.withLock { $0 } != nil }

        #expect(remainder.withLock { $0?.unsettled } == 0)
        #expect(bench.receiver.received.count == 2)
        #expect(try bench.rows(app: 1).count == 2)
        let statistics = try bench.queue.statistics()
        #expect(statistics.scheduled + statistics.waiting == 8)
        #expect(statistics.pending == 0)
        let next = try bench.worker("two")
        try bench.waitUntilEmpty()
        #expect(bench.receiver.received.count == 10)
        #expect(Set(try bench.column("attempt", app: 1)) == ["1"])
        #expect(next.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func attemptsThatDoNotEndAreRecordedAsCancelledAndMadeAgain() throws {
        let bench = try EngineBench()
        bench.addApp(1, "/hang")
        let worker = try bench.worker()
        let id = try bench.enqueue(app: 1)
        try waitUntil("it is under way") { bench.receiver.received.count == 1 }

        let remainder = worker.stop(within: .milliseconds(100))

        #expect(remainder.unsettled == 0)
        #expect(try bench.column("reason", app: 1) == ["cancelled"])
        let again = try bench.worker("two")
        try waitUntil("it is sent again") { bench.receiver.received.count == 2 }
        #expect(bench.receiver.received.compactMap { $0.header("Request-ID") } == [id, id])
        _ = again.stop(within: .zero)
        #expect(try bench.column("attempt", app: 1) == ["1", "1"])
    }

    @Test func theConsumerIsRemoved() throws {
        let bench = try EngineBench()
        bench.addApp(1)
        let other = try bench.worker("other")
        let worker = try bench.worker("one")
        for _ in 0..<20 { try bench.enqueue(app: 1) }
        try bench.waitUntilEmpty()
        try waitUntil("both are known") { try consumerNames(bench).contains("one") }

        #expect(worker.stop(within: .seconds(5)).unsettled == 0)

        #expect(try !consumerNames(bench).contains("one"))
        #expect(other.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aStopWhileRedisIsAwayIsBoundedAndSaysWhatIsLeft() throws {
        let bench = try EngineBench()
        bench.addApp(1, "/hold")
        let worker = try bench.worker { $0.settlingTime = .milliseconds(200) }
        try bench.enqueue(app: 1)
        try waitUntil("it is under way") { bench.receiver.received.count == 1 }
        bench.server.process.send(signal: 9)
        _ = try bench.server.process.waitForExit()
        bench.receiver.release()
        let start = Timestamp.now()

        let remainder = worker.stop(within: .milliseconds(200))

        #expect(remainder.unsettled == 1)
        #expect(Timestamp.now() < start.adding(seconds: 10))
    }

    @Test func aWorkerThatWasNeverStartedEndsAtOnce() throws {
        let bench = try EngineBench()
        let worker = try bench.worker(isStarted: false)

        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    private func consumerNames(_ bench: EngineBench) throws -> [String] {
        let keys = try bench.server.command("KEYS", "*:stream").split(separator: "\r\n").map(String.init)
        guard let stream = keys.last else { return [] }
        return try bench.server.command("XINFO", "CONSUMERS", stream, "workers").split(separator: "\r\n")
            .map(String.init)
    }
}
