import Glibc

/// An instant of the monotonic clock, which is never set back. Deadlines are such instants.
///
/// Public, as is what is inlinable, for the same reason as `Lock`.
public struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Microseconds since an arbitrary instant in the past.
    public let microseconds: Int64

    @inlinable public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Later than every deadline.
    package static let distantFuture = MonotonicTime(microseconds: .max)

    package static func now() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    @inlinable public func adding(_ duration: Duration) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + duration.microseconds)
    }

    @inlinable public func adding(seconds: Int) -> MonotonicTime {
        MonotonicTime(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }

    /// The time since this instant; negative when it is in the future.
    package var microsecondsUntilNow: Int64 { Self.now().microseconds - microseconds }

    /// The time since this instant; 0 when it is in the future.
    package var millisecondsUntilNow: Int { Int(max(0, microsecondsUntilNow) / 1000) }

    /// The time left at `now`, rounded up to whole milliseconds as `poll` takes them, so that a wait does not end too
    /// early; 0 when the instant has passed.
    package func remainingMilliseconds(at now: MonotonicTime = .now()) -> Int32 {
        Int32(clamping: (max(0, microseconds - now.microseconds) + 999) / 1000)
    }

    @inlinable public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.microseconds < right.microseconds
    }
}

extension Duration {
    /// Whole microseconds.
    @inlinable public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// Whole milliseconds; a positive duration is at least 1.
    package var milliseconds: Int {
        let (seconds, attoseconds) = components
        let whole = Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        return whole == 0 && self > .zero ? 1 : whole
    }
}
