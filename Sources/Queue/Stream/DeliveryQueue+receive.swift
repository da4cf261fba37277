import Model
package import Redis
import System

extension DeliveryQueue {
    /// Receives entries that no consumer has; empty when none arrived within `wait`. An entry that cannot be read has a
    /// `problem`.
    ///
    /// Creates the consumer group if it is missing: Redis may have restarted empty. Several served shards are waited
    /// for in turn, which delays entries by up to `wait`; use one consumer for each where that matters.
    ///
    /// - Parameters:
    ///   - consumer: unique for each running consumer; a consumer with the same name would share its pending entries.
    ///   - count: the maximum number of entries; `settings.maximumBatch` also limits it.
    package func receive(
        consumer: String, count: Int, wait: Duration = .zero
    ) throws(RedisError) -> [QueueDelivery] {
        let count = min(count, settings.maximumBatch)
        let order = servedShardsInTurn()
        guard count > 0, !order.isEmpty else { return [] }
        var deliveries: [QueueDelivery] = []
        if order.count > 1 || wait <= .zero {
            for shard in order where deliveries.count < count {
                deliveries += try read(shard, consumer: consumer, count: count - deliveries.count, wait: .zero)
            }
        }
        guard deliveries.isEmpty, wait > .zero else { return deliveries }
        for shard in order {
            deliveries = try read(shard, consumer: consumer, count: count, wait: wait / order.count)
            if !deliveries.isEmpty { break }
        }
        return deliveries
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

    private func read(
        _ shard: Int, consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> [QueueDelivery] {
        let keys = shards[shard]
        var reply = try readGroup(keys.stream, consumer: consumer, count: count, wait: wait)
        // The group is missing, or the stream was deleted during the wait.
        if reply.isError(code: "NOGROUP") || reply.isError(code: "UNBLOCKED") {
            try createGroup(shard)
            reply = try readGroup(keys.stream, consumer: consumer, count: count, wait: wait)
        }
        let checked = try reply.checked(key: keys.stream)
        hasFoundGroup[shard] = true
        guard checked != .null else { return [] }
        let entries = try reply.list(key: keys.stream, atLeast: 1)[0].elements.last?.elements ?? []
        return self.deliveries(entries.map { (item: $0, deliveryCount: 1) }, shard: shard, consumer: consumer)
    }

    private func readGroup(
        _ stream: String, consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> ReplyValue {
        var request = RedisRequest()
        if wait > .zero {
            // 0 would mean forever.
            request.append(
                "XREADGROUP", "GROUP", DeliveryQueue.group, consumer, "COUNT", String(count), "BLOCK",
                String(max(1, wait.milliseconds)), "STREAMS", stream, ">")
        } else {
            request.append(
                "XREADGROUP", "GROUP", DeliveryQueue.group, consumer, "COUNT", String(count), "STREAMS", stream, ">")
        }
        return try connection.values(of: request, isRepeatable: false, serverWait: wait).first ?? .null
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
        let stream = shards[shard].stream
        let reply = try connection.run(ScriptCall(QueueScripts.createGroup, keys: [stream], DeliveryQueue.group))
        // Another consumer may have created it first.
        if !reply.isError(code: "BUSYGROUP") {
            _ = try reply.checked(key: stream)
            hasLostGroup = hasLostGroup || hasFoundGroup[shard]
        }
        claimCursors[shard] = DeliveryQueue.firstCursor
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
