import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// A worker that follows the newest release, from the queue to a real receiver and into the log. The number in a name is
/// that of the fact in docs/protocol.md 11.1.
@Suite struct WorkerReleaseTests {
    private let fixture: WorkerFixture

    init() throws {
        fixture = try WorkerFixture()
    }

    private func worker() throws -> DeliveryWorker {
        try fixture.worker { $0.plan.protocolChoice = .release(ProtocolRelease.known.upperBound) }
    }

    @Test func fact22EachAttemptsRowHasTheFormOfTheReleaseAndTheKeyThatWasSent() throws {
        fixture.addApp(1, "/status/502")
        let id = try fixture.enqueue(app: 1, text: "41")
        let original = try fixture.enqueue(app: 1, originalID: id)
        let worker = try worker()
        defer { _ = worker.stop(within: .seconds(5)) }

        try waitUntil("all attempts are recorded", seconds: 20) { try fixture.rows(app: 1).count == 8 }

        let rows = try fixture.rows(app: 1)
        let first = WebhookIdempotency.key(ofEvent: id, installationID: 1)
        let second = WebhookIdempotency.key(ofEvent: original, installationID: 1)
        for row in rows {
            guard case .object(let members) = row else { throw TestSupportError("a row is no object") }
            #expect(
                members.prefix(8).map(\.name) == [
                    "date", "response_code", "webhook_url", "request_id", "idempotency_key", "subject_id",
                    "subject_type", "duration_ms",
                ])
            let isFirst = row["request_id"]?.string == id
            #expect(row["idempotency_key"]?.string == (isFirst ? first : second))
            #expect(row["subject_id"]?.string == (isFirst ? "41" : "1"))
            #expect(row["subject_type"]?.string == "group")
            // Plain, and JSON as it was sent.
            #expect(row["request_body"]?.string?.hasPrefix(#"{"action":"created""#) == true)
            #expect(row["response_body"]?.string == "status 502")
        }
        // A retry has the event's key, a redelivery its own.
        #expect(Set(fixture.receiver.received.compactMap { $0.header("Idempotency-Key") }) == [first, second])
        #expect(fixture.receiver.received.count { $0.header("Idempotency-Key") == first } == 4)
    }

    @Test func fact23AFailedConnectionHasCodeMinus1InBothLists() throws {
        fixture.addApp(1, "/close", status: .internal)
        try fixture.enqueue(app: 1)
        let worker = try worker()
        defer { _ = worker.stop(within: .seconds(5)) }

        try waitUntil("the attempt is recorded", seconds: 20) { try fixture.rows(app: 1, errorsOnly: true).count == 1 }

        #expect(try fixture.column("response_code", app: 1) == ["-1"])
        #expect(try fixture.column("reason", app: 1) == ["connection"])
        #expect(try fixture.column("duration_ms", app: 1) == ["-"])
    }
}
