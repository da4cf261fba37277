import Foundation
import Model
import System
import TestSupport
import Testing

/// Stopping.
@Suite
struct StopTests {
    private let ping = FastCGIClient.parameters("GET", "/-/ping")
    private let log = FastCGIClient.parameters("GET", SampleDirectory.log, SampleDirectory.signedIn)

    @Test(arguments: [SIGTERM, SIGINT, SIGQUIT])
    func termINTAndQUITEndAnIdleProgramInOrder(signal: Int32) throws {
        let responder = try TestResponder()

        #expect(try responder.stop(signal: signal) == .exited(0))
        #expect(responder.logLines(message: "stopped").count == 1)
    }

    @Test func aConnectionKeptOpenBetweenRequestsServesSeveralAndDoesNotHoldUpTheEnd() throws {
        let responder = try TestResponder(["--threads", "1"])
        let client = try responder.client()
        for _ in 0..<3 {
            try client.sendRequest(ping, keepsConnection: true)
            #expect(try client.readResponse().status == 200)
        }
        #expect(client.isSilent)

        #expect(try responder.stop() == .exited(0))
        try client.waitForClose()
    }

    @Test func keptConnectionsHoldNoThread() throws {
        let responder = try TestResponder(["--threads", "1"])
        let kept = try (0..<10).map { _ in try responder.client() }

        for _ in 0..<2 {
            for client in kept {
                try client.sendRequest(ping, keepsConnection: true)
                #expect(try client.readResponse().status == 200)
            }
        }
    }

    @Test func aConnectionWithoutKeepAliveIsClosedAfterItsResponse() throws {
        let responder = try TestResponder()
        let client = try responder.client()

        try client.sendRequest(ping)

        #expect(try client.readResponse().status == 200)
        try client.waitForClose(seconds: 2)
    }

    @Test func aSilentNewConnectionDelaysTheEndNoLongerThanItsDeadline() throws {
        let responder = try TestResponder(["--io-seconds", "1", "--drain-seconds", "60"])
        let silent = try responder.client()

        #expect(try responder.stop() == .exited(0))
        try silent.waitForClose()
    }

    @Test func aRequestInProgressGetsItsResponseAndNewOnesFindNoSocket() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--redis-command-ms", "30000", "--drain-seconds", "60"], redis: redis.url)
        #expect(try responder.get(SampleDirectory.log, SampleDirectory.signedIn).status == 200)
        redis.process.send(signal: SIGSTOP)
        let client = try responder.client()
        try client.sendRequest(log)

        responder.process.send(signal: SIGTERM)
        try waitUntil("the socket is gone") { access(responder.socketPath, F_OK) != 0 }
        #expect(responder.process.isRunning)
        #expect(client.isSilent)
        redis.process.send(signal: SIGCONT)

        #expect(try client.readResponse().status == 200)
        #expect(try responder.process.waitForExit() == .exited(0))
    }

    @Test func requestsThatWaitForAThreadWhenTheSignalComesAreAnsweredToo() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(
            ["--threads", "1", "--redis-command-ms", "30000", "--drain-seconds", "60"], redis: redis.url)
        redis.process.send(signal: SIGSTOP)
        let clients = try (0..<20).map { _ in try responder.client() }
        for client in clients { try client.sendRequest(log) }

        responder.process.send(signal: SIGTERM)
        try waitUntil("the socket is gone") { access(responder.socketPath, F_OK) != 0 }
        redis.process.send(signal: SIGCONT)

        for client in clients { #expect(try client.readResponse().status == 200) }
        #expect(try responder.process.waitForExit() == .exited(0))
    }

    @Test func whenTheDrainTimeIsOverTheProgramExitsWithoutTheLastResponsesAndLogsIt() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--redis-command-ms", "30000", "--drain-seconds", "0"], redis: redis.url)
        redis.process.send(signal: SIGSTOP)
        try startStuckRequest(responder)

        #expect(try responder.stop() == .exited(1))
        redis.process.send(signal: SIGCONT)
        let line = responder.logLines(message: "stopped with requests unanswered: the drain time was over").first
        // The other connection may still be on its way to be closed.
        #expect([1, 2].contains(line?["connections"] as? Int))
    }

    @Test func aSecondSignalEndsTheProgramAtOnce() throws {
        let redis = try RedisServer()
        let responder = try TestResponder(["--redis-command-ms", "30000", "--drain-seconds", "60"], redis: redis.url)
        redis.process.send(signal: SIGSTOP)
        try startStuckRequest(responder)

        responder.process.send(signal: SIGTERM)
        try waitUntil("the socket is gone") { access(responder.socketPath, F_OK) != 0 }
        responder.process.send(signal: SIGINT)

        #expect(try responder.process.waitForExit() == .exited(128 + SIGINT))
        redis.process.send(signal: SIGCONT)
    }

    /// Leaves a request in flight: its client must be kept by the responder's own connection count, not by this test.
    private func startStuckRequest(_ responder: TestResponder) throws {
        let client = try responder.client()
        try client.sendRequest(log)
        // The program has one connection once the request is read; a second request would get its response beside it.
        #expect(try responder.get("/-/ping").status == 200)
        withExtendedLifetime(client) {}
    }

    @Test func oneOfTwoInstancesBehindNginxStopsUnderLoadAgainAndAgainAndNoRequestFails() throws {
        let first = try TestResponder()
        let second = try TestResponder()
        let nginx = try Nginx(
            http: """
                upstream responders {
                    server unix:\(first.socketPath) max_fails=0;
                    server unix:\(second.socketPath) max_fails=0;
                }
                """,
            server: """
                location / {
                    include /etc/nginx/fastcgi_params;
                    fastcgi_next_upstream error timeout;
                    fastcgi_pass responders;
                }
                """)
        let load = Load(base: "http://127.0.0.1:\(nginx.port)", clients: 4)
        defer { load.stop() }
        try load.waitForMore(200)

        for _ in 0..<3 {
            #expect(try restart(first) == .exited(0))
            try load.waitForMore(200)
        }
        load.stop()

        #expect(load.failures == [], "\(nginx.errorLog.suffix(2000))")
    }

    /// Stops a responder, starts another in its place and stops that one, too.
    private func restart(_ responder: TestResponder) throws -> ChildProcess.ExitStatus {
        if responder.process.isRunning { return try responder.stop() }
        let successor = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(responder.socketPath)", "--directory",
                "sqlite:\(responder.directory.file("directory.sqlite"))", "--redis", TestResponder.noRedis,
            ], environment: TestResponder.environment([:]))
        try waitUntil("the successor has responded to a request", seconds: 20) {
            guard successor.isRunning else { throw TestSupportError(successor.standardError) }
            return !TestResponder.logLines(successor.standardError, message: "request").isEmpty
        }
        successor.send(signal: SIGTERM)
        return try successor.waitForExit()
    }
}

/// Clients that send requests one after another until they are stopped.
private final class Load: Sendable {
    private struct State {
        var responses = 0
        var failures: [String] = []
        var isStopped = false
        var running: Int
    }

    private let state: Lock<State>

    init(base: String, clients: Int) {
        state = Lock(State(running: clients))
        for _ in 0..<clients {
            Thread.detachNewThread { [self] in
                run(base)
                state.withLock { $0.running -= 1 }
            }
        }
    }

    var failures: [String] { state.withLock { $0.failures } }

    func stop() {
        state.withLock { $0.isStopped = true }
        try? waitUntil("the clients stop", seconds: 40) { state.withLock { $0.running == 0 } }
    }

    func waitForMore(_ count: Int) throws {
        let goal = state.withLock { $0.responses } + count
        try waitUntil("\(count) more responses", seconds: 60) { state.withLock { $0.responses >= goal } }
    }

    private func run(_ base: String) {
        do {
            let client = try HTTPClient(base: base)
            while !state.withLock({ $0.isStopped }) {
                let response = try client.send("GET", "/-/ping")
                state.withLock {
                    $0.responses += 1
                    if response.status != 200 { $0.failures.append("status \(response.status)") }
                }
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }
}

/// A stop that the old process passes on to the new one.
@Suite
struct PassedStopTests {
    @Test func aStopThatTheOldProcessPassesOnCountsOnceWithOneSentToTheNewProcess() throws {
        let directory = try TemporaryDirectory()
        let socketPath = directory.file("s.sock")
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        let reader = open(directory.file("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { close(reader) }
        let writer = open(directory.file("pipe"), O_WRONLY | O_CLOEXEC)
        // This process plays the predecessor: 3 is where the new one says that it serves.
        let process = try ChildProcess(
            [
                BuiltProducts.path("hookline-fcgi"), "--listen", "unix:\(socketPath)", "--redis",
                TestResponder.noRedis, "--directory", SampleDirectory.make(in: directory), "--io-seconds", "60",
                "--drain-seconds", "60",
            ], environment: TestResponder.environment(["HOOKLINE_HANDOVER": "\(getpid()) "]),
            inheriting: [(writer, 3)])
        close(writer)
        var report: UInt8 = 0
        try waitUntil("it serves: \(process.standardError)", seconds: 20) { read(reader, &report, 1) == 1 }
        try waitUntil("it has closed the pipe", seconds: 20) { read(reader, &report, 1) == 0 }
        let slow = try SlowRequest(socketPath: socketPath, process: process.pid)

        for _ in 0..<2 {
            process.send(signal: SIGTERM)
            try waitUntil("the signal is taken") { try ReloadingResponder.pendingSignals(process.pid) == 0 }
        }
        #expect(try ChildProcess.run(["sh", "-c", "kill -TERM \(process.pid)"]).status == .exited(0))
        try waitUntil("the signal is taken") { try ReloadingResponder.pendingSignals(process.pid) == 0 }

        #expect(try slow.finish().status == 200)
        #expect(try process.waitForExit() == .exited(0))
    }
}
