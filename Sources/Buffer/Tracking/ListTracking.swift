import System

/// What Redis has told of.
package enum ListChange: Hashable, Sendable {
    case list(WebhookRequestKey)
    /// Any list may have changed: the database was emptied, or nobody knows what was missed.
    case everything
}

/// A moment in the life of a tracker, told by how often it had begun to ask Redis. Costs next to nothing to take.
package struct InvalidationSequence: Hashable, Sendable {
    let begunCount: Int

    package init(begunCount: Int) {
        self.begunCount = begunCount
    }
}

/// Knows of every change of the lists it was asked to watch. Safe to use from many threads.
package protocol ListTracking: Sendable {
    /// The present moment.
    var mark: InvalidationSequence { get }

    /// Reports every change that was made before the mark was taken, if that has not happened yet; whether it has.
    func catchUp(to mark: InvalidationSequence) -> Bool

    /// Makes Redis tell of the next change of each list that the queries read; nil when it does not at the moment.
    ///
    /// Each change after this call has returned is reported by the first `catchUp` that begins after it, if not before.
    func watch(_ queries: [WebhookRequestQuery]) -> ListLease?
}

extension ListTracking {
    /// Reports every change that was made before the call; whether that succeeded.
    package func catchUp() -> Bool { catchUp(to: mark) }
}

/// How long what was read of watched lists may count without reading it again.
package struct ListLease: Hashable, Sendable {
    /// However long the lists live: bounds what a change does that no Redis tells of (`SWAPDB`).
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
