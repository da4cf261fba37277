import Model
import Queue
import Redis
import TestSupport
import Testing

@testable import Delivery

/// What is asked of the circuit breakers' Redis before each webhook.
@Suite struct CircuitGateTests {
    /// Fails until it is told otherwise, and counts its calls.
    private final class Breakers: CircuitBreakerReading {
        var failure: RedisError? = .timedOut(server: "s", milliseconds: 500)
        private(set) var calls = 0

        func states(of slugs: [String], at now: Timestamp) throws(RedisError) -> [CircuitState] {
            calls += 1
            if let failure { throw failure }
            return slugs.map { _ in .open(until: now.seconds + 60) }
        }
    }

    private let now = Timestamp(seconds: 1_700_000_000)
    private let log = LogRecorder()

    @Test func aRedisThatHangsIsAskedOnceAndNotForEachApp() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())

        for app in 1...60 { #expect(gate.end(appSlug: "app-\(app)", now: now, breakers) == nil) }

        #expect(breakers.calls == 1)
        #expect(gate.isPaused)
        #expect(log.count("circuit breakers cannot be read or counted: all count as closed") == 1)
    }

    @Test func aStateIsReadOnceForAWhile() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())
        breakers.failure = nil

        for _ in 1...3 { #expect(gate.end(appSlug: "app", now: now, breakers) == now.adding(seconds: 60)) }

        #expect(breakers.calls == 1)
        #expect(!gate.isPaused)
    }
}
