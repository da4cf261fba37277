import Glibc
import Synchronization

/// Adds up what look-ups take, on any number of threads.
final class LookUpTimer: Sendable {
    private let sum = Atomic<Int64>(0)

    /// So far; a look-up counts when it is over, failed or not.
    var microseconds: Int64 { sum.load(ordering: .relaxed) }

    func measure<Value>(_ lookUp: () throws(DirectoryError) -> Value) throws(DirectoryError) -> Value {
        let start = LookUpTimer.now()
        defer { sum.add(LookUpTimer.now() - start, ordering: .relaxed) }
        return try lookUp()
    }

    /// By the clock that is never set back, in microseconds.
    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
