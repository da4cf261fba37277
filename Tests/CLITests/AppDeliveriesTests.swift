import Buffer
import Model
import TestSupport
import Testing
import WireJSON

@testable import CLI

/// The outcome of an app's last 24 hours in `hookline app show`.
@Suite struct AppDeliveriesTests {
    private func text(_ succeeded: Int64, _ failed: Int64, timeouts: Int64 = 0, _ durations: Int64...) -> String {
        var counts = DeliveryCounts(succeeded: succeeded, failed: failed, timeouts: timeouts)
        for duration in durations { counts.durations.record(milliseconds: duration) }
        return AppDeliveries(counts).text
    }

    @Test func theRateIsRoundedDownSoThatAllMeansAll() {
        #expect(text(0, 0) == "no attempts")
        #expect(text(1, 0, 5) == "100% of 1 attempt succeeded; p50 5 ms, p95 5 ms")
        #expect(text(99_999, 1, 3, 5000) == "99.9% of 100000 attempts succeeded; p50 3 ms, p95 5120 ms")
        #expect(text(1, 2, timeouts: 1) == "33.3% of 3 attempts succeeded, 1 timeout")
        #expect(text(0, 4, timeouts: 2, 8) == "0% of 4 attempts succeeded, 2 timeouts; p50 8 ms, p95 8 ms")
    }

    @Test func anAppIsShownWithTheOutcomeOfItsLastDay() throws {
        let fixture = try CommandFixture()
        let now = Timestamp.now()
        let buffer = WebhookRequestBuffer(connection: try fixture.connection())
        _ = try buffer.record(
            [(200, -60), (503, -60), (200, -120), (200, -25 * 3600)].map { code, age in
                WebhookRequestRecord(
                    date: now.adding(seconds: age), event: "issue.created", appID: 1, responseCode: code,
                    webhookURL: "https://x", durationMilliseconds: 7)
            })

        let text = try fixture.runner.hookline("app", "show", "radar").output
        let json = try JSONValue(parsing: try fixture.runner.hookline("app", "show", "radar", "--json").output)

        // What is 25 hours old does not count, whichever minute of the hour it is.
        #expect(text.contains("last 24 hours:    66.6% of 3 attempts succeeded; p50 7 ms, p95 7 ms\n"))
        #expect(
            json["last_24_hours"]?.compactText
                == #"{"succeeded":2,"failed":1,"timeouts":0,"p50_ms":7,"p95_ms":7}"#)
        #expect(try !fixture.runner.hookline("app", "list", "--json").output.contains("last_24_hours"))
    }

    @Test func theOptionSaysWhichRedis() throws {
        let fixture = try CommandFixture()
        let other = try CommandRunner()
        try other.importDocument(smallDocument)

        let shown = try other.hookline("app", "show", "radar", "--redis", "unix:" + fixture.redis.socketPath)
        let refused = try other.hookline("app", "show", "radar", "--redis", "nonsense")

        #expect(shown.output.contains("last 24 hours:    no attempts\n"))
        #expect(refused.status != 0 && refused.error.contains("--redis"))
    }

    @Test func withoutRedisTheAppIsShownAllTheSame() throws {
        let runner = try CommandRunner()
        try runner.importDocument(smallDocument)

        let text = try runner.hookline("app", "show", "radar")
        let json = try JSONValue(parsing: try runner.hookline("app", "show", "radar", "--json").output)

        #expect(text.status == 0)
        #expect(text.output.contains("last 24 hours:    unknown: Redis cannot be read\n"))
        #expect(json["last_24_hours"] == .null)
    }
}
