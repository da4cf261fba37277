import ProgramSupport
import Synchronization
import System

/// Lets a log line through at most once in an interval, over all threads.
final class LogInterval: Sendable {
    private let microseconds: Int64
    /// When the next line may be written, on the monotonic clock in microseconds.
    private let next = Atomic<Int64>(Int64.min)

    init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whether the caller may write the line now; then the next interval has begun.
    func begin(now: MonotonicTime = .now()) -> Bool {
        let due = next.load(ordering: .relaxed)
        guard now.microseconds >= due else { return false }
        return next.compareExchange(
            expected: due, desired: now.microseconds + microseconds, ordering: .relaxed
        ).exchanged
    }
}
