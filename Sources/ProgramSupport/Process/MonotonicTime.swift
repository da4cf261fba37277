import Glibc

/// An instant of the clock that is never set back.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Since some moment in the past.
    package var microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package var microsecondsUntilNow: Int64 { Self.now().microseconds - microseconds }

    package func adding(seconds: Int) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.microseconds < right.microseconds
    }
}
