/// The keys of one shard of a queue. The braces hold what Redis Cluster goes by: all of them lie on one node.
struct QueueKeys: Hashable {
    private let prefix: String

    init(queue: String, shard: Int) {
        prefix = "hookline:{queue:\(queue):\(shard)}:"
    }

    /// Stream: what is to be delivered now, and what is being delivered.
    var stream: String { prefix + "stream" }
    /// Sorted set: ids of what is to be delivered later, by the time it is due.
    var scheduled: String { prefix + "scheduled" }
    /// Hash: the scheduled entries by id.
    var scheduledEntries: String { prefix + "scheduled-entries" }
    /// Sorted set: `id:app` of the dead letters, by the time of their burial.
    var dead: String { prefix + "dead" }
    /// Hash: the dead letters by id.
    var deadEntries: String { prefix + "dead-entries" }
    /// Hash: what happened so far, for metrics.
    var counters: String { prefix + "counters" }

    /// String: the id of the entry that was enqueued under a key of the caller's.
    func idempotency(_ key: String) -> String { prefix + "idempotency:" + key }
}
