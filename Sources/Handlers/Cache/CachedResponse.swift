import Buffer
import Model
import Synchronization

/// An endpoint's result kept for the next request with the same key.
final class CachedResponse: Sendable {
    let result: EndpointResult
    /// What was read for it.
    let lists: [WebhookRequestQuery]
    private let lease: ListLease
    private let madeAt: Timestamp
    private let expiry: Timestamp
    private let directoryGeneration: Int
    private let isRemoved = Atomic(false)

    /// - Parameters:
    ///   - expiry: the earlier of the result's and the directory's.
    ///   - directoryGeneration: read before anything was looked up for the result.
    init(
        _ result: EndpointResult, lists: [WebhookRequestQuery], lease: ListLease, madeAt: Timestamp, expiry: Timestamp,
        directoryGeneration: Int
    ) {
        self.result = result
        self.lists = lists
        self.lease = lease
        self.madeAt = madeAt
        self.expiry = expiry
        self.directoryGeneration = directoryGeneration
    }

    /// Whether the table has not removed it.
    var isStored: Bool { !isRemoved.load(ordering: .acquiring) }

    /// To be called when the table removes it.
    func markRemoved() { isRemoved.store(true, ordering: .releasing) }

    /// Whether its time is over, or the directory has been changed since.
    func isExpired(at now: Timestamp, directoryGeneration: Int) -> Bool {
        now >= expiry || self.directoryGeneration != directoryGeneration || lease.hasEnded
    }

    /// Whether it was made after `now`: another thread was faster, or the clock was set back. In the latter case it is
    /// unknown whether it is valid at `now`.
    func isNewer(than now: Timestamp) -> Bool { now < madeAt }

    /// Its estimated memory with the table's, rather too much than too little.
    func byteCount(key: ResponseCacheKey) -> Int {
        let headers = result.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let read = lists.reduce(0) { $0 + 112 + 32 * $1.events.count }
        return 640 + result.body.count + headers + 2 * key.bytes.count + read
    }
}
