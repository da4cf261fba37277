import Foundation
import TestSupport
import Testing

@testable import FCGIApp
@testable import ResponderSupport

/// The status page of the running program.
@Suite
struct StatusProgramTests {
    private let log = FastCGIClient.parameters(
        "GET", SampleDirectory.log + "?eventType=issue.created", SampleDirectory.signedIn)

    private func status(_ responder: TestResponder, _ query: String = "json&full") throws -> GoldenValue {
        try GoldenValue(parsing: responder.get("/-/status?\(query)").body)
    }

    private func count(_ status: GoldenValue, route: String, status code: Int) -> Int64? {
        status["requests"].elements.first { $0["route"].string == route && $0["status"].integer == Int64(code) }?[
            "count"
        ].integer
    }

    @Test func showsAThreadInTheMiddleOfARequest() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--threads", "2", "--redis-command-ms", "1000"], redis: redis.url)
        #expect(try responder.get(SampleDirectory.log, SampleDirectory.signedIn).status == 200)
        redis.process.send(signal: SIGSTOP)
        defer { redis.process.send(signal: SIGCONT) }

        var seen: GoldenValue?
        try waitUntil("the thread is seen", seconds: 60) {
            let client = try responder.client()
            try client.sendRequest(log)
            let status = try status(responder)
            seen = status["processes"].elements.first {
                $0["state"].string == "Running" && $0["request uri"].string == SampleDirectory.log
            }
            #expect(try client.readResponse().status == 503)
            guard seen != nil else { return false }
            #expect(status["active processes"].integer == 2)
            #expect(status["idle processes"].integer == 0)
            return true
        }

        let thread = try #require(seen)
        #expect(thread["request method"].string == "GET")
        #expect(thread["user"].string == SampleDirectory.user)
        #expect(try #require(thread["pid"].integer) > 0)
        #expect(try #require(thread["requests"].integer) > 0)
        #expect(try #require(thread["request duration"].integer) > 0)
    }

    @Test func countsRequestsByRouteAndStatusAndShowsTheLastOneOfAThreadWithItsPhases() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--threads", "1"], redis: redis.url)
        for _ in 0..<3 {
            _ = try responder.get(
                SampleDirectory.log + "?eventType=issue.created", SampleDirectory.signedIn)
        }
        _ = try responder.get("/api/0/sentry-apps/\(UUID())/requests/", SampleDirectory.signedIn)
        _ = try responder.get("/\(UUID())")
        let client = try responder.client()
        try client.sendRequest(FastCGIClient.parameters("BREW", "/\(UUID())", [("CONTENT_LENGTH", "x")]))
        #expect(try client.readResponse().status == 400)
        _ = try responder.get("/-/ping", [("CONTENT_LENGTH", "0")])

        let status = try status(responder, "json")
        let full = try self.status(responder)

        #expect(count(status, route: "requests", status: 200) == 3)
        #expect(count(status, route: "requests", status: 404) == 1)
        #expect(count(status, route: "unknown", status: 404) == 1)
        #expect(count(status, route: "refused", status: 400) == 1)
        #expect(count(status, route: "ping", status: 200) == 1)
        #expect(
            status["requests"].elements.filter { $0["method"].string == "other" }.map { $0["route"].string }
                == ["refused"])
        #expect(status["accepted conn"].integer == 8)
        #expect(status["pool"].string == "s")
        #expect(status["process manager"].string == "static")
        #expect(status["total processes"].integer == 1)
        #expect(status["max active processes"].integer == 1)
        #expect(status["listen queue len"].integer == 511)
        #expect(status["processes"].isNull)
        #expect(full["accepted conn"].integer == 9)
        #expect(full["processes"].elements.map { $0["state"].string } == ["Running"])
        let last = try #require(full["processes"].elements.first)
        #expect(last["request uri"].string == "/-/status")
        let phases = ["parameters", "identity", "directory", "redis", "merge", "write"].compactMap {
            last["last request \($0)"].integer
        }
        #expect(phases.count == 6)
        #expect(phases.reduce(0, +) == last["last request total"].integer)
    }

    @Test func countsWhatIsWrongWithRedisAndWhatWasLeftOutOfALog() throws {
        let redis = try RedisServer()
        try redis.command("LPUSH", "sentry-app-webhook-request:{1}:issue.created", "not JSON", "nor this")
        try redis.command("SET", "sentry-app-webhook-request:{1}:issue.resolved", "no list")
        let responder = try TestResponder(["--threads", "1"], redis: redis.url)
        let user = SampleDirectory.signedIn
        #expect(try responder.get(SampleDirectory.log + "?eventType=issue.created", user).status == 200)
        #expect(try responder.get(SampleDirectory.log + "?eventType=issue.resolved", user).status == 503)
        try redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        #expect(try responder.get(SampleDirectory.log + "?eventType=issue.created", user).status == 200)

        let status = try status(responder, "json")

        #expect(status["log_entries_skipped"].integer == 4)
        #expect(status["redis_errors"]["refused"].integer == 1)
        #expect(status["redis_errors"]["timed_out"].integer == 0)
        #expect(status["redis_reconnects"].integer == 1)
    }

    @Test func leavesOutTheQueueOfASocketFromElsewhereAboutWhichTheKernelDoesNotTell() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("foreign.sock")
        let socket = try #require(try ListeningSocket.open(.unix(path: path), mode: 0o600, group: nil))
        defer { close(socket.descriptor) }
        // A network namespace of its own, into which the socket is handed from outside.
        let process = try ChildProcess(
            [
                "unshare", "--map-root-user", "--net", BuiltProducts.path("hookline-fcgi"), "--redis",
                TestResponder.noRedis, "--directory", SampleDirectory.make(in: directory),
            ], environment: TestResponder.environment([:]), standardInput: socket.descriptor)
        let client = try FastCGIClient(socketPath: path)
        try client.sendRequest(FastCGIClient.parameters("GET", "/-/status?json"))
        let status = try GoldenValue(parsing: client.readResponse().body)

        #expect(process.isRunning)
        #expect(status["pool"].string == "foreign")
        #expect(status["listen queue"].isNull)
        #expect(status["max listen queue"].isNull)
        #expect(status["accepted conn"].integer == 1)
    }

    @Test func speaksOfOneProcessWhereAWebServerStartsOneForEachRequest() throws {
        let directory = try TemporaryDirectory()
        let result = try ChildProcess.run(
            [BuiltProducts.path("hookline-fcgi")],
            environment: [
                "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/-/status",
                "QUERY_STRING": "json&full", "HOOKLINE_REDIS": TestResponder.noRedis,
                "HOOKLINE_DIRECTORY": SampleDirectory.make(in: directory), "HOOKLINE_CGI_STATUS": "on",
            ])
        let body = try #require(result.output.components(separatedBy: "\r\n\r\n").last)
        let status = try GoldenValue(parsing: Array(body.utf8))

        #expect(status["pool"].string == "hookline")
        #expect(status["process manager"].string == "ondemand")
        #expect(status["accepted conn"].integer == 1)
        #expect(status["active processes"].integer == 1)
        #expect(status["total processes"].integer == 1)
        #expect(status["max children reached"].integer == 0)
        #expect(status["listen queue"].isNull)
        #expect(status["processes"].elements.map { $0["request uri"].string } == ["/-/status"])
    }
}
