import Glibc

/// An instant of the clock that is never set back.
struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Since some moment in the past.
    let microseconds: Int64

    static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Rounded up, so that a deadline is not asked for again a moment too early.
    var millisecondsFromNow: Int { Int(max(0, microseconds - Self.now().microseconds + 999) / 1000) }

    var millisecondsUntilNow: Int { Int(max(0, Self.now().microseconds - microseconds) / 1000) }

    func adding(_ duration: Duration) -> MonotonicInstant {
        MonotonicInstant(microseconds: microseconds + Int64(duration.milliseconds) * 1000)
    }

    static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Duration {
    /// Whole milliseconds; a positive duration is at least 1.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        let whole = Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return whole == 0 && self > .zero ? 1 : whole
    }
}
