/// Which queue, and its bounds.
package struct DeliveryQueueSettings: Hashable, Sendable {
    /// Part of the keys: `events` or `mail`.
    package var name: String
    /// Over so many shards the entries are spread; every program that uses the queue must say the same number.
    package var shardCount: Int
    /// Shards that `receive`, `claim` and `promoteDue` look at.
    package var servedShards: Range<Int>
    /// Entries that may wait, be scheduled or be under way, in all shards together; each shard has an equal part.
    package var maximumDepth: Int
    /// Room for an event of 256 KiB, unless said otherwise.
    package var maximumPayloadBytes: Int
    /// Dead letters that are kept in each shard; the oldest make way, and are counted.
    package var maximumDeadLetters: Int
    /// How long an idempotency key is remembered.
    package var idempotencyLifetimeSeconds: Int

    /// - Parameter servedShards: nil = all.
    package init(
        name: String = "events", shardCount: Int = 1, servedShards: Range<Int>? = nil, maximumDepth: Int = 100_000,
        maximumPayloadBytes: Int = DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: 256 << 10),
        maximumDeadLetters: Int = 100_000,
        idempotencyLifetimeSeconds: Int = 86400
    ) {
        precondition(shardCount > 0, "a queue has at least one shard")
        self.name = name
        self.shardCount = shardCount
        self.servedShards = (servedShards ?? 0..<shardCount).clamped(to: 0..<shardCount)
        self.maximumDepth = maximumDepth
        self.maximumPayloadBytes = maximumPayloadBytes
        self.maximumDeadLetters = maximumDeadLetters
        self.idempotencyLifetimeSeconds = idempotencyLifetimeSeconds
    }

    /// What the payload of an event takes at most whose description, as it was sent to the API, has so many bytes.
    ///
    /// Three times: a character of two bytes becomes an escape of six. (A text of many U+007F, which becomes six bytes of
    /// one, is refused as too large.) The rest is what the queue adds: the names of the members, the installation, ids.
    package static func maximumPayloadBytes(forEventBytes count: Int) -> Int { 3 * count + (16 << 10) }

    /// The bound of one shard.
    var maximumShardDepth: Int { max(1, maximumDepth / shardCount) }

    /// Entries that one call reads at most, so that the largest of them fit into one answer.
    var maximumBatch: Int { max(1, (48 << 20) / max(1, maximumPayloadBytes)) }

    /// The shard of what has this partition text; the same in every program and every release (FNV-1a, 64 bits).
    func shard(of partition: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in partition.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(hash % UInt64(shardCount))
    }
}
