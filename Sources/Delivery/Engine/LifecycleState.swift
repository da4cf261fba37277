import Model
import System

/// How far the worker is on its way to its end. Goes forward only.
final class LifecycleState: Sendable {
    enum Phase: Int, Comparable {
        case working
        /// Nothing is received any more.
        case draining
        /// Every attempt has ended; nothing is left but to record and settle.
        case settling

        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var phase = Phase.working
        /// When recording and settling is given up, should Redis stay away.
        var end: MonotonicTime?
    }

    private let state = Condition(State())

    var phase: Phase { state.withLock { $0.phase } }

    func advance(to phase: Phase, end: MonotonicTime? = nil) {
        state.change { state in
            state.phase = max(state.phase, phase)
            state.end = end ?? state.end
            return true
        }
    }

    /// Rests until the worker is to receive no more.
    func rest(_ duration: Duration) {
        _ = state.wait(until: .now().adding(duration)) { $0.phase > .working ? true : nil }
    }

    /// Rests before recording is tried again; false = it is to be given up.
    func restBeforeRetry(_ duration: Duration) -> Bool {
        let hasEnded = state.wait(until: .now().adding(duration)) { state -> Bool? in
            if let end = state.end, end <= .now() { true } else { nil }
        }
        return hasEnded == nil
    }
}
