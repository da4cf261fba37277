import Foundation
import TestSupport
import Testing

/// Redis in every bad state: the response says so, nothing crashes, and all is well again when Redis is.
@Suite(.serialized)
struct RedisFaultTests {
    private func expectUnavailable(_ response: HTTPClient.Response, _ comment: Comment? = nil) {
        #expect(response.status == 503, comment)
        #expect(response.header("Retry-After").flatMap { Int($0) } != nil, comment)
        #expect(response.json?["detail"].string?.isEmpty == false, comment)
    }

    @Test func aStoppedRedisIs503AndARestartedOneIsFoundAgain() throws {
        let server = try ServerFixture()
        try server.addRow()
        #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1)

        server.redis.process.send(signal: SIGKILL)
        _ = try server.redis.process.waitForExit()
        for _ in 0..<3 { expectUnavailable(try server.get(ServerFixture.log, as: ServerFixture.owner)) }
        #expect(try server.get("/-/ping", as: nil).status == 200)

        let restarted = try RedisServer(directory: server.redis.directory)
        try restarted.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "not JSON")
        let clock = ContinuousClock()
        let start = clock.now
        try waitUntil("the log is readable again") {
            try server.get(ServerFixture.log, as: ServerFixture.owner).status == 200
        }

        // The back-off between attempts to connect ends at one second; the rest is leeway for a busy machine.
        #expect(clock.now - start < .seconds(5))
        #expect(server.responders[0].isRunning)
    }

    @Test func aStalledRedisIs503WithinTheDeadline() throws {
        let server = try ServerFixture(responderFlags: ["--redis-command-ms", "300"])
        try server.addRow()
        #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).status == 200)

        server.redis.process.send(signal: SIGSTOP)
        expectUnavailable(try server.get(ServerFixture.log, as: ServerFixture.owner))
        #expect(try server.get("/-/ping", as: nil).status == 200)
        server.redis.process.send(signal: SIGCONT)

        try waitUntil("the log is readable again") {
            try server.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1
        }
    }

    @Test func aFullRedisRefusesWritesButServesReads() throws {
        let server = try ServerFixture()
        try server.addRow()
        try server.redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
        try server.redis.command("CONFIG", "SET", "maxmemory", "1")

        let write = try server.client().send(
            "POST", "/api/0/sentry-apps/sample-app/interaction/",
            basic: "\(ServerFixture.owner):\(ServerFixture.password)",
            headers: [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")],
            body: Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8))

        expectUnavailable(write)
        #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).json?.elements.count == 1)
    }

    @Test func aKeyOfTheWrongTypeIs503ForItsAppOnly() throws {
        let server = try ServerFixture()
        try server.addRow(event: "issue.resolved")
        try server.redis.command("SET", "sentry-app-webhook-request:{1}:issue.created", "text")

        expectUnavailable(try server.get(ServerFixture.log, as: ServerFixture.owner))
        #expect(
            try server.get(ServerFixture.log + "?eventType=issue.resolved", as: ServerFixture.owner).json?.elements
                .count
                == 1)
        #expect(try server.get("/api/0/sentry-apps/other-app/requests/", as: ServerFixture.outsider).status == 200)
        #expect(server.responders[0].standardError.contains("WRONGTYPE"))
    }

    @Test func poisonedEntriesAreLeftOut() throws {
        let server = try ServerFixture()
        try server.addRow(second: 1)
        let key = "sentry-app-webhook-request:{1}:issue.created"
        for element in [
            "", "not JSON", "[1]", "{", "null", #"{"date":"2026-01-02 03:04:05+00:00"}"#,
            #"{"date":"2026-01-02 03:04:05+00:00","response_code":"200"}"#,
            String(repeating: "[", count: 100_000), #"{"a":"# + String(repeating: #"{"a":"#, count: 100_000),
            #"{"date":"2026-01-02 03:04:05+00:00","response_code":200,"webhook_url":"\ud83"}"#,
        ] {
            try server.redis.command("LPUSH", key, element)
        }
        try server.addRow(second: 2)

        let response = try server.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(response.status == 200)
        #expect(
            response.json?.elements.map { $0["date"].string } == [
                "2026-01-02 03:04:02.500000+00:00", "2026-01-02 03:04:01.500000+00:00",
            ])
    }

    @Test func anElementOf64MegabytesIsLeftOut() throws {
        let server = try ServerFixture()
        try server.addRow(second: 1)
        let connection = try RedisTestConnection(socketPath: server.redis.socketPath)
        try connection.command([
            Array("LPUSH".utf8), Array("sentry-app-webhook-request:{1}:issue.created".utf8),
            [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20),
        ])
        try server.addRow(second: 2)

        let response = try server.get(ServerFixture.log, as: ServerFixture.owner)

        #expect(response.status == 200)
        #expect(response.json?.elements.count == 2)
        let status = try String(contentsOfFile: "/proc/\(server.responders[0].pid)/status", encoding: .utf8)
        let peak = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }?.split(separator: " ").dropFirst()
            .first
        #expect(peak.flatMap { Int($0) }.map { $0 < 64 << 10 } == true, "the element was never held: \(peak ?? "")")
    }
}
