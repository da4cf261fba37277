/// A thread's use of a tracker that all threads share, and what time it took.
package final class TimedTracking {
    private let base: any ListTracking

    /// Monotonic time spent in calls so far, in microseconds.
    package private(set) var elapsedMicroseconds: Int64 = 0

    package init(_ base: any ListTracking) {
        self.base = base
    }

    package func catchUp() -> Bool { timed { base.catchUp() } }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? { timed { base.watch(queries) } }

    private func timed<Result>(_ work: () -> Result) -> Result {
        let start = Deadline.now()
        defer { elapsedMicroseconds += (Deadline.now() - start) / 1000 }
        return work()
    }
}
