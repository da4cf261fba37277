import Glibc

/// A point in time: microseconds since 1970-01-01 00:00:00 UTC, leap seconds not counted.
///
/// Microseconds are the resolution of the original's Python dates; its years are 1 to 9999.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var microseconds: Int64

    @inlinable package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The time `seconds` after the epoch; the caller guarantees |seconds| < 9.2e12.
    package init(seconds: Int64) {
        self.microseconds = seconds * 1_000_000
    }

    /// A time that comes from outside, moved into `calendarRange`: sums and differences of such times cannot overflow.
    package init(clamping microseconds: Int64) {
        let range = Timestamp.calendarRange
        self.microseconds = min(max(microseconds, range.lowerBound.microseconds), range.upperBound.microseconds)
    }

    /// The years 1 to 9999 in UTC: what can be written with four digits.
    package static let calendarRange =
        Timestamp(seconds: -62_135_596_800)...Timestamp(microseconds: 253_402_300_799_999_999)

    /// Whole seconds since the epoch, rounded towards the past.
    package var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : -((999_999 - microseconds) / 1_000_000)
    }

    /// The same time without its fraction of a second.
    package var truncatedToSeconds: Timestamp { Timestamp(seconds: seconds) }

    /// The system's wall clock.
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    package func adding(seconds: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds + seconds * 1_000_000)
    }
}

/// The source of the current time, which tests replace.
package struct WallClock: Sendable {
    package var now: @Sendable () -> Timestamp

    package init(now: @escaping @Sendable () -> Timestamp) {
        self.now = now
    }

    package static let system = WallClock(now: Timestamp.now)
}
