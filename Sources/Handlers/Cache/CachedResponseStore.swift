package import Buffer
import Model
import Synchronization
import System

/// The answers that all threads of a process share.
///
/// An answer comes in by a reservation, made before its lists are watched and read: a change that becomes known in the
/// meantime may be older or newer than what was read, and then the answer is not kept.
package final class CachedResponseStore: Sendable {
    /// The right to store one answer, as long as none of its lists has changed.
    struct Reservation {
        /// No other reservation of the store has or had it; greater than 0.
        let number: Int
    }

    private struct Content {
        var table: CachedResponseTable
        /// What the answers that are being made read, by their reservations.
        var reserved: [Int: [WebhookRequestQuery]] = [:]
        var reservationCount = 0
        var invalidationCount = 0
    }

    private let content: Lock<Content>
    private let hitCount = Atomic(0)
    private let missCount = Atomic(0)

    /// - Parameter byteLimit: the memory of all answers together; larger than its eighth none is kept.
    package init(byteLimit: Int) {
        content = Lock(Content(table: CachedResponseTable(byteLimit: byteLimit)))
    }

    /// Forgets the answers that a change makes wrong, those that are being made too.
    package func forget(_ change: ListChange) {
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

    /// What it has done and holds.
    ///
    /// - Parameter isTracking: whether Redis tells of changes at the moment.
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

    func answer(for key: ResponseCacheKey) -> CachedResponse? {
        content.withLock { $0.table.answer(for: key) }
    }

    func remove(_ key: ResponseCacheKey, holding answer: CachedResponse) {
        content.withLock { $0.table.remove(key, holding: answer) }
    }

    func reserve(_ lists: [WebhookRequestQuery]) -> Reservation {
        content.withLock { content in
            content.reservationCount += 1
            content.reserved[content.reservationCount] = lists
            return Reservation(number: content.reservationCount)
        }
    }

    /// Gives a reservation back, with an answer to keep if there is one.
    func end(_ reservation: Reservation, _ answer: CachedResponse?, for key: ResponseCacheKey) {
        content.withLock { content in
            guard content.reserved.removeValue(forKey: reservation.number) != nil, let answer else { return }
            content.table.store(answer, for: key)
        }
    }

    func countHit() { hitCount.add(1, ordering: .relaxed) }

    func countMiss() { missCount.add(1, ordering: .relaxed) }
}
