import Foundation
import TestSupport
import Testing

/// A line is written once its answer is sent: the tests stop the program before they look.
/// The access log of the running program.
@Suite
struct AccessLogTests {
    @Test func hasOneLineARequestWithTheKeysInOrderAndTheRequestIdThatTheAnswerBears() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(redis: redis.url)

        let answer = try responder.get(
            SampleDirectory.log + "?eventType=issue.created",
            SampleDirectory.signedIn + [("REQUEST_ID", "0123456789abcdef0123456789abcdef")])
        _ = try responder.stop()

        #expect(answer.header("X-Request-ID") == "0123456789abcdef0123456789abcdef")
        let line = try #require(responder.logLines(message: "request").first)
        #expect(line["method"] as? String == "GET")
        #expect(line["path"] as? String == SampleDirectory.log)
        #expect(line["status"] as? Int == 200)
        #expect(line["bytes"] as? Int == answer.body.count)
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

    @Test func hasNoTokenCookieHeaderValueOrQueryWhateverTheAnswerIs() throws {
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

        let answer = try responder.get(SampleDirectory.log, SampleDirectory.signedIn)
        _ = try responder.stop()

        #expect(answer.status == 503)
        let line = try #require(responder.logLines(message: "request failed").first)
        #expect(line["level"] as? String == "error")
        #expect(line["request_id"] as? String == answer.header("X-Request-ID"))
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
