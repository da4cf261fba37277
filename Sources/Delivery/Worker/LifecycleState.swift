import Synchronization
import System

/// The worker's phase from start to end. Goes forward only.
final class LifecycleState: Sendable {
    enum Phase: Int, Comparable {
        case running
        /// Nothing is received any more.
        case draining
        /// Every attempt has ended; what is left is to record and settle.
        case settling

        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    private struct State {
        var phase = Phase.running
        /// When recording and settling is given up if Redis stays unavailable.
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

    /// Pauses the calling thread; ends early when the worker starts draining.
    func pause(_ duration: Duration) {
        _ = state.wait(until: .now().adding(duration)) { $0.phase > .running ? true : nil }
    }

    /// Pauses before recording is tried again; false = give up.
    func pauseBeforeRetry(_ duration: Duration) -> Bool {
        let hasEnded = state.wait(until: .now().adding(duration)) { state -> Bool? in
            if let end = state.end, end <= .now() { true } else { nil }
        }
        return hasEnded == nil
    }
}

/// Counts the iterations of the threads that never block for long: a count that stops growing shows a stuck thread.
final class LoopHeartbeat: Sendable {
    private let receiving = Atomic(0)
    private let housekeeping = Atomic(0)

    func noteReceiving() {
        receiving.add(1, ordering: .relaxed)
    }

    func noteHousekeeping() {
        housekeeping.add(1, ordering: .relaxed)
    }

    /// The count of the slower thread.
    var slowest: Int { min(receiving.load(ordering: .relaxed), housekeeping.load(ordering: .relaxed)) }
}
