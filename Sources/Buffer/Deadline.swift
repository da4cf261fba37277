import Glibc

/// A moment on the monotonic clock, in nanoseconds, at which a blocking call gives up.
struct Deadline: Hashable {
    let nanoseconds: Int64

    init(after duration: Duration, from now: Int64 = Deadline.now()) {
        nanoseconds = now + duration.nanoseconds
    }

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The monotonic clock's reading.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// What is left, rounded up to whole milliseconds as `poll` takes them; 0 when the moment has passed.
    func remainingMilliseconds(at now: Int64 = Deadline.now()) -> Int32 {
        let left = max(0, nanoseconds - now)
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    func earlier(_ other: Deadline) -> Deadline {
        Deadline(nanoseconds: min(nanoseconds, other.nanoseconds))
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    var wholeMilliseconds: Int { Int(nanoseconds / 1_000_000) }
}
