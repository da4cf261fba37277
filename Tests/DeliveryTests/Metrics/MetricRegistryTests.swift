import Buffer
import Delivery
import Foundation
import Model
import Queue
import System
import TestSupport
import Testing

/// Counting in memory.
@Suite
struct MetricRegistryTests {
    private func series(_ status: String, _ integration: String = "app") -> MetricSeries {
        MetricSeries(.responses, tags: [status, integration, "issue.created"])
    }

    @Test func eachCountIsDrainedOnce() {
        let registry = MetricRegistry()
        registry.countResponse(status: "200", integration: "app", event: "issue.created")
        registry.countResponse(status: "200", integration: "app", event: "issue.created")
        registry.countResponse(status: "timeout", integration: "app", event: "issue.created")
        registry.countProcessed(event: "comment.created")
        registry.countRetry()
        registry.countDeadLetter()
        registry.countDisabled()
        registry.recordDuration(milliseconds: 5)
        registry.recordDelay(milliseconds: -3)

        let counts = registry.drain()

        #expect(
            counts.counters == [
                series("200"): 2, series("timeout"): 1, MetricSeries(.processed, tags: ["comment.created"]): 1,
                MetricSeries(.retries): 1, MetricSeries(.deadLetters): 1, MetricSeries(.appsDisabled): 1,
            ])
        #expect(counts.latencies[.duration]?.counts.first == 1)
        #expect(counts.latencies[.duration]?.sumMilliseconds == 5)
        #expect(counts.latencies[.delay]?.counts.first == 1)
        #expect(counts.latencies[.delay]?.sumMilliseconds == 0)
        #expect(registry.drain().isEmpty)
    }

    @Test func threadsAndDrainsAtTheSameTimeLoseNothing() {
        let registry = MetricRegistry()
        let collected = Lock(MetricCounts())

        DispatchQueue.concurrentPerform(iterations: 8) { index in
            for number in 0..<2000 {
                registry.countResponse(status: "200", integration: "app-\(index % 4)", event: "issue.created")
                registry.countRetry()
                registry.recordDuration(milliseconds: number)
                if number % 500 == 0 {
                    let counts = registry.drain()
                    collected.withLock { $0.add(counts) }
                }
            }
        }

        var counts = collected.withLock { $0 }
        counts.add(registry.drain())
        #expect((0..<4).map { counts.counters[series("200", "app-\($0)")] } == [4000, 4000, 4000, 4000])
        #expect(counts.total(of: .retries) == 16_000)
        #expect(counts.latencies[.duration]?.count == 16_000)
        #expect(counts.latencies[.duration]?.sumMilliseconds == Int64(15_992_000))
    }

    @Test func whatIsBeyondTheLimitIsCountedAsOther() {
        let registry = MetricRegistry(seriesLimit: 3)
        for number in 1...5 {
            for _ in 0..<number {
                registry.countResponse(status: "200", integration: "app-\(number)", event: "issue.created")
                registry.countProcessed(event: EventType(rawValue: "issue.kind\(number)"))
            }
        }
        registry.countResponse(status: "200", integration: "app-1", event: "issue.created")

        let counts = registry.drain()

        #expect(
            counts.counters.filter { $0.key.counter == .responses } == [
                series("200", "app-1"): 2, series("200", "app-2"): 2, series("200", "app-3"): 3,
                MetricSeries.overflow(of: .responses): 9,
            ])
        #expect(counts.counters[MetricSeries.overflow(of: .processed)] == 9)
        // The next stretch of time has room again.
        registry.countResponse(status: "200", integration: "app-5", event: "issue.created")
        #expect(registry.drain().counters == [series("200", "app-5"): 1])
    }

    @Test(arguments: [(0, 0), (5, 0), (6, 1), (30_000, 11), (30_001, 12), (Int.max, 12)])
    func aTimeLiesInTheFirstBucketThatHoldsIt(_ milliseconds: Int, _ bucket: Int) {
        let registry = MetricRegistry()
        registry.recordDuration(milliseconds: milliseconds)

        #expect(registry.drain().latencies[.duration]?.counts.firstIndex(of: 1) == bucket)
    }
}
