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
struct WorkerStopTests {
    @Test func runningAttemptsFinishAndWaitingOnesArePutBack() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        let worker = try fixture.worker { $0.sender.perAppLimit = 2 }
        for _ in 0..<10 { try fixture.enqueue(app: 1) }
        try waitUntil("two are running") { fixture.receiver.received.count == 2 }
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
        fixture.receiver.release()
        try waitUntil("the worker has ended") { remainder.withLock { $0 } != nil }

        #expect(remainder.withLock { $0?.unsettled } == 0)
        #expect(fixture.receiver.received.count == 2)
        #expect(try fixture.rows(app: 1).count == 2)
        let statistics = try fixture.queue.statistics()
        #expect(statistics.scheduled + statistics.waiting == 8)
        #expect(statistics.pending == 0)
        let next = try fixture.worker("two")
        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.count == 10)
        #expect(Set(try fixture.column("attempt", app: 1)) == ["1"])
        #expect(next.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func attemptsThatDoNotEndAreRecordedAsCancelledAndMadeAgain() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hang")
        let worker = try fixture.worker()
        let id = try fixture.enqueue(app: 1)
        try waitUntil("it is running") { fixture.receiver.received.count == 1 }

        let remainder = worker.stop(within: .milliseconds(100))

        #expect(remainder.unsettled == 0)
        #expect(try fixture.column("reason", app: 1) == ["cancelled"])
        let again = try fixture.worker("two")
        try waitUntil("it is sent again") { fixture.receiver.received.count == 2 }
        #expect(fixture.receiver.received.compactMap { $0.header("Request-ID") } == [id, id])
        _ = again.stop(within: .zero)
        #expect(try fixture.column("attempt", app: 1) == ["1", "1"])
    }

    @Test func theConsumerIsRemoved() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        let other = try fixture.worker("other")
        let worker = try fixture.worker("one")
        // A consumer is known once it has had an entry; the other may take all that come before this one waits.
        try waitUntil("both are known") {
            try fixture.enqueue(app: 1)
            return try consumerNames(fixture).contains("one")
        }
        try fixture.waitUntilEmpty()

        #expect(worker.stop(within: .seconds(5)).unsettled == 0)

        #expect(try !consumerNames(fixture).contains("one"))
        #expect(other.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aStopWhileRedisIsAwayIsBoundedAndSaysWhatIsLeft() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        let worker = try fixture.worker { $0.settlingTime = .milliseconds(200) }
        try fixture.enqueue(app: 1)
        try waitUntil("it is running") { fixture.receiver.received.count == 1 }
        fixture.server.process.send(signal: 9)
        _ = try fixture.server.process.waitForExit()
        fixture.receiver.release()
        let start = Timestamp.now()

        let remainder = worker.stop(within: .milliseconds(200))

        #expect(remainder.unsettled == 1)
        #expect(Timestamp.now() < start.adding(seconds: 10))
    }

    @Test(arguments: [64, 256])
    func aWorkerOfManyShardsDeliversWithoutWaitingForTheOthersAndStopsInTime(shardCount: Int) throws {
        let fixture = try WorkerFixture(shardCount: shardCount)
        for app in 1...12 as ClosedRange<Int64> { fixture.addApp(app) }
        let worker = try fixture.worker { $0.queue = DeliveryQueueSettings(shardCount: shardCount) }
        let start = MonotonicTime.now()

        for app in 1...12 as ClosedRange<Int64> {
            try fixture.enqueue(app: app)
            try waitUntil("it is delivered") { fixture.receiver.received.count == Int(app) }
        }
        let delivered = start.microsecondsUntilNow
        let remainder = worker.stop(within: .seconds(10))

        // A second for each, if the shards were waited for in turn.
        #expect(delivered < 6_000_000)
        #expect(start.microsecondsUntilNow - delivered < 5_000_000)
        #expect(remainder.unsettled == 0)
    }

    @Test func aWorkerThatWasNeverStartedEndsAtOnce() throws {
        let fixture = try WorkerFixture()
        let worker = try fixture.worker(isStarted: false)

        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    private func consumerNames(_ fixture: WorkerFixture) throws -> [String] {
        let keys = try fixture.server.command("KEYS", "*:stream").split(separator: "\r\n").map(String.init)
        guard let stream = keys.last else { return [] }
        return try fixture.server.command("XINFO", "CONSUMERS", stream, "workers").split(separator: "\r\n")
            .map(String.init)
    }
}

/// A slow app does not delay the others.
@Suite
struct WorkerSlowAppTests {
    /// When each event of the other apps arrived, in milliseconds after the workers' start: the 99th of a hundred.
    private func slowestOfTheOthers(besides hanging: Int) throws -> (milliseconds: Int, fixture: WorkerFixture) {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hang", timeoutMilliseconds: 60_000)
        for app in 2...6 as ClosedRange<Int64> { fixture.addApp(app) }
        // All of the slow app's events stand in the queue before the others'.
        for _ in 0..<hanging { try fixture.enqueue(app: 1) }
        for number in 0..<200 { try fixture.enqueue(app: Int64(number % 5 + 2)) }
        let start = Timestamp.now()
        let worker = try fixture.worker()

        try waitUntil("the others' events have arrived", seconds: 50) {
            fixture.receiver.received("/").count == 200
        }

        let arrivals = fixture.receiver.received("/").map { Int($0.time.timeIntervalSince1970 * 1000) }.sorted()
        #expect(fixture.receiver.received("/hang").count <= 16)
        #expect(worker.stop(within: .zero).unsettled == 0)
        return (arrivals[197] - Int(start.microseconds / 1000), fixture)
    }

    @Test func tenThousandEventsOfAnAppThatHangsDelayTheOthersLittle() throws {
        let alone = try slowestOfTheOthers(besides: 0)
        let (together, fixture) = try slowestOfTheOthers(besides: 10_000)

        print("99th percentile of the others: \(alone.milliseconds) ms alone, \(together) ms beside 10,000 that hang")
        // Its attempts take 60 s.
        #expect(together < 30_000)
        // Nothing of it is lost, nor counted as an attempt before it was one.
        #expect(try fixture.queue.statistics().depth == 10_000)
    }

    @Test func eventsBeyondAnAppsPaceReturnToTheQueueAndAreDeliveredLater() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        let worker = try fixture.worker { $0.sender.perAppLimit = 2 }
        for _ in 0..<300 { try fixture.enqueue(app: 1) }
        try waitUntil("events are put back") { worker.counts.settled >= 250 }
        #expect(fixture.receiver.received.count == 2)

        fixture.receiver.release()

        try fixture.waitUntilEmpty(seconds: 40)
        let ids = fixture.receiver.received.compactMap { $0.header("Request-ID") }
        #expect(ids.count == 300)
        #expect(Set(ids).count == 300)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
