import Foundation
import TestSupport
import Testing

/// A worker that stands still, as in a suspended machine, while another one takes over its events.
@Suite struct LostLeaseTests {
    typealias App = DeliveryFixture.App

    /// Under both policies: their rules for the list of errors and the counters differ.
    @Test(arguments: ["sentry", "standard"])
    func anAttemptOfAWorkerThatStoodStillIsNoTimeout(policy: String) throws {
        let app = App(id: 1, status: "internal", path: "/hang-first")
        let fixture = try DeliveryFixture(
            [app],
            settings: [
                "HOOKLINE_POLICY": policy, "HOOKLINE_VISIBILITY_SECONDS": "5", "HOOKLINE_WEBHOOK_TIMEOUT_MS": "3000",
                "HOOKLINE_DISABLE_TIMEOUTS": "1",
            ])
        let id = try fixture.send(app, "issue.created")
        _ = try fixture.requests(id)

        fixture.signalWorker(SIGSTOP)
        let second = try fixture.startSecondWorker()
        let delivered = try fixture.rows(app, "issue.created")
        fixture.signalWorker(SIGCONT)
        let rows = try fixture.rows(app, "issue.created", count: 2)
        try waitUntil("the first worker has settled") {
            fixture.workerLog.contains("the event is no longer this worker's")
        }

        #expect(delivered.map { $0["response_code"].integer } == [200])
        #expect(rows.map { $0["response_code"].integer } == [0, 200])
        #expect(rows.map { $0["reason"].string } == ["lease-lost", nil])
        #expect(rows.allSatisfy { $0["request_id"].string == id })
        #expect(try fixture.redis.command("KEYS", "sentry-app-webhook-error:*") == "*0\r\n")
        let counts = try fixture.redis.command("KEYS", "sentry-app-error:*").components(separatedBy: "\r\n")
            .filter { $0.hasPrefix("sentry-app-error:") }
        for key in counts { #expect(try fixture.redis.command("HEXISTS", key, "timeout_count") == ":0\r\n") }
        #expect(counts.count == (policy == "sentry" ? 1 : 0), "the success is counted")
        #expect(try fixture.app(app)["events"].elements.count == 3, "one timeout would have disabled it")
        #expect(try fixture.redis.command("EXISTS", "hookline:{app:1}:event-errors") == ":0\r\n")
        #expect(fixture.receiver.received(app.path).count == 2)
        #expect(second.isRunning)
    }
}
