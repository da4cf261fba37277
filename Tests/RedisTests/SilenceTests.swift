import Foundation
import System
import TestSupport
import Testing

@testable import Redis

/// A Redis that accepts connections and does not respond.
@Suite
struct SilenceTests {
    private let server: RedisServer
    private let state = RedisServerState(waiterLimit: 1)
    private let events = Lock<[RedisMonitor.Event]>([])
    private let monitor: RedisMonitor

    init() throws {
        server = try RedisServer()
        let (endpoint, events) = (try RedisEndpoint(parsing: server.url), events)
        monitor = RedisMonitor(
            state: state,
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .milliseconds(500)) },
            report: { event in events.withLock { $0.append(event) } })
    }

    private func connection(timeout: Duration) throws -> RedisConnection {
        RedisConnection(
            endpoint: try RedisEndpoint(parsing: server.url), connectTimeout: timeout, commandTimeout: timeout,
            state: state)
    }

    /// Calls `body` after Redis has stopped, with a connection whose calls wait for an hour; the monitor runs.
    private func whileRedisIsStopped(_ body: (RedisConnection) throws -> Void) throws {
        try monitor.start()
        defer { monitor.stop() }
        let patient = try connection(timeout: .seconds(3600))
        try patient.ping()
        server.process.send(signal: SIGSTOP)
        defer { server.process.send(signal: SIGCONT) }
        try body(patient)
    }

    @Test func aSilentRedisIsRememberedAndCallsFailAtOnceUntilItResponds() throws {
        try whileRedisIsStopped(expectThatCallsFailAtOnceUntilRedisResponds)
    }

    private func expectThatCallsFailAtOnceUntilRedisResponds(_ patient: RedisConnection) throws {
        try waitUntil("the silence is noticed") { state.isSilent }

        for _ in 0..<100 {
            let error = #expect(throws: RedisError.self) { try patient.ping() }
            guard case .unreachable(_, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.hasPrefix("no response within 500 ms"))
        }
        server.process.send(signal: SIGCONT)

        try waitUntil("it is used again") { (try? patient.ping()) != nil }
        try waitUntil("it is reported") { events.withLock { $0.count == 2 } }
        #expect(events.withLock { $0 } == [.silent(milliseconds: 500), .respondsAgain])
    }

    @Test func aStopDoesNotWaitForACallInProgress() throws {
        server.process.send(signal: SIGSTOP)
        defer { server.process.send(signal: SIGCONT) }
        let (endpoint, isConnecting) = (try RedisEndpoint(parsing: server.url), ThreadFlag())
        let monitor = RedisMonitor(
            state: state,
            makeConnection: {
                isConnecting.set()
                return RedisConnection(endpoint: endpoint, commandTimeout: .seconds(20))
            },
            report: { _ in })
        try monitor.start()
        try waitUntil("its first look begins") { isConnecting.isSet }
        let clock = ContinuousClock()
        let start = clock.now

        monitor.stop()

        #expect(clock.now - start < .seconds(10))
    }

    @Test func callsInProgressEndWhenRedisIsFoundSilent() throws {
        let error = Lock<(any Error)?>(nil)
        try whileRedisIsStopped { patient in
            let call = UncheckedCall(patient)
            try runThreads(count: 1, seconds: 20) { _ in
                do { try call.connection.ping() } catch let failure { error.withLock { $0 = failure } }
            }
        }
        guard case .timedOut(_, let milliseconds) = error.withLock({ $0 }) as? RedisError else {
            Issue.record("\(String(describing: error.withLock { $0 }))")
            return
        }
        #expect((1..<20_000).contains(milliseconds), "what it waited, not what it might have")
    }

    @Test func oneThreadIsLeftWhenManyWaitEvenBeforeACallHasTimedOut() throws {
        // Without a monitor nothing is called silent; the limit alone works.
        let calls = try (0..<2).map { _ in UncheckedCall(try connection(timeout: .seconds(3600))) }
        for call in calls { try call.connection.ping() }
        server.process.send(signal: SIGSTOP)
        defer { server.process.send(signal: SIGCONT) }
        let ended = Lock(0)
        let stopped = server.process
        try runThreads(count: 2, seconds: 20) { number in
            let isGivenUp = (try? calls[number].connection.ping()) == nil
            // The other waits for its reply.
            if isGivenUp { stopped.send(signal: SIGCONT) }
            ended.withLock { $0 += isGivenUp ? 1 : 0 }
        }
        // Both may find at the same moment that one too many waits.
        #expect(ended.withLock { $0 } >= 1)
        #expect(!state.isSilent)
    }

    @Test func noFurtherThreadBeginsToWaitWhereNoneWouldBeLeft() throws {
        let waiting = UncheckedCall(try connection(timeout: .seconds(3600)))
        let further = try connection(timeout: .seconds(3600))
        try waiting.connection.ping()
        try further.ping()
        server.process.send(signal: SIGSTOP)
        let thread = try PosixThread { try? waiting.connection.ping() }
        defer {
            server.process.send(signal: SIGCONT)
            thread.join()
        }
        try waitUntil("nothing has been heard for a while") { state.refusal(at: .now()) != nil }

        let error = #expect(throws: RedisError.self) { try further.ping() }

        guard case .unreachable(_, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason == "1 calls wait for a response already")
    }

    @Test func aLateReplyToOneCallIsNoSilenceWhereOthersAreAnswered() throws {
        try monitor.start()
        defer { monitor.stop() }
        let hasty = try connection(timeout: .milliseconds(200))
        let other = try connection(timeout: .seconds(10))
        try hasty.ping()
        var request = RedisRequest()
        request.append("BLPOP", "nothing", "30")
        let call = UncheckedCall(other)
        let isOver = ThreadFlag()
        let thread = try PosixThread {
            while !isOver.isSet { try? call.connection.ping() }
        }
        let error = #expect(throws: RedisError.self) { try hasty.perform(request, isRepeatable: false) }
        isOver.set()
        thread.join()
        guard case .timedOut = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!state.isSilent)
        #expect(events.withLock { $0.isEmpty })
    }
}

/// A connection that one thread at a time uses.
private final class UncheckedCall: @unchecked Sendable {
    let connection: RedisConnection

    init(_ connection: RedisConnection) {
        self.connection = connection
    }
}
