import Foundation
import TestSupport
import Testing

/// A line is written once its response is sent: the tests stop the program before they look.
/// The access log of the running program.
@Suite
struct AccessLogTests {
    @Test func hasOneLinePerRequestWithOrderedKeysAndTheRequestIdOfTheResponse() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(redis: redis.url)

        let response = try responder.get(
            SampleDirectory.log + "?eventType=issue.created",
            SampleDirectory.signedIn + [("REQUEST_ID", "0123456789abcdef0123456789abcdef")])
        _ = try responder.stop()

        #expect(response.header("X-Request-ID") == "0123456789abcdef0123456789abcdef")
        let line = try #require(responder.logLines(message: "request").first)
        #expect(line["method"] as? String == "GET")
        #expect(line["path"] as? String == SampleDirectory.log)
        #expect(line["status"] as? Int == 200)
        #expect(line["bytes"] as? Int == response.body.count)
        #expect(line["user"] as? String == SampleDirectory.user)
        #expect(line["request_id"] as? String == "0123456789abcdef0123456789abcdef")
        let duration = try #require(line["duration_us"] as? Int)
        let redisTime = try #require(line["redis_us"] as? Int)
        #expect(redisTime > 0)
        #expect(duration >= redisTime)
        let keys = try #require(responder.process.standardError.split(separator: "\n").last { $0.contains("\"path\"") })
            .matches(of: /"([a-z_]+)":/).map { String($0.1) }
        #expect(
            keys == [
                "time", "level", "message", "method", "path", "status", "bytes", "duration_us", "redis_us", "user",
                "request_id",
            ])
    }

    @Test func hasNoTokenCookieHeaderValueOrQueryWhateverTheResponseIs() throws {
        let responder = try TestResponder()
        let secret = "s3cr3t-value"

        _ = try responder.get(
            SampleDirectory.log + "?token=\(secret)",
            [
                ("HTTP_AUTHORIZATION", "Bearer \(secret)"), ("HTTP_COOKIE", "sid=\(secret)"), ("HTTP_HOST", secret),
                ("HTTP_REFERER", "https://\(secret)/"), ("HTTP_ORIGIN", "https://\(secret)"),
            ])
        _ = try responder.get(
            SampleDirectory.log, SampleDirectory.signedIn + [("HTTP_COOKIE", "sid=\(secret)")])
        _ = try responder.get(SampleDirectory.log, [("CONTENT_LENGTH", secret)])
        _ = try responder.stop()

        #expect(responder.logLines(message: "request").count == 3)
        #expect(!responder.process.standardError.contains(secret))
    }

    @Test func hasASecondLineWithTheSameRequestIdForAFailureInside() throws {
        let responder = try TestResponder()

        let response = try responder.get(SampleDirectory.log, SampleDirectory.signedIn)
        _ = try responder.stop()

        #expect(response.status == 503)
        let line = try #require(responder.logLines(message: "request failed").first)
        #expect(line["level"] as? String == "error")
        #expect(line["request_id"] as? String == response.header("X-Request-ID"))
        #expect((line["reason"] as? String)?.contains("/nonexistent/redis.sock") == true)
    }

    @Test func aHostilePathStaysWithinItsLine() throws {
        let responder = try TestResponder()

        _ = try responder.get("/\n{\"message\":\"request\"}\u{1B}[2J" + String(repeating: "x", count: 5000))
        _ = try responder.stop()

        #expect(responder.logLines(message: "request").count == 1)
        #expect(responder.process.standardError.split(separator: "\n").allSatisfy { $0.utf8.count < 2500 })
    }

    @Test func hasTheFormThatTheSettingSaysOtherLinesStayJSON() throws {
        let format = #"%R - %u %t "%m %r" %s %{X-Request-ID}o"#
        // One thread: the lines come in the order of the requests.
        let responder = try TestResponder(["--threads", "1", "--access-format", format])

        _ = try responder.get(
            SampleDirectory.log + "?token=secret",
            SampleDirectory.signedIn + [("REMOTE_ADDR", "192.0.2.7"), ("REQUEST_ID", "r-1")])
        _ = try responder.get("/a\"b\n1.2.3.4 - root")
        _ = try responder.stop()

        let lines = responder.process.standardError.split(separator: "\n").filter { !$0.hasPrefix("{") }
        #expect(lines.count == 2)
        let time = #"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"#
        for (line, expected) in zip(
            lines,
            [
                #"192\.0\.2\.7 - owner@acme\.test \#(time) "GET /api/0/sentry-apps/sample-app/requests/" 503 r-1"#,
                #"- - - \#(time) "GET /a\\x22b\\x0A1\.2\.3\.4\\x20-\\x20root" 404 [0-9a-f]{32}"#,
            ])
        {
            #expect(String(line).wholeMatch(of: try Regex(expected)) != nil, "\(line)")
        }
        #expect(responder.logLines(message: "request failed").count == 1)
        #expect(!responder.process.standardError.contains("secret"))
    }

    @Test func canBeTurnedOffFailuresAreStillLogged() throws {
        let responder = try TestResponder(["--access-log", "off"])

        _ = try responder.get(SampleDirectory.log, SampleDirectory.signedIn)
        _ = try responder.stop()

        #expect(responder.logLines(message: "request").isEmpty)
        #expect(responder.logLines(message: "request failed").count == 1)
    }
}

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
        let response = try responder.get(
            SampleDirectory.log + "?token=secret", SampleDirectory.signedIn + [("REQUEST_ID", "slow-1")])
        redis.process.send(signal: SIGCONT)
        // Counted once the response is sent.
        try waitUntil("the request is counted") {
            try responder.get("/-/status").text.contains(#/\nslow requests: +[1-9]/#)
        }
        _ = try responder.stop()
        let microseconds = Date().timeIntervalSince(start) * 1_000_000

        #expect(response.status == 503)
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

    @Test func theTimeThatASlowWebServerTakesToSendIsASeparatePhase() throws {
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
