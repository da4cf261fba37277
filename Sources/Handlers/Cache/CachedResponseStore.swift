package import Buffer
import Model
import Synchronization
import System

/// What the response cache has done since the process started, and what it holds now.
package struct ResponseCacheCounts: Hashable, Sendable {
    /// Requests served from the cache.
    package var hits = 0
    /// Requests that had to read their lists.
    package var misses = 0
    /// Responses dropped because one of their lists has changed or may have changed: all of them when the database was
    /// emptied or the connection that reports changes was lost.
    package var invalidations = 0
    /// Responses dropped because the byte limit was reached.
    package var evictions = 0
    /// Responses held now.
    package var entries = 0
    /// Memory of the responses held now, in bytes.
    package var bytes = 0
    /// Whether Redis reports changes at the moment; nothing is served from the cache otherwise.
    package var isTracking = false

    package init() {}
}

/// The cached responses that all threads of a process share.
///
/// A response is stored by a reservation, made before its lists are watched and read: a change that is reported in the
/// meantime may be older or newer than what was read, and then the response is not stored.
package final class CachedResponseStore: Sendable {
    /// The right to store one response, as long as none of its lists has changed.
    struct Reservation {
        /// Unique in the store; greater than 0.
        let number: Int
    }

    private struct Content {
        var table: CachedResponseTable
        /// What the responses that are being made read, by their reservations.
        var reserved: [Int: [WebhookRequestQuery]] = [:]
        var reservationCount = 0
        var invalidationCount = 0
    }

    private let content: Lock<Content>
    private let hitCount = Atomic(0)
    private let missCount = Atomic(0)

    /// - Parameter byteLimit: the memory of all responses together; a response larger than an eighth of it is not
    ///   stored.
    package init(byteLimit: Int) {
        content = Lock(Content(table: CachedResponseTable(byteLimit: byteLimit)))
    }

    /// Drops the responses that a change invalidates, those that are being made too.
    package func invalidate(_ change: ListChange) {
        content.withLock { content in
            content.invalidationCount += content.table.remove(changed: change)
            switch change {
            case .everything: content.reserved = [:]
            case .list(let list):
                for (number, lists) in content.reserved where lists.contains(where: { $0.reads(list) }) {
                    content.reserved[number] = nil
                }
            }
        }
    }

    /// - Parameter isTracking: whether Redis reports changes at the moment.
    package func counts(isTracking: Bool) -> ResponseCacheCounts {
        content.withLock { content in
            var counts = ResponseCacheCounts()
            counts.hits = hitCount.load(ordering: .relaxed)
            counts.misses = missCount.load(ordering: .relaxed)
            counts.invalidations = content.invalidationCount
            counts.evictions = content.table.evictionCount
            counts.entries = content.table.count
            counts.bytes = content.table.byteCount
            counts.isTracking = isTracking
            return counts
        }
    }

    func response(for key: ResponseCacheKey) -> CachedResponse? {
        content.withLock { $0.table.response(for: key) }
    }

    func remove(_ key: ResponseCacheKey, holding response: CachedResponse) {
        content.withLock { $0.table.remove(key, holding: response) }
    }

    func reserve(_ lists: [WebhookRequestQuery]) -> Reservation {
        content.withLock { content in
            content.reservationCount += 1
            content.reserved[content.reservationCount] = lists
            return Reservation(number: content.reservationCount)
        }
    }

    /// Ends a reservation, and stores a response if there is one.
    func end(_ reservation: Reservation, _ response: CachedResponse?, for key: ResponseCacheKey) {
        content.withLock { content in
            guard content.reserved.removeValue(forKey: reservation.number) != nil, let response else { return }
            content.table.store(response, for: key)
        }
    }

    func countHit() { hitCount.add(1, ordering: .relaxed) }

    func countMiss() { missCount.add(1, ordering: .relaxed) }
}
