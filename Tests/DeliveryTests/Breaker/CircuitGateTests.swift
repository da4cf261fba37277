import Model
import Queue
import Redis
import System
import TestSupport
import Testing

@testable import Delivery

/// What is asked of the circuit breakers' Redis before each webhook.
@Suite struct CircuitGateTests {
    /// Fails until it is told otherwise, and counts its calls.
    private final class Breakers: CircuitBreakerReading {
        var failure: RedisError? = .timedOut(server: "s", milliseconds: 500)
        private(set) var calls = 0

        func states(of names: [CircuitName], at now: Timestamp) throws(RedisError) -> [CircuitState] {
            calls += 1
            if let failure { throw failure }
            return names.map { _ in .open(until: now.seconds + 60) }
        }
    }

    private let now = Timestamp(seconds: 1_700_000_000)
    private let log = LogRecorder()

    @Test func aRedisThatHangsIsAskedOnceAndNotForEachApp() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())

        for app in 1...60 { #expect(gate.end(.app(slug: "app-\(app)"), now: now, breakers) == nil) }

        #expect(breakers.calls == 1)
        #expect(gate.isPaused)
        #expect(log.count("circuit breakers cannot be read or counted: they count as closed") == 1)
    }

    @Test func itIsAskedAgainAfterTenSeconds() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())
        let start = MonotonicTime.now()
        _ = gate.end("app", now: now, at: start, breakers)
        breakers.failure = nil

        #expect(gate.end("other", now: now, at: start.adding(.seconds(9)), breakers) == nil)
        #expect(breakers.calls == 1)
        #expect(
            gate.end("other", now: now, at: start.adding(.seconds(11)), breakers) == now.adding(seconds: 60))
        #expect(breakers.calls == 2)
    }

    /// A key with a value of another type, for instance.
    @Test func whatIsRefusedForOneAppSaysNothingAboutTheOthers() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())
        breakers.failure = .refused(key: "k", message: "WRONGTYPE")
        #expect(gate.end("app", now: now, breakers) == nil)
        breakers.failure = nil

        #expect(!gate.isPaused)
        #expect(gate.end("other", now: now, breakers) == now.adding(seconds: 60))
    }

    @Test func aStateIsReadOnceASecond() {
        let (gate, breakers) = (CircuitGate(log: log.logger), Breakers())
        breakers.failure = nil
        let start = MonotonicTime.now()

        for moment in [start, start, start.adding(.milliseconds(900)), start.adding(.milliseconds(1100))] {
            #expect(gate.end("app", now: now, at: moment, breakers) == now.adding(seconds: 60))
        }

        #expect(breakers.calls == 2)
        #expect(!gate.isPaused)
    }
}
