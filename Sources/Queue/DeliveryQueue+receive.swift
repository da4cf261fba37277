import Model
package import Redis
import System

extension DeliveryQueue {
    /// Hands out entries that no consumer has yet; empty when none came within `wait`.
    ///
    /// Makes the consumer group if it is not there: Redis may have come back empty. With several served shards the
    /// wait is spent on them in turn, so that an entry may lie for that long; give each its own consumer where that
    /// matters.
    ///
    /// - Parameters:
    ///   - consumer: one name for each running consumer; who uses the name of another takes part in its entries.
    ///   - count: at most so many, and no more than `settings.maximumBatch`.
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

    /// Hands out entries whose consumer has not settled or renewed them for `idleLongerThan`: it crashed, hangs, or
    /// lost them on the way. Goes through the pending entries in steps, from call to call.
    ///
    /// - Parameter idleLongerThan: the visibility time-out; longer than the longest attempt. Redis measures it.
    package func claim(
        consumer: String, idleLongerThan visibilityTimeout: Duration, count: Int
    ) throws(RedisError) -> [QueueDelivery] {
        let count = min(count, settings.maximumBatch)
        var deliveries: [QueueDelivery] = []
        for shard in servedShardsInTurn() where deliveries.count < count {
            let keys = shards[shard]
            let answer = try connection.run(
                ScriptCall(
                    QueueScripts.claim, keys: [keys.stream], DeliveryQueue.group, consumer,
                    String(visibilityTimeout.milliseconds), claimCursors[shard],
                    String(count - deliveries.count)))
            if answer.isError(code: "NOGROUP") {
                try createGroup(shard)
                continue
            }
            let values = try answer.list(key: keys.stream, atLeast: 1)
            claimCursors[shard] = values[0].string ?? "0-0"
            let items = values.dropFirst().map { item in
                let parts = item.elements
                return (item: item, deliveryCount: parts.count > 2 ? Int(parts[2].number ?? 1) : 1)
            }
            deliveries += try handOut(items, shard: shard, consumer: consumer)
        }
        return deliveries
    }

    /// Tells that a delivery is still being worked on; false = it was lost to another consumer.
    package func renew(_ delivery: QueueDelivery) throws(RedisError) -> Bool {
        try renew([delivery])[0]
    }

    /// Tells in one round trip that deliveries are still being worked on; false for those lost to another consumer.
    package func renew(_ deliveries: [QueueDelivery]) throws(RedisError) -> [Bool] {
        let calls = deliveries.map { delivery in
            ScriptCall(
                QueueScripts.renew, keys: [shards[delivery.shard].stream], DeliveryQueue.group, delivery.streamID,
                delivery.consumer, String(delivery.deliveryCount))
        }
        var held: [Bool] = []
        for (call, answer) in zip(calls, try connection.run(calls)) {
            held.append(try answer.count(key: call.keys[0]) == 1)
        }
        return held
    }

    /// Forgets consumers that have nothing and asked for nothing for this long; returns how many.
    ///
    /// - Parameter consumer: only this one; nil = all.
    package func removeConsumers(
        idleLongerThan idle: Duration, named consumer: String? = nil
    ) throws(RedisError) -> Int {
        let calls = settings.servedShards.map {
            ScriptCall(
                QueueScripts.removeConsumers, keys: [shards[$0].stream], DeliveryQueue.group,
                String(idle.milliseconds), consumer ?? "")
        }
        var removed = 0
        for (shard, answer) in zip(settings.servedShards, try connection.run(calls)) {
            removed += try answer.count(key: shards[shard].stream)
        }
        return removed
    }

    /// The served shards, beginning with another one each time.
    private func servedShardsInTurn() -> [Int] {
        let served = Array(settings.servedShards)
        guard !served.isEmpty else { return [] }
        rotation = (rotation + 1) % served.count
        return Array(served[rotation...] + served[..<rotation])
    }

    private func read(
        _ shard: Int, consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> [QueueDelivery] {
        let keys = shards[shard]
        var answer = try readGroup(keys.stream, consumer: consumer, count: count, wait: wait)
        // Redis says so at once, or to those who wait when the stream goes away.
        if answer.isError(code: "NOGROUP") || answer.isError(code: "UNBLOCKED") {
            try createGroup(shard)
            answer = try readGroup(keys.stream, consumer: consumer, count: count, wait: wait)
        }
        guard try answer.checked(key: keys.stream) != .null else { return [] }
        let entries = try answer.list(key: keys.stream, atLeast: 1)[0].elements.last?.elements ?? []
        return try handOut(entries.map { (item: $0, deliveryCount: 1) }, shard: shard, consumer: consumer)
    }

    private func readGroup(
        _ stream: String, consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> ReplyValue {
        var request = RedisRequest()
        if wait > .zero {
            // 0 would mean for ever.
            request.append(
                "XREADGROUP", "GROUP", DeliveryQueue.group, consumer, "COUNT", String(count), "BLOCK",
                String(max(1, wait.milliseconds)), "STREAMS", stream, ">")
        } else {
            request.append(
                "XREADGROUP", "GROUP", DeliveryQueue.group, consumer, "COUNT", String(count), "STREAMS", stream, ">")
        }
        return try connection.values(of: request, isRepeatable: false, serverWait: wait).first ?? .null
    }

    /// Makes the group so that it hands out everything that is in the stream: what was settled is no longer there.
    private func createGroup(_ shard: Int) throws(RedisError) {
        let stream = shards[shard].stream
        var request = RedisRequest()
        request.append("XGROUP", "CREATE", stream, DeliveryQueue.group, "0", "MKSTREAM")
        let answer = try connection.values(of: request, isRepeatable: false).first ?? .null
        // Another consumer may have been first.
        if !answer.isError(code: "BUSYGROUP") { _ = try answer.checked(key: stream) }
        claimCursors[shard] = "0-0"
    }

    /// Makes deliveries of items `[stream id, fields, …]`. What no queue wrote is put among the dead letters, so that it
    /// neither harms a consumer nor comes back for ever.
    private func handOut(
        _ items: [(item: ReplyValue, deliveryCount: Int)], shard: Int, consumer: String
    ) throws(RedisError) -> [QueueDelivery] {
        var deliveries: [QueueDelivery] = []
        var burials: [Settlement] = []
        for (item, deliveryCount) in items {
            let parts = item.elements
            guard parts.count >= 2, let streamID = parts[0].string else { continue }
            let fields = FieldReader(parts[1].elements)
            let delivery = QueueDelivery(
                entry: QueueEntry(fields), deliveryCount: deliveryCount, consumer: consumer, shard: shard,
                streamID: streamID)
            if let problem = QueueEntry.problem(of: fields) {
                let added = Timestamp(milliseconds: streamID)
                burials.append(.bury(delivery, reason: "malformed entry: " + problem, at: added))
            } else {
                deliveries.append(delivery)
            }
        }
        if !burials.isEmpty { _ = try settle(burials) }
        return deliveries
    }
}

extension Timestamp {
    /// When an entry with this stream id (`milliseconds-number`) was added, by Redis' clock.
    fileprivate init(milliseconds streamID: String) {
        let milliseconds = streamID.split(separator: "-").first.flatMap { Int64($0) } ?? 0
        self.init(microseconds: milliseconds.multipliedReportingOverflow(by: 1000).partialValue)
    }
}
