import Foundation
import Model
import System
import TestSupport

/// Clients that send requests one after another until they are stopped, each on a connection of its own.
final class Load: Sendable {
    private struct State {
        var answers = 0
        var failures: [String] = []
        var isStopped = false
        var isPaused = false
        /// Clients between two requests that wait for the end of a pause.
        var resting = 0
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

    var answerCount: Int { state.withLock { $0.answers } }
    var failures: [String] { state.withLock { $0.failures } }

    func stop() {
        state.withLock { $0.isStopped = true }
        try? waitUntil("the clients stop", seconds: 60) { state.withLock { $0.running == 0 } }
    }

    func waitForMore(_ count: Int) throws {
        let goal = answerCount + count
        try waitUntil("\(count) more answers; failures: \(failures.prefix(3))", seconds: 60) { answerCount >= goal }
    }

    /// Calls `body` while no request is under way.
    func pause<Result>(_ body: () throws -> Result) throws -> Result {
        state.withLock { $0.isPaused = true }
        defer { state.withLock { $0.isPaused = false } }
        try waitUntil("the clients pause", seconds: 60) { state.withLock { $0.resting == $0.running } }
        return try body()
    }

    private func run(_ base: String) {
        do {
            let client = try HTTPClient(base: base)
            var number = 0
            while goOn() {
                number += 1
                send(Self.targets[number % Self.targets.count], by: client)
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    private func send(_ target: String, by client: HTTPClient) {
        do {
            let answer = try client.send("GET", target)
            state.withLock {
                $0.answers += 1
                if answer.status != 200 { $0.failures.append("\(target): status \(answer.status)") }
            }
        } catch {
            state.withLock { $0.failures.append("\(error)") }
        }
    }

    /// Waits while there is a pause; false when it is all over.
    private func goOn() -> Bool {
        let mustRest = state.withLock { state in
            if state.isPaused { state.resting += 1 }
            return state.isPaused
        }
        guard mustRest else { return state.withLock { !$0.isStopped } }
        try? waitUntil("the pause ends", seconds: 60) { state.withLock { !$0.isPaused || $0.isStopped } }
        return state.withLock { state in
            state.resting -= 1
            return !state.isStopped
        }
    }
}
