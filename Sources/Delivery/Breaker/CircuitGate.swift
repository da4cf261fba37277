import Logging
import Model
import Queue
import Redis
import System

/// What the worker's threads know of the circuit breakers: before each webhook it is asked whether that may be sent.
///
/// A state is read again after a second, so that a busy app costs no call for each webhook. Where Redis does not
/// respond, every breaker counts as closed, as in the original, and Redis is not asked for a while: a call to a Redis
/// that hangs takes as long as its time limit, and nothing is sent meanwhile.
final class CircuitGate: Sendable {
    private struct Known {
        var state: CircuitState
        var end: MonotonicTime
    }

    private struct Knowledge {
        var states: [CircuitName: Known] = [:]
        /// Whether Redis failed the last time, so that it is logged once.
        var isFailing = false
        /// Until when it is not asked again.
        var pauseEnd = MonotonicTime(microseconds: 0)
    }

    /// How long a state is used.
    private static let lifetime = Duration.seconds(1)
    /// How long Redis is not asked after a failure.
    private static let pause = Duration.seconds(10)
    /// Limit of apps whose state is known; beyond it all of it is forgotten.
    private static let limit = 10_000

    private let knowledge = Lock(Knowledge())
    private let log: Logger

    init(log: Logger) {
        self.log = log
    }

    /// Until when the app or target gets no webhooks; nil = it gets some.
    func end(
        _ name: CircuitName, now: Timestamp, at moment: MonotonicTime = .now(), _ breakers: any CircuitBreakerReading
    ) -> Timestamp? {
        let (known, isPaused) = knowledge.withLock { ($0.states[name], $0.pauseEnd > moment) }
        guard !isPaused else { return nil }
        let state: CircuitState
        if let known, known.end > moment {
            state = known.state
        } else {
            state = read(name, now: now, at: moment, breakers)
            note(state, of: name, at: moment)
        }
        guard case .open(let end) = state, end > now.seconds else { return nil }
        return Timestamp(seconds: end)
    }

    /// Whether Redis is not asked for now, because it did not respond.
    var isPaused: Bool { knowledge.withLock { $0.pauseEnd > MonotonicTime.now() } }

    /// Notes a state, such as of a breaker that was just opened.
    func note(_ state: CircuitState, of name: CircuitName, at moment: MonotonicTime = .now()) {
        knowledge.withLock { knowledge in
            if knowledge.states.count >= Self.limit { knowledge.states = [:] }
            knowledge.states[name] = Known(state: state, end: moment.adding(Self.lifetime))
        }
    }

    private func read(
        _ name: CircuitName, now: Timestamp, at moment: MonotonicTime, _ breakers: any CircuitBreakerReading
    ) -> CircuitState {
        do {
            let state = try breakers.states(of: [name], at: now).first ?? .closed
            knowledge.withLock { $0.isFailing = false }
            return state
        } catch {
            noteFailure(error, at: moment)
            return .closed
        }
    }

    /// Logs the first of several failures, and stops asking for a while if Redis did not respond. What it refuses for
    /// one app says nothing about the others.
    func noteFailure(_ error: RedisError, at moment: MonotonicTime = .now()) {
        let isNew = knowledge.withLock { knowledge in
            defer { knowledge.isFailing = true }
            if !error.isResponse { knowledge.pauseEnd = moment.adding(Self.pause) }
            return !knowledge.isFailing
        }
        guard isNew else { return }
        log.warning(
            "circuit breakers cannot be read or counted: they count as closed", metadata: ["error": "\(error)"])
    }
}
