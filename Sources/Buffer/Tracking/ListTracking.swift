package import System

/// A change that Redis has reported.
package enum ListChange: Hashable, Sendable {
    case list(WebhookRequestKey)
    /// Any list may have changed: the database was emptied, or changes were missed.
    case everything
}

/// Knows of every change of the lists it was asked to watch. Safe to use from many threads.
package protocol ListTracking: Sendable {
    /// Reports every change that was made before `instant`, unless that has been done already. Returns whether it
    /// succeeded.
    ///
    /// - Parameter query: a watched one that the caller wants to know about.
    func reportChanges(of query: WebhookRequestQuery, before instant: MonotonicTime) -> Bool

    /// Makes Redis report the next change of each list that the queries read; nil when it does not track at the moment.
    ///
    /// Each change after this call has returned is reported by the first `reportChanges` that begins after it, if not
    /// before.
    func watch(_ queries: [WebhookRequestQuery]) -> ListLease?
}

extension ListTracking {
    /// Reports every change that was made before the call. Returns whether it succeeded.
    package func reportChanges(of query: WebhookRequestQuery) -> Bool { reportChanges(of: query, before: .now()) }
}

/// A thread's use of a tracker that all threads share, and the time it took. Used by one thread.
package final class TimedTracking {
    private let base: any ListTracking

    /// Monotonic time spent in calls so far, in microseconds. Unchecked as that of `RedisConnection`.
    @exclusivity(unchecked) package private(set) var elapsedMicroseconds: Int64 = 0
    /// How long the last call took; at first as if it had taken long.
    private var lastMicroseconds = Int64.max

    package init(_ base: any ListTracking) {
        self.base = base
    }

    /// As `ListTracking.reportChanges`.
    package func reportChanges(of query: WebhookRequestQuery, before instant: MonotonicTime) -> Bool {
        timed { base.reportChanges(of: query, before: instant) }
    }

    /// As `ListTracking.watch`.
    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        timed { base.watch(queries) }
    }

    private func timed<Result>(_ work: () -> Result) -> Result {
        let start = MonotonicTime.now()
        defer {
            lastMicroseconds = start.microsecondsUntilNow
            elapsedMicroseconds += lastMicroseconds
        }
        return ThreadWait.announce(expected: lastMicroseconds, work)
    }
}

/// How long what was read from watched lists is valid without reading it again.
package struct ListLease: Hashable, Sendable {
    /// The maximum, for lists that do not expire: limits the effect of a change that Redis does not report (`SWAPDB`).
    package static let longest = Duration.seconds(60)

    let end: MonotonicTime

    /// - Parameter duration: from now.
    package init(_ duration: Duration) {
        end = MonotonicTime.now().adding(min(duration, Self.longest))
    }

    init(end: MonotonicTime) {
        self.end = end
    }

    package var hasEnded: Bool { MonotonicTime.now() >= end }
}

extension WebhookRequestQuery {
    /// Whether a change of the list changes what the query reads.
    package func reads(_ list: WebhookRequestKey) -> Bool {
        appID == list.appID && errorsOnly == list.isErrors && events.contains(list.event)
    }
}
