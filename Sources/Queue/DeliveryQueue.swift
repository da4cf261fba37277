import Model
package import Redis

/// A queue in Redis that hands out each entry at least once: a stream with a consumer group, a set of scheduled
/// entries, and dead letters.
///
/// An entry is at any time in exactly one of three places - the stream, the scheduled ones, the dead letters - and moves
/// between them in steps that Redis carries out as a whole. What a consumer leaves behind when it dies:
///
/// - before it got the answer to `receive` or `claim`, or before it sent: an entry with its name on it, which `claim`
///   gives to another after the visibility time-out; it is sent once.
/// - after it sent, before Redis has the settlement: the same; it is sent twice, with the same id.
/// - after Redis has the settlement: nothing; the entry is gone, scheduled or dead, as a whole.
///
/// So nothing that `enqueue` accepted is lost, and what can happen twice is the sending (and the record of it) alone.
///
/// What Redis forgets is lost: see `hazards`. One object serves one thread.
package final class DeliveryQueue {
    /// The name of the consumer group.
    static let group = "workers"
    /// Longer idempotency keys are refused: a caller's 255 bytes and the scope in front of them fit.
    package static let maximumIdempotencyKeyBytes = 320

    package let settings: DeliveryQueueSettings
    let connection: RedisConnection
    let shards: [QueueKeys]
    /// Where the next call begins, so that each shard has its turn.
    var rotation = 0
    /// Where `claim` goes on in each shard.
    var claimCursors: [String]

    /// - Parameter connection: its own; `receive` holds it for as long as it waits. Its limit on one element must leave
    ///   room for the largest payload.
    package init(connection: RedisConnection, settings: DeliveryQueueSettings = DeliveryQueueSettings()) {
        self.connection = connection
        self.settings = settings
        shards = (0..<settings.shardCount).map { QueueKeys(queue: settings.name, shard: $0) }
        claimCursors = shards.map { _ in "0-0" }
    }

    /// Adds an entry; it is in Redis when the call returns `.accepted`. An entry that is due later than it was enqueued
    /// is scheduled.
    ///
    /// After `.connectionLost` and `.timedOut` it is not known whether it was added; the same call with an idempotency
    /// key tells.
    ///
    /// - Parameters:
    ///   - idempotencyKey: a repetition with the same key and partition within the keys' lifetime adds nothing.
    ///   - partition: what decides the shard; nil = the app's id.
    package func enqueue(
        _ entry: QueueEntry, idempotencyKey: String? = nil, partition: String? = nil
    ) throws(RedisError) -> EnqueueResult {
        if let refusal = refusal(of: entry, idempotencyKey) { return refusal }
        let keys = shards[settings.shard(of: partition ?? String(entry.appID))]
        var call = ScriptCall(
            QueueScripts.enqueue, keys: [keys.stream, keys.scheduled, keys.scheduledEntries],
            String(settings.maximumShardDepth), String(settings.idempotencyLifetimeSeconds), entry.id,
            entry.dueAt > entry.enqueuedAt ? String(entry.dueAt.microseconds) : "")
        if let idempotencyKey { call.keys.append(keys.idempotency(idempotencyKey)) }
        for field in entry.fields { call.append(field) }
        let answer = try connection.run(call).list(key: keys.stream, atLeast: 1)
        switch (answer[0].string, answer.last) {
        case ("accepted", _): return .accepted(entry.id)
        case ("duplicate", let id?): return .duplicate(of: id.string ?? "")
        case ("full", let depth?):
            return .full(depth: Int(depth.number ?? 0), bound: settings.maximumShardDepth)
        default: throw .unexpectedReply("an enqueue into \(keys.stream) gave no result")
        }
    }

    private func refusal(of entry: QueueEntry, _ idempotencyKey: String?) -> EnqueueResult? {
        let keyLimit = DeliveryQueue.maximumIdempotencyKeyBytes
        if let count = idempotencyKey?.utf8.count, count > keyLimit {
            return .tooLarge(what: "idempotency key", bytes: count, limit: keyLimit)
        }
        let payloadLimit = settings.maximumPayloadBytes
        guard entry.payload.count <= payloadLimit else {
            return .tooLarge(what: "payload", bytes: entry.payload.count, limit: payloadLimit)
        }
        return nil
    }

    /// What the queue holds, all shards together.
    package func statistics() throws(RedisError) -> QueueStatistics {
        let calls = shards.map {
            ScriptCall(
                QueueScripts.statistics, keys: [$0.stream, $0.scheduled, $0.dead, $0.counters], DeliveryQueue.group)
        }
        var total = QueueStatistics()
        for (keys, answer) in zip(shards, try connection.run(calls, isRepeatable: true)) {
            let values = try answer.list(key: keys.stream, atLeast: 7)
            let numbers = values.map { Int($0.number ?? 0) }
            total.waiting += max(0, numbers[0] - numbers[1])
            total.pending += numbers[1]
            total.scheduled += numbers[2]
            total.dead += numbers[3]
            total.discarded += numbers[4]
            total.oldestDueAt = earlier(total.oldestDueAt, values[5].number)
            total.nextDueAt = earlier(total.nextDueAt, values[6].number)
        }
        return total
    }
}

/// The earlier of a moment and one given in microseconds since the epoch, as far as they are there.
func earlier(_ moment: Timestamp?, _ microseconds: Int64?) -> Timestamp? {
    guard let other = microseconds.map(Timestamp.init(microseconds:)) else { return moment }
    return moment.map { min($0, other) } ?? other
}
