import Buffer
import Directory
import Model
import Synchronization

/// An answer kept for the next request that asks the same.
final class CachedResponse: Sendable {
    let reply: Reply
    /// No other answer of the store has or had it; greater than 0.
    let number: Int
    /// What was read for it.
    let lists: [WebhookRequestQuery]
    private let lease: ListLease
    private let madeAt: Timestamp
    private let end: Timestamp?
    private let references: [DirectoryReference]
    private let hasLeft = Atomic(false)

    init(
        _ reply: Reply, number: Int, lists: [WebhookRequestQuery], lease: ListLease, madeAt: Timestamp,
        basis: CachedResponseBasis
    ) {
        self.reply = reply
        self.number = number
        self.lists = lists
        self.lease = lease
        self.madeAt = madeAt
        end = basis.end
        references = basis.references
    }

    /// Whether the table still has it, as far as it ever had.
    var isHeld: Bool { !hasLeft.load(ordering: .acquiring) }

    /// To be called when the table lets go of it.
    func leave() { hasLeft.store(true, ordering: .releasing) }

    /// Whether it is the answer no more, whatever Redis and the directory say.
    func isOver(_ now: Timestamp) -> Bool {
        lease.hasEnded || end.map { now >= $0 } ?? false
    }

    /// Whether it was made later than that: the clock was put back, or another thread was faster. Then nobody knows
    /// whether it is the answer at that moment.
    func isAhead(of now: Timestamp) -> Bool { now < madeAt }

    /// Whether what it shows of the directory is still so.
    func isUnchanged(in directory: any DirectoryStore) -> Bool {
        references.allSatisfy { $0.isUnchanged(in: directory) }
    }

    /// Its memory with the table's, about: what a table has beside the bytes is estimated, not too low.
    func byteCount(key: ResponseCacheKey) -> Int {
        let headers = reply.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        let read = lists.reduce(0) { $0 + 112 + 32 * $1.events.count }
        return 640 + reply.body.count + headers + 2 * key.bytes.count + read
            + references.reduce(0) { $0 + $1.byteCount }
    }
}
