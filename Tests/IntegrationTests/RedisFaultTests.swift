import Foundation
import TestSupport
import Testing

/// Redis in every bad state: the answer says so, nothing crashes, and all is well again when Redis is.
@Suite(.serialized)
struct RedisFaultTests {
    private func expectUnavailable(_ answer: HTTPClient.Answer, _ comment: Comment? = nil) {
        #expect(answer.status == 503, comment)
        #expect(answer.header("Retry-After").flatMap { Int($0) } != nil, comment)
        #expect(answer.json?["detail"].string?.isEmpty == false, comment)
    }

    @Test func aStoppedRedisIs503AndARestartedOneIsFoundAgain() throws {
        let site = try ServerFixture()
        try site.addRow()
        #expect(try site.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1)

        site.redis.process.send(signal: SIGKILL)
        _ = try site.redis.process.waitForExit()
        for _ in 0..<3 { expectUnavailable(try site.get(ServerFixture.log, as: ServerFixture.owner)) }
        #expect(try site.get("/-/ping", as: nil).status == 200)

        let restarted = try RedisServer(directory: site.redis.directory)
        try restarted.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "not JSON")
        let clock = ContinuousClock()
        let start = clock.now
        try waitUntil("the log is readable again") {
            try site.get(ServerFixture.log, as: ServerFixture.owner).status == 200
        }

        // The back-off between attempts to connect ends at one second; the rest is leeway for a busy machine.
        #expect(clock.now - start < .seconds(5))
        #expect(site.responders[0].isRunning)
    }

    @Test func aStalledRedisIs503WithinTheDeadline() throws {
        let site = try ServerFixture(responderFlags: ["--redis-command-ms", "300"])
        try site.addRow()
        #expect(try site.get(ServerFixture.log, as: ServerFixture.owner).status == 200)

        site.redis.process.send(signal: SIGSTOP)
        expectUnavailable(try site.get(ServerFixture.log, as: ServerFixture.owner))
        #expect(try site.get("/-/ping", as: nil).status == 200)
        site.redis.process.send(signal: SIGCONT)

        try waitUntil("the log is readable again") {
            try site.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1
        }
    }

    @Test func aFullRedisRefusesWritesButServesReads() throws {
        let site = try ServerFixture()
        try site.addRow()
        try site.redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try site.redis.command("CONFIG", "SET", "maxmemory", "1")

        let write = try site.client().send(
            "POST", "/api/0/sentry-apps/sample-app/interaction/",
            basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Content-Type", "application/json"), ("Sec-Fetch-ServerFixture", "same-origin")],
            body: Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8))

        expectUnavailable(write)
        #expect(try site.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1)
    }

    @Test func aKeyOfTheWrongTypeIs503ForItsAppOnly() throws {
        let site = try ServerFixture()
        try site.addRow(event: "issue.resolved")
        try site.redis.command("SET", "sentry-app-webhook-request:{1}:issue.created", "text")

        expectUnavailable(try site.get(ServerFixture.log, as: ServerFixture.owner))
        #expect(
            try site.get(ServerFixture.log + "?eventType=issue.resolved", as: ServerFixture.owner).json?.elements.count
                == 1)
        #expect(try site.get("/api/0/sentry-apps/other-app/requests/", as: ServerFixture.outsider).status == 200)
        #expect(site.responders[0].standardError.contains("WRONGTYPE"))
    }

    @Test func poisonedEntriesAreLeftOut() throws {
        let site = try ServerFixture()
        try site.addRow(second: 1)
        let key = "sentry-app-webhook-request:{1}:issue.created"
        for element in [
            "", "not JSON", "[1]", "{", "null", #"{"date":"2026-01-02 03:04:05+00:00"}"#,
            #"{"date":"2026-01-02 03:04:05+00:00","response_code":"200"}"#,
            String(repeating: "[", count: 100_000), #"{"a":"# + String(repeating: #"{"a":"#, count: 100_000),
            #"{"date":"2026-01-02 03:04:05+00:00","response_code":200,"webhook_url":"\ud83"}"#,
        ] {
            try site.redis.command("LPUSH", key, element)
        }
        try site.addRow(second: 2)

        let answer = try site.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(answer.status == 200)
        #expect(
            answer.json?.elements.map { $0["date"].string } == [
                "2026-01-02 03:04:02.500000+00:00", "2026-01-02 03:04:01.500000+00:00",
            ])
    }

    @Test func anElementOf64MegabytesIsLeftOut() throws {
        let site = try ServerFixture()
        try site.addRow(second: 1)
        let connection = try RedisTestConnection(socketPath: site.redis.socketPath)
        try connection.command([
            Array("LPUSH".utf8), Array("sentry-app-webhook-request:{1}:issue.created".utf8),
            [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20),
        ])
        try site.addRow(second: 2)

        let answer = try site.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(answer.status == 200)
        #expect(answer.json?.elements.count == 2)
        let status = try String(contentsOfFile: "/proc/\(site.responders[0].pid)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst()
            .first
        #expect(peak.flatMap { Int($0) }.map { $0 < 64 << 10 } == true, "the element was never held: \(peak ?? "")")
    }
}
