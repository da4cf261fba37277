import Buffer
import Delivery
import Foundation
import Model
import Queue
import TestSupport
import Testing

/// A slow app does not hold up the others.
@Suite
struct EngineSlowAppTests {
    /// When each event of the other apps arrived, in milliseconds after the workers' start: the 99th of a hundred.
    private func slowestOfTheOthers(besides hanging: Int) throws -> (milliseconds: Int, bench: EngineBench) {
        let bench = try EngineBench()
        bench.addApp(1, "/hang", timeoutMilliseconds: 60_000)
        for app in 2...6 as ClosedRange<Int64> { bench.addApp(app) }
        // All of the slow app's events stand in the queue before the others'.
        for _ in 0..<hanging { try bench.enqueue(app: 1) }
        for number in 0..<200 { try bench.enqueue(app: Int64(number % 5 + 2)) }
        let start = Timestamp.now()
        let worker = try bench.worker()

        try waitUntil("the others' events have arrived", seconds: 50) {
            bench.receiver.received("/").count == 200
        }

        let arrivals = bench.receiver.received("/").map { Int($0.time.timeIntervalSince1970 * 1000) }.sorted()
        #expect(bench.receiver.received("/hang").count <= 16)
        #expect(worker.stop(within: .zero).unsettled == 0)
        return (arrivals[197] - Int(start.microseconds / 1000), bench)
    }

    @Test func tenThousandEventsOfAnAppThatHangsDelayTheOthersLittle() throws {
        let alone = try slowestOfTheOthers(besides: 0)
        let (together, bench) = try slowestOfTheOthers(besides: 10_000)

        print("99th percentile of the others: \(alone.milliseconds) ms alone, \(together) ms beside 10,000 that hang")
        // Its attempts take 60 s.
        #expect(together < 30_000)
        // Nothing of it is lost, nor counted as an attempt before it was one.
        #expect(try bench.queue.statistics().depth == 10_000)
    }

    @Test func whatAnAppIsToGetBeyondItsPaceGoesBackAndComesAgain() throws {
        let bench = try EngineBench()
        bench.addApp(1, "/hold")
        let worker = try bench.worker { $0.sender.perAppLimit = 2 }
        for _ in 0..<300 { try bench.enqueue(app: 1) }
        try waitUntil("events are put back") { worker.counts.settled >= 250 }
        #expect(bench.receiver.received.count == 2)

        bench.receiver.release()

        try bench.waitUntilEmpty(seconds: 40)
        let ids = bench.receiver.received.compactMap { $0.header("Request-ID") }
        #expect(ids.count == 300)
        #expect(Set(ids).count == 300)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
