package import Model
package import Queue
package import Redis

/// A queue in memory, for tests of producers.
package final class MemoryEventQueue: EventEnqueuing {
    package let name: String
    /// The accepted entries, in order.
    package private(set) var entries: [QueueEntry] = []
    /// The idempotency key of each call, accepted or not.
    package private(set) var keys: [IdempotencyKey?] = []
    /// More entries are refused.
    package var bound = Int.max
    /// Larger payloads are refused.
    package var maximumPayloadBytes = Int.max
    /// The ids of apps with dead letters, one for each, oldest first.
    package var deadLetters: [Int64] = []
    /// How many dead letters a call to redrive finds damaged.
    package var damagedCount = 0
    /// When set, every call fails with it.
    package var failure: RedisError?

    private var relayIDs: [String: String] = [:]
    private var ids: [IdempotencyKey: String] = [:]

    package init(name: String = "events") {
        self.name = name
    }

    package func enqueue(
        _ entry: QueueEntry, idempotencyKey: IdempotencyKey?
    ) throws(RedisError) -> EnqueueResult {
        keys.append(idempotencyKey)
        if let failure { throw failure }
        guard entry.payload.count <= maximumPayloadBytes else {
            return .tooLarge(what: "payload", bytes: entry.payload.count, limit: maximumPayloadBytes)
        }
        if let idempotencyKey, let id = ids[idempotencyKey] { return .duplicate(of: id) }
        guard entries.count < bound else { return .full(depth: entries.count, bound: bound) }
        entries.append(entry)
        if let idempotencyKey { ids[idempotencyKey] = entry.id }
        return .accepted(entry.id)
    }

    package func enqueue(
        _ entries: [(entry: QueueEntry, idempotencyKeys: [String])]
    ) throws(RedisError) -> [EnqueueResult] {
        var results: [EnqueueResult] = []
        for (entry, keys) in entries {
            if let failure { throw failure }
            if let id = keys.lazy.compactMap({ self.relayIDs[$0] }).first {
                results.append(.duplicate(of: id))
            } else if self.entries.count >= bound {
                results.append(.full(depth: self.entries.count, bound: bound))
            } else {
                self.entries.append(entry)
                for key in keys { relayIDs[key] = entry.id }
                results.append(.accepted(entry.id))
            }
        }
        return results
    }

    package func redrive(
        appID: Int64, limit: Int, now: Timestamp
    ) throws(RedisError) -> (redrive: Redrive, hasMore: Bool) {
        if let failure { throw failure }
        let own = deadLetters.count { $0 == appID }
        let count = min(own, limit, bound)
        for _ in 0..<count { deadLetters.remove(at: deadLetters.firstIndex(of: appID) ?? 0) }
        var redrive = Redrive(count: count, isFull: bound < min(own, limit))
        redrive.damagedCount = damagedCount
        return (redrive, own > limit)
    }
}
