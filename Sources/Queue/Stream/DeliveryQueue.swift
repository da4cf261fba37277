package import Model
package import Redis
import System

/// An at-least-once queue in Redis: a stream with a consumer group, a set of scheduled entries, and dead letters.
///
/// An entry is always in exactly one of the three - stream, scheduled entries, dead letters - and moves between them in
/// atomic steps. When a consumer crashes
///
/// - before it has the reply to `receive` or `claim`, or before it sends: the entry is pending under its name, and
///   `claim` gives it to another consumer after the visibility timeout; it is sent once;
/// - after it has sent and before Redis has the settlement: the same, but it is sent twice, with the same id;
/// - after Redis has the settlement: the entry is removed, scheduled or a dead letter already.
///
/// So nothing that `enqueue` accepted is lost, and only the sending, with its record, can happen twice.
///
/// What Redis loses is lost: see `hazards`. One object serves one thread.
package final class DeliveryQueue {
    /// The name of the consumer group.
    static let group = "workers"
    /// A consumer that has not read for this long is none that runs: workers read several times a second.
    private static let readerIdle = Duration.seconds(10)
    /// The cursor of `claim` at the beginning of a stream.
    static let firstCursor = "-"
    /// Longer idempotency keys are refused: a caller's 255 bytes and the prefix of their scope fit.
    package static let maximumIdempotencyKeyBytes = 320

    package let settings: DeliveryQueueSettings
    let connection: RedisConnection
    /// The caller's, by which it names due times.
    let clock: WallClock
    let shards: [QueueKeys]
    /// The first shard of the next call: the shards take turns.
    var rotation = 0
    /// The cursor of `claim` in each shard.
    var claimCursors: [String]
    /// Whether this object has found the consumer group of each shard.
    var hasFoundGroup: [Bool]
    /// Whether Redis has refused a command about several shards: see `waitForEntries`.
    var isSlotBound = false
    /// Why a `receive` that returned entries ended early; the next one throws it.
    var heldFailure: RedisError?
    /// Asked between the calls of a step that needs several, such as one for each shard: true ends it early, with what
    /// it has.
    package var isInterrupted: () -> Bool = { false }
    /// Whether a group that was there is gone, until `takeLoss`.
    var hasLostGroup = false
    /// Whether the last `claim` left entries that are taken alone.
    package internal(set) var hasSuspects = false
    /// Entries that lost their place to the limits, until `takeDisplaced`.
    var displaced: [DisplacedEntry] = []
    /// The position of `checkIndexes` in each shard; nil: its pass is over.
    var indexChecks: [IndexCheck?]

    /// - Parameters:
    ///   - connection: not shared, because `receive` blocks it. Its limit for one element must not be below the largest
    ///     payload.
    ///   - clock: the caller's. Entries become due by Redis' clock: a due time counts as a delay from now by this one.
    package init(
        connection: RedisConnection, settings: DeliveryQueueSettings = DeliveryQueueSettings(),
        clock: WallClock = .system
    ) {
        self.connection = connection
        self.clock = clock
        self.settings = settings
        shards = (0..<settings.shardCount).map { QueueKeys(queue: settings.name, shard: $0) }
        claimCursors = shards.map { _ in DeliveryQueue.firstCursor }
        hasFoundGroup = shards.map { _ in false }
        indexChecks = shards.map { _ in IndexCheck() }
    }

    /// Adds an entry; it is in Redis when the call returns `.accepted`. An entry that is due later than it was enqueued
    /// is scheduled.
    ///
    /// After `.connectionLost`, `.timedOut` and `.unexpectedReply` it is unknown whether it was added; repeating the
    /// call with an idempotency key is safe. After `.refused` nothing was added.
    ///
    /// - Parameters:
    ///   - idempotencyKey: a call with the same key and partition within the keys' lifetime adds nothing.
    ///   - partition: selects the shard; nil: the app's id.
    package func enqueue(
        _ entry: QueueEntry, idempotencyKey: String? = nil, partition: String? = nil
    ) throws(RedisError) -> EnqueueResult {
        let keys = idempotencyKey.map { [$0] } ?? []
        if let refusal = refusal(of: entry, keys) { return refusal }
        let shard = shards[settings.shard(of: partition ?? String(entry.appID))]
        return try result(of: entry, shard, try connection.run(call(for: entry, keys, shard)))
    }

    /// Adds entries in one round trip; see `enqueue`.
    ///
    /// When this throws, some may have been added; repeating the call is safe with idempotency keys.
    ///
    /// - Parameter entries: each with the keys by which a repetition is recognized: one of them is enough.
    /// - Returns: the outcomes in the same order.
    package func enqueue(
        _ entries: [(entry: QueueEntry, idempotencyKeys: [String])]
    ) throws(RedisError) -> [EnqueueResult] {
        var results: [EnqueueResult?] = entries.map { refusal(of: $0.entry, $0.idempotencyKeys) }
        let accepted = entries.indices.filter { results[$0] == nil }
        guard !accepted.isEmpty else { return results.compactMap { $0 } }
        let keys = entries.map { shards[settings.shard(of: String($0.entry.appID))] }
        let calls = accepted.map { call(for: entries[$0].entry, entries[$0].idempotencyKeys, keys[$0]) }
        let replies = try connection.run(calls)
        for (index, reply) in zip(accepted, replies) {
            results[index] = try result(of: entries[index].entry, keys[index], reply)
        }
        return results.compactMap { $0 }
    }

    private func call(for entry: QueueEntry, _ idempotencyKeys: [String], _ keys: QueueKeys) -> ScriptCall {
        var call = ScriptCall(
            QueueScripts.enqueue, keys: [keys.stream, keys.scheduled, keys.scheduledEntries, keys.scheduledByApp],
            String(settings.maximumShardDepth), String(settings.maximumShardBytes),
            String(settings.idempotencyLifetimeSeconds), entry.id,
            entry.dueAt > entry.enqueuedAt ? String(entry.dueAt.microseconds - entry.enqueuedAt.microseconds) : "")
        call.keys += idempotencyKeys.map(keys.idempotency)
        call.keys.append(keys.usage)
        for field in entry.fields { call.append(field) }
        return call
    }

    private func result(
        of entry: QueueEntry, _ keys: QueueKeys, _ reply: ReplyValue
    ) throws(RedisError) -> EnqueueResult {
        // Redis names the script in an error that stopped it: it may have begun to write.
        if case .error(let message) = reply, message.contains("user_script") {
            throw .unexpectedReply("an enqueue into \(keys.stream) was stopped: \(message)")
        }
        let reply = try reply.list(key: keys.stream, atLeast: 1)
        switch (reply[0].string, reply.last) {
        case ("accepted", _): return .accepted(entry.id)
        case ("duplicate", let id?): return .duplicate(of: id.string ?? "")
        case ("refused", let message?): throw .refused(key: keys.stream, message: message.string ?? "")
        case ("full", _), ("share", _):
            guard reply.count == 4, let measure = reply[1].string.flatMap(QueueLimit.Measure.init) else { break }
            return .full(
                QueueLimit(
                    used: reply[2].count ?? 0, bound: reply[3].count ?? 0, measure: measure,
                    isAppShare: reply[0].string == "share"))
        default: break
        }
        throw .unexpectedReply("an enqueue into \(keys.stream) returned no result")
    }

    private func refusal(of entry: QueueEntry, _ idempotencyKeys: [String]) -> EnqueueResult? {
        let keyLimit = DeliveryQueue.maximumIdempotencyKeyBytes
        if let count = idempotencyKeys.map(\.utf8.count).max(), count > keyLimit {
            return .tooLarge(what: "idempotency key", bytes: count, limit: keyLimit)
        }
        let payloadLimit = settings.maximumPayloadBytes
        guard entry.payload.count <= payloadLimit else {
            return .tooLarge(what: "payload", bytes: entry.payload.count, limit: payloadLimit)
        }
        return nil
    }

    /// The counts of all shards together.
    package func statistics() throws(RedisError) -> QueueStatistics {
        let calls = shards.map {
            ScriptCall(
                QueueScripts.statistics, keys: [$0.stream, $0.scheduled, $0.dead, $0.counters, $0.usage],
                DeliveryQueue.group,
                String(DeliveryQueue.readerIdle.milliseconds))
        }
        var total = QueueStatistics()
        for (keys, reply) in zip(shards, try connection.run(calls, isRepeatable: true)) {
            total.add(try reply.list(key: keys.stream, atLeast: QueueStatistics.valueCount))
        }
        return total
    }
}

/// The earlier of a time and one in microseconds since the epoch; nil when both are nil.
func earlier(_ time: Timestamp?, _ microseconds: Int64?) -> Timestamp? {
    guard let other = microseconds.map(Timestamp.init(clamping:)) else { return time }
    return time.map { min($0, other) } ?? other
}

/// The keys of one shard of a queue. Their hash tag keeps them on one node of a Redis Cluster.
struct QueueKeys: Hashable {
    private let prefix: String

    init(queue: String, shard: Int) {
        prefix = "hookline:{queue:\(queue):\(shard)}:"
    }

    /// Stream: entries to be delivered now, and those in progress.
    var stream: String { prefix + "stream" }
    /// Sorted set: ids of the scheduled entries, by due time.
    var scheduled: String { prefix + "scheduled" }
    /// Hash: the scheduled entries by id.
    var scheduledEntries: String { prefix + "scheduled-entries" }
    /// Sorted set: the scheduled entries by app and due time; see `QueueIndex`.
    var scheduledByApp: String { prefix + "scheduled-by-app" }
    /// Sorted set: `id:app` of the dead letters, by the time they became one.
    var dead: String { prefix + "dead" }
    /// Hash: the dead letters by id.
    var deadEntries: String { prefix + "dead-entries" }
    /// Sorted set: the dead letters by app and time; see `QueueIndex`.
    var deadByApp: String { prefix + "dead-by-app" }
    /// String, expires: the consumer that takes entries alone.
    var isolation: String { prefix + "isolation" }
    /// Hash: counters for metrics.
    var counters: String { prefix + "counters" }

    /// Hash: what the entries take; see `QueueUsage`.
    var usage: String { prefix + "usage" }

    /// Hash, expires: notes about dropped entries by id, `microseconds app attempt reason`.
    var dropped: String { prefix + "dropped" }
    /// Sorted set, expires: ids of the dropped entries, by the time they were dropped.
    var droppedTimes: String { prefix + "dropped-times" }

    /// As `QueueScripts.acknowledge` takes them.
    var forRemoval: [String] { [stream, dropped, droppedTimes, usage] }

    /// As `QueueScripts.retry` takes them.
    var forRetry: [String] {
        [stream, dead, deadEntries, deadByApp, counters, scheduled, scheduledEntries, scheduledByApp, usage]
    }
    /// As `QueueScripts.erase` takes them.
    var forErasure: [String] {
        [
            stream, scheduled, scheduledEntries, scheduledByApp, dead, deadEntries, deadByApp, dropped, droppedTimes,
            usage,
        ]
    }
    /// As `QueueScripts.deadLetter` and `claim` take them.
    var forDeadLetter: [String] { [stream, dead, deadEntries, deadByApp, counters, usage] }

    /// String: the id of the entry that was enqueued with this idempotency key.
    func idempotency(_ key: String) -> String { prefix + "idempotency:" + key }
}
