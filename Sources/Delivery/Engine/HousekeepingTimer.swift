import Model
import System

/// Wakes the housekeeper when something becomes due earlier than it knows.
final class HousekeepingTimer: Sendable {
    private struct State {
        /// The earliest that was told since the last sleep.
        var due: Timestamp?
        /// Up to when the housekeeper means to sleep, by the wall clock.
        var waking: Timestamp?

        var isRinging: Bool {
            guard let due, let waking else { return false }
            return due < waking
        }
    }

    private let state = Condition(State())

    /// Tells that an entry is due at `due`.
    func set(_ due: Timestamp) {
        state.change { state in
            state.due = min(state.due ?? due, due)
            return state.isRinging
        }
    }

    /// Wakes at once.
    func ring() {
        set(Timestamp(microseconds: .min))
    }

    /// Sleeps for `duration` or until something is told that is due before its end.
    func sleep(_ duration: Duration, now: Timestamp) {
        _ = state.wait(until: .now().adding(duration)) { state -> Bool? in
            state.waking = Timestamp(microseconds: now.microseconds + Int64(duration.milliseconds) * 1000)
            return state.isRinging ? true : nil
        }
        state.withLock { $0 = State() }
    }
}
