import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// What a worker says of events that lose their place to the limits of the queue.
@Suite
struct QueueLimitReportTests {
    @Test func retriesAndDeadLettersBeyondTheLimitAreLoggedAndCounted() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/status/500")
        for _ in 0..<40 { try fixture.enqueue(app: 1) }

        let worker = try fixture.worker {
            $0.queue.maximumBytes = 20_000
            $0.policy.retry = RetryPolicy(delays: [.seconds(600)], jitterPercent: 0)
        }
        try waitUntil("all have been attempted") { try fixture.queue.statistics().limitedCount == 0 }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)

        let statistics = try fixture.queue.statistics()
        let retry = "retry not scheduled, because the queue has reached a limit: the event is a dead letter"
        #expect(fixture.receiver.received.count == 40)
        #expect(statistics.scheduled + fixture.log.count(retry) == 40)
        #expect(fixture.metrics["dead"] == fixture.log.count(retry))
        #expect(statistics.discarded > 0)
        #expect(
            fixture.log.count("dead letter discarded, because the queue has reached a limit") == statistics.discarded)
        #expect(statistics.keptBytes < 11_000)
    }
}
