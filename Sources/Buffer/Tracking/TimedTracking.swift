import System

/// A thread's use of a tracker that all threads share, and what time it took.
package final class TimedTracking {
    private let base: any ListTracking
    private var arrival: InvalidationSequence?

    /// Monotonic time spent in calls so far, in microseconds.
    package private(set) var elapsedMicroseconds: Int64 = 0

    package init(_ base: any ListTracking) {
        self.base = base
    }

    /// A request begins that was there when the mark was taken: what was done after that may be missing in its answer.
    ///
    /// - Parameter arrival: nil = nobody knows.
    package func begin(_ arrival: InvalidationSequence?) {
        self.arrival = arrival
    }

    /// Reports every change that was made before the request was there, or before the call when nobody said when the
    /// request came, or was asked for it already; whether that succeeded.
    package func catchUp() -> Bool {
        // Used up, so that no request can take over what counted for the one before.
        let mark = arrival ?? base.mark
        arrival = nil
        return timed { base.catchUp(to: mark) }
    }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        return timed { base.watch(queries) }
    }

    private func timed<Result>(_ work: () -> Result) -> Result {
        let start = MonotonicTime.now()
        defer { elapsedMicroseconds += start.microsecondsUntilNow }
        return work()
    }
}
