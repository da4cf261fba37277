import Model
package import Redis
import System

extension DeliveryQueue {
    /// Receives entries that no consumer has; empty when none arrived within `wait`. An entry that cannot be read has a
    /// `problem`.
    ///
    /// An entry of any served shard ends the wait. Creates the consumer group if it is missing: Redis may have
    /// restarted empty. A shard that Redis refuses to read holds up no other: the refusal is thrown when there is
    /// nothing else.
    ///
    /// - Parameters:
    ///   - consumer: unique for each running consumer; a consumer with the same name would share its pending entries.
    ///   - count: the maximum number of entries; `settings.maximumBatch` also limits it. Where more shards than that
    ///     have been empty and get entries at the same moment, there is one of each.
    package func receive(
        consumer: String, count: Int, wait: Duration = .zero
    ) throws(RedisError) -> [QueueDelivery] {
        if let failure = heldFailure {
            heldFailure = nil
            throw failure
        }
        let count = min(count, settings.maximumBatch)
        let order = servedShardsInTurn()
        guard count > 0, !order.isEmpty else { return [] }
        var deliveries: [QueueDelivery] = []
        if order.count > 1 || wait <= .zero { deliveries = try read(order, consumer: consumer, count: count) }
        guard deliveries.isEmpty, wait > .zero, !isInterrupted() else { return deliveries }
        return try waitForEntries(in: order, consumer: consumer, count: count, wait: wait)
    }

    /// Renews the lease of a delivery; false when another consumer has taken it over.
    package func renew(_ delivery: QueueDelivery) throws(RedisError) -> Bool {
        try renew([delivery])[0]
    }

    /// Renews leases in one round trip; false for those that another consumer has taken over.
    package func renew(_ deliveries: [QueueDelivery]) throws(RedisError) -> [Bool] {
        let calls = deliveries.map { delivery in
            ScriptCall(
                QueueScripts.renew, keys: [shards[delivery.shard].stream], DeliveryQueue.group, delivery.streamID,
                delivery.consumer, String(delivery.deliveryCount))
        }
        var held: [Bool] = []
        for (call, reply) in zip(calls, try connection.run(calls)) {
            held.append(try reply.count(key: call.keys[0]) == 1)
        }
        return held
    }

    /// Removes consumers without pending entries that have been idle for this long; returns how many.
    ///
    /// - Parameter consumer: only this one; nil: all.
    package func removeConsumers(
        idleLongerThan idle: Duration, named consumer: String? = nil
    ) throws(RedisError) -> Int {
        let calls = settings.servedShards.map {
            ScriptCall(
                QueueScripts.removeConsumers, keys: [shards[$0].stream], DeliveryQueue.group,
                String(idle.milliseconds), consumer ?? "")
        }
        var removed = 0
        for (shard, reply) in zip(settings.servedShards, try connection.run(calls)) {
            removed += try reply.count(key: shards[shard].stream)
        }
        return removed
    }

    /// The served shards, starting with another one each time.
    func servedShardsInTurn() -> [Int] {
        let served = Array(settings.servedShards)
        guard !served.isEmpty else { return [] }
        rotation = (rotation + 1) % served.count
        return Array(served[rotation...] + served[..<rotation])
    }

    /// Whether Redis has lost the queue since the last call: its consumer group was there and was missing later,
    /// because Redis restarted without its data, was emptied, or another server took its place. Of several that notice
    /// it, only the one that created the group again is told.
    package func takeLoss() -> Bool {
        defer { hasLostGroup = false }
        return hasLostGroup
    }

    /// Creates the group so that it starts at the beginning of the stream, which holds no settled entries.
    func createGroup(_ shard: Int) throws(RedisError) {
        try createGroups([shard])
    }

    /// Creates the groups of several shards in one round trip.
    func createGroups(_ missing: [Int]) throws(RedisError) {
        let calls = missing.map {
            ScriptCall(QueueScripts.createGroup, keys: [shards[$0].stream], DeliveryQueue.group)
        }
        var failure: RedisError?
        for (shard, reply) in zip(missing, try connection.run(calls)) {
            claimCursors[shard] = DeliveryQueue.firstCursor
            // Another consumer may have created it first.
            if reply.isError(code: "BUSYGROUP") { continue }
            do throws(RedisError) {
                _ = try reply.checked(key: shards[shard].stream)
                hasLostGroup = hasLostGroup || hasFoundGroup[shard]
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Makes deliveries of items `[stream id, fields, …]`. What is wrong with malformed entries is said in `problem`.
    func deliveries(
        _ items: [(item: ReplyValue, deliveryCount: Int)], shard: Int, consumer: String
    ) -> [QueueDelivery] {
        items.compactMap { item, deliveryCount in
            let parts = item.elements
            guard parts.count >= 2, let streamID = parts[0].string else { return nil }
            let fields = FieldReader(parts[1].elements)
            return QueueDelivery(
                entry: QueueEntry(fields), deliveryCount: deliveryCount, consumer: consumer,
                problem: problem(of: fields), shard: shard,
                streamID: streamID)
        }
    }

    private func problem(of fields: FieldReader) -> String? {
        if let problem = QueueEntry.problem(of: fields) { return "malformed entry: " + problem }
        return fields.byteCount > settings.maximumEntryBytes ? "too large" : nil
    }
}
