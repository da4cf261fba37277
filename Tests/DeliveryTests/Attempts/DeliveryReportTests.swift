import Logging
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// Metrics and log lines are those of what was settled.
@Suite
struct DeliveryReportTests {
    private let metrics = MetricsRecorder()
    private let log = LogRecorder()

    private func item(_ outcome: SendResult.Outcome, number: Int = 1) throws -> RecordingBatch.Item {
        let server = try RedisServer()
        let queue = DeliveryQueue(connection: try server.workerConnection())
        let attempt = try WebhookFixture().attempt(outcome, number: number)
        _ = try queue.enqueue(attempt.entry)
        let delivery = try #require(try queue.receive(consumer: "me", count: 1).first)
        let completion = Completion(handle: 0, delivery: delivery, outcome: .attempted(attempt))
        return try #require(
            RecordingBatch([completion]).items(DeliveryPolicies(.sentry), now: WebhookFixture.now, random: { 0 }).first)
    }

    private func report(_ item: RecordingBatch.Item, _ result: SettlementProgress.Result) {
        DeliveryReport(metrics: metrics, log: log.logger).report(item, result)
    }

    @Test(arguments: [
        (200, 1, ["processed issue.created", "delay"]), (503, 1, ["processed issue.created", "delay", "retry"]),
        (503, 2, ["retry"]), (503, 4, ["dead"]),
    ])
    func aSettledAttemptIsCountedWithWhatBecomesOfTheEvent(status: Int, number: Int, counted: [String]) throws {
        let item = try item(.response(ReceivedResponse(status: status)), number: number)

        report(item, .settled)

        #expect(metrics.names == Set(counted + ["response \(status) tracker issue.created", "duration"]))
    }

    @Test(arguments: [(200, 1), (503, 1), (503, 2), (503, 4)])
    func anAttemptWhoseLeaseWasLostIsCountedAsAnAttemptOnly(status: Int, number: Int) throws {
        let item = try item(.response(ReceivedResponse(status: status)), number: number)

        report(item, .leaseLost)

        #expect(metrics.names == ["response \(status) tracker issue.created", "duration"])
        #expect(log.count(DeliveryReport.lostMessage) == 1)
    }

    @Test func anAttemptWhoseOutcomeIsUnknownIsCountedNowhere() throws {
        report(try item(.failed(.leaseLost, detail: "")), .leaseLost)

        #expect(metrics.names.isEmpty)
        #expect(log.count(DeliveryReport.lostMessage) == 1)
    }

    @Test func anAttemptWhoseSettlementWasGivenUpIsCountedAsAnAttemptOnly() throws {
        let item = try item(.response(ReceivedResponse(status: 503)))

        report(item, .open)

        #expect(metrics.names == ["response 503 tracker issue.created", "duration"])
        #expect(log.count(DeliveryReport.lostMessage) == 0)
    }
}
