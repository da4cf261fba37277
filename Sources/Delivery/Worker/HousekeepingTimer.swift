import Model
import System

/// Wakes the housekeeping thread when an entry becomes due before its sleep ends.
final class HousekeepingTimer: Sendable {
    private struct State {
        /// The earliest due time that was scheduled since the last sleep.
        var due: Timestamp?
        /// End of the sleep, by the wall clock.
        var sleepEnd: Timestamp?

        var isDue: Bool {
            guard let due, let sleepEnd else { return false }
            return due < sleepEnd
        }
    }

    private let state = Condition(State())

    /// Notes that an entry is due at `due`.
    func schedule(_ due: Timestamp) {
        state.change { state in
            state.due = min(state.due ?? due, due)
            return state.isDue
        }
    }

    /// Ends the sleep.
    func wake() {
        schedule(Timestamp(microseconds: .min))
    }

    /// Sleeps for `duration`, or until something is scheduled that is due before.
    func sleep(_ duration: Duration, now: Timestamp) {
        _ = state.wait(until: .now().adding(duration)) { state -> Bool? in
            state.sleepEnd = Timestamp(microseconds: now.microseconds + Int64(duration.milliseconds) * 1000)
            return state.isDue ? true : nil
        }
        state.withLock { $0 = State() }
    }
}

/// Says when periodic work is due. Pure.
struct IntervalTimer: Hashable {
    let interval: Duration
    private var next: MonotonicTime
    /// Due before the interval is over, because the last try failed.
    var isOverdue = false

    init(every interval: Duration, isDueAtOnce: Bool = false, now: MonotonicTime = .now()) {
        self.interval = interval
        next = isDueAtOnce ? now : now.adding(interval)
    }

    func isDue(_ now: MonotonicTime) -> Bool { isOverdue || next <= now }

    /// Whether it is due; if so, the interval starts again.
    mutating func take(_ now: MonotonicTime) -> Bool {
        guard isDue(now) else { return false }
        restart(now)
        return true
    }

    /// Starts the interval again.
    mutating func restart(_ now: MonotonicTime) {
        isOverdue = false
        next = now.adding(interval)
    }

    /// Time until it is due.
    func remaining(_ now: MonotonicTime) -> Duration {
        isDue(now) ? .zero : .microseconds(next.microseconds - now.microseconds)
    }
}

/// Says when the next step of the check of the queue's indexes is due. Pure.
struct IndexCheckTimer: Hashable {
    /// Between two steps of a pass.
    static let step = Duration.milliseconds(200)
    /// Between two passes while the last one changed something: workers of an older version share the queue.
    static let shortInterval = Duration.seconds(30)
    static let longInterval = Duration.seconds(600)

    private var next: MonotonicTime
    private var changes = 0

    init(now: MonotonicTime = .now()) {
        next = now
    }

    func isDue(_ now: MonotonicTime) -> Bool { next <= now }

    /// Notes the result of a step.
    mutating func note(changes count: Int, isOver: Bool, now: MonotonicTime) {
        changes += count
        guard isOver else {
            next = now.adding(Self.step)
            return
        }
        next = now.adding(changes > 0 ? Self.shortInterval : Self.longInterval)
        changes = 0
    }

    /// Time until the next step is due.
    func remaining(_ now: MonotonicTime) -> Duration {
        isDue(now) ? .zero : .microseconds(next.microseconds - now.microseconds)
    }
}
