/// A queue's name and limits.
package struct DeliveryQueueSettings: Hashable, Sendable {
    /// Part of the keys: `events` or `mail`.
    package var name: String
    /// The number of shards; all programs that use the queue must have the same.
    package var shardCount: Int
    /// The shards that `receive`, `claim` and `promoteDue` serve.
    package var servedShards: Range<Int>
    /// Limit for waiting and in-progress entries of all shards; each shard has an equal part.
    package var maximumDepth: Int
    /// Limit for the memory of entries and dead letters of all shards; each shard has an equal part.
    package var maximumBytes: Int
    /// In bytes; the default allows events of 256 KiB, and relayed webhooks of 1 MiB.
    package var maximumPayloadBytes: Int
    /// Dead letters kept in each shard; beyond that the oldest are discarded and counted.
    package var maximumDeadLetters: Int
    /// How long an idempotency key is remembered.
    package var idempotencyLifetimeSeconds: Int
    /// An entry that was handed out this often together with others, and never settled, is handed out alone from then
    /// on: it may be what ends the workers that have it.
    package var sharedHandOuts = 4
    /// After this many hand-outs alone it becomes a dead letter.
    package var aloneHandOuts = 8

    /// - Parameter servedShards: nil: all.
    package init(
        name: String = "events", shardCount: Int = 1, servedShards: Range<Int>? = nil, maximumDepth: Int = 100_000,
        maximumBytes: Int = 1 << 30,
        maximumPayloadBytes: Int = DeliveryQueueSettings.defaultPayloadBytes,
        maximumDeadLetters: Int = 100_000,
        idempotencyLifetimeSeconds: Int = 86400
    ) {
        precondition(shardCount > 0, "a queue has at least one shard")
        self.name = name
        self.shardCount = shardCount
        self.servedShards = (servedShards ?? 0..<shardCount).clamped(to: 0..<shardCount)
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
        self.maximumPayloadBytes = maximumPayloadBytes
        self.maximumDeadLetters = maximumDeadLetters
        self.idempotencyLifetimeSeconds = idempotencyLifetimeSeconds
    }

    /// The maximum size of the payload of an event whose description, as sent to the API, has this many bytes.
    ///
    /// Three times: a character of two bytes becomes an escape of six. (A string of many U+007F, of which each byte
    /// becomes six, is refused as too large.) The constant covers what the queue adds: member names, the installation,
    /// ids.
    package static func maximumPayloadBytes(forEventBytes count: Int) -> Int { 3 * count + (16 << 10) }

    /// That of the default settings.
    package static let defaultPayloadBytes = max(
        maximumPayloadBytes(forEventBytes: 256 << 10), RelayedWebhook.maximumPayloadBytes(forBodyBytes: 1 << 20))

    /// The limit of one shard.
    var maximumShardDepth: Int { max(1, maximumDepth / shardCount) }

    /// The limit of one shard, in bytes.
    var maximumShardBytes: Int { max(1, maximumBytes / shardCount) }

    /// The least `maximumBytes` with which the largest event finds room: also as a retry or a dead letter, which have
    /// half of it.
    package var leastMaximumBytes: Int { 2 * shardCount * QueueUsage.keptBytes(maximumPayloadBytes + Self.fieldBytes) }

    /// What an entry's fields take beside the payload, with room to spare: ids, numbers and a reason of 1 kB.
    private static let fieldBytes = 2 << 10

    /// A larger entry was not added by `enqueue`, and is not read.
    var maximumEntryBytes: Int { maximumPayloadBytes + (64 << 10) }

    /// The maximum number of entries of one call, so that the largest of them fit into one reply.
    var maximumBatch: Int { max(1, (48 << 20) / max(1, maximumPayloadBytes)) }

    /// The shard of a partition, the same in every program and every release (FNV-1a, 64 bits).
    func shard(of partition: String) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in partition.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(hash % UInt64(shardCount))
    }
}

extension DeliveryQueueSettings {
    /// The queue of mails to owners: few and small, about half a kilobyte each.
    ///
    /// Idempotency keys live for a week: for that time no mail is sent twice about a disabling that cannot be recorded
    /// because the directory is not writable.
    package static let mail = DeliveryQueueSettings(
        name: "mail", maximumDepth: 10_000, maximumPayloadBytes: 16 << 10, maximumDeadLetters: 10_000,
        idempotencyLifetimeSeconds: 7 * 86400)
}
