/// Adds up time spent. One object serves one thread.
final class Stopwatch {
    private(set) var microseconds: Int64 = 0

    func reset() {
        microseconds = 0
    }

    /// Runs `work` and adds the time it took, also when it throws.
    func measure<Value, Failure: Error>(_ work: () throws(Failure) -> Value) throws(Failure) -> Value {
        let start = MonotonicTime.now()
        defer { microseconds += start.microsecondsUntilNow }
        return try work()
    }
}
