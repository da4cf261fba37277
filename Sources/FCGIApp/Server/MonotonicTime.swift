import Glibc

/// An instant of the clock that is never set back.
struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Since some moment in the past.
    var microseconds: Int64

    static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    var microsecondsUntilNow: Int64 { Self.now().microseconds - microseconds }

    func adding(seconds: Int) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.microseconds < right.microseconds
    }
}
