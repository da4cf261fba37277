import Foundation
import Model
import System
import TestSupport

/// Clients that send requests one after another until they are stopped, each on one connection.
final class Load: Sendable {
    private struct State {
        var responses = 0
        var failures: [String] = []
        var isStopped = false
        var isPaused = false
        /// Clients that wait between two requests for the end of a pause.
        var paused = 0
        var running: Int
    }

    /// Half of the requests need Redis and the directory.
    private static let targets = ["/-/ping", "/api/0/sentry-apps/sample-app/requests/"]

    private let clientCount: Int
    private let state: Lock<State>

    init(base: String, clients: Int) {
        clientCount = clients
        state = Lock(State(running: clients))
        for _ in 0..<clients {
            Thread.detachNewThread { [self] in
                run(base)
                state.withLock { $0.running -= 1 }
            }
        }
    }

    var responseCount: Int { state.withLock { $0.responses } }
    var failures: [String] { state.withLock { $0.failures } }

    func stop() {
        state.withLock { $0.isStopped = true }
        try? waitUntil("the clients stop", seconds: 60) { state.withLock { $0.running == 0 } }
    }

    func waitForMore(_ count: Int) throws {
        let goal = responseCount + count
        try waitUntil("\(count) more responses; failures: \(failures.prefix(3))", seconds: 60) { responseCount >= goal }
    }

    /// Calls `body` while no request is in progress.
    func pause<Result>(_ body: () throws -> Result) throws -> Result {
        state.withLock { $0.isPaused = true }
        defer { state.withLock { $0.isPaused = false } }
        try waitUntil("the clients pause", seconds: 60) { state.withLock { $0.paused == $0.running } }
        return try body()
    }

    private func run(_ base: String) {
        do {
            let client = try HTTPClient(base: base)
            var number = 0
            while mayContinue() {
                number += 1
                send(Self.targets[number % Self.targets.count], by: client)
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    private func send(_ target: String, by client: HTTPClient) {
        do {
            let response = try client.send("GET", target)
            state.withLock {
                $0.responses += 1
                if response.status != 200 { $0.failures.append("\(target): status \(response.status)") }
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    /// Waits during a pause; false when the clients are stopped.
    private func mayContinue() -> Bool {
        let mustPause = state.withLock { state in
            if state.isPaused { state.paused += 1 }
            return state.isPaused
        }
        guard mustPause else { return state.withLock { !$0.isStopped } }
        try? waitUntil("the pause ends", seconds: 60) { state.withLock { !$0.isPaused || $0.isStopped } }
        return state.withLock { state in
            state.paused -= 1
            return !state.isStopped
        }
    }
}
