import Foundation
import TestSupport
import Testing

/// The slow log of the running program.
@Suite
struct SlowLogTests {
    private static let phases = ["parameters", "identity", "directory", "redis", "merge", "write"]

    @Test func saysOfASlowRequestAndOfNoOtherWhereItsTimeWent() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(
            ["--slow-log-ms", "300", "--redis-command-ms", "900", "--access-log", "off"], redis: redis.url)
        _ = try responder.get("/-/ping")
        redis.process.send(signal: SIGSTOP)

        let start = Date()
        let answer = try responder.get(
            SampleDirectory.log + "?token=secret", SampleDirectory.signedIn + [("REQUEST_ID", "slow-1")])
        redis.process.send(signal: SIGCONT)
        // Counted once the answer is sent.
        try waitUntil("the request is counted") {
            try responder.get("/-/status").text.contains(#/\nslow requests: +[1-9]/#)
        }
        _ = try responder.stop()
        let microseconds = Date().timeIntervalSince(start) * 1_000_000

        #expect(answer.status == 503)
        let lines = responder.logLines(message: "slow request").filter { $0["path"] as? String == SampleDirectory.log }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        let total = try #require(line["duration_us"] as? Int)
        let parts = try Self.phases.map { try #require(line["\($0)_us"] as? Int) }
        #expect(parts.reduce(0, +) == total)
        #expect(parts.allSatisfy { $0 >= 0 })
        #expect(parts[3] >= 850_000)
        #expect(Double(total) <= microseconds)
        // Who is asking is looked up in a file, which takes some microseconds.
        #expect(parts[2] > 0)
        #expect(line["level"] as? String == "warning")
        #expect(line["route"] as? String == "requests")
        #expect(line["status"] as? Int == 503)
        #expect(line["user"] as? String == SampleDirectory.user)
        #expect(line["request_id"] as? String == "slow-1")
        #expect(!responder.process.standardError.contains("secret"))
    }

    @Test func hasTheTimeThatASlowWebServerTakesForItsRequestAsAPhaseOfItsOwn() throws {
        let responder = try TestResponder(["--slow-log-ms", "200"])
        let client = try responder.client()
        let begin = Date()
        try client.send(FastCGIClient.beginning())
        try waitUntil("the request is late") { Date().timeIntervalSince(begin) > 0.3 }
        try client.send(
            FastCGIClient.stream(.parameters, FastCGIClient.encoded(FastCGIClient.parameters("GET", "/-/ping")))
                + FastCGIClient.stream(.standardInput, []))
        #expect(try client.readResponse().status == 200)
        _ = try responder.stop()

        let line = try #require(responder.logLines(message: "slow request").first)
        #expect(try #require(line["parameters_us"] as? Int) >= 200_000)
        #expect(line["identity_us"] as? Int == 0)
    }

    @Test func isOffUnlessItIsAskedFor() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--redis-command-ms", "300"], redis: redis.url)
        redis.process.send(signal: SIGSTOP)

        #expect(try responder.get(SampleDirectory.log, SampleDirectory.signedIn).status == 503)
        redis.process.send(signal: SIGCONT)
        _ = try responder.stop()

        #expect(responder.logLines(message: "slow request").isEmpty)
    }
}
