package import Redis

extension DeliveryQueue {
    /// The pending entries that one step looks at.
    private static let pendingCount = 300

    /// Takes back entries that are pending under the consumer's name but never reached it, because the reply to
    /// `receive` or `claim` was lost. Without it they would wait for the visibility timeout.
    ///
    /// Entries that were handed out `settings.sharedHandOuts` times are left to `claimAlone`, and those larger than
    /// `enqueue` accepts to `claim`, after the visibility timeout.
    ///
    /// Must not be called while another thread of the same consumer waits for `claim`, whose entries it would take.
    ///
    /// - Parameters:
    ///   - held: what the consumer has received and not settled.
    ///   - count: the maximum number of entries; there may be more as long as any are returned.
    package func takeBack(
        consumer: String, held: [QueueDelivery], count: Int
    ) throws(RedisError) -> [QueueDelivery] {
        let count = min(count, settings.maximumBatch, QueueScripts.maximumEntries)
        var deliveries: [QueueDelivery] = []
        for shard in servedShardsInTurn() {
            let known = Set(held.lazy.filter { $0.shard == shard }.map(\.streamID))
            var cursor = DeliveryQueue.firstCursor
            repeat {
                guard deliveries.count < count, !isInterrupted() else { return deliveries }
                let page = try pending(shard, from: cursor, consumer: consumer)
                let lost = page.filter { !known.contains($0.id) && $0.deliveryCount < settings.sharedHandOuts }
                deliveries += try takeBack(lost.prefix(count - deliveries.count), shard: shard, consumer: consumer)
                cursor = page.last.map { "(" + $0.id } ?? DeliveryQueue.firstCursor
                if page.count < DeliveryQueue.pendingCount { cursor = DeliveryQueue.firstCursor }
            } while cursor != DeliveryQueue.firstCursor
        }
        return deliveries
    }

    /// An entry that Redis has delivered to a consumer, and how often it was delivered.
    private struct PendingEntry {
        var id: String
        var deliveryCount: Int
    }

    /// The next entries that are pending under the consumer's name; none without a group.
    private func pending(
        _ shard: Int, from cursor: String, consumer: String
    ) throws(RedisError) -> [PendingEntry] {
        let stream = shards[shard].stream
        var request = RedisRequest()
        request.append(
            "XPENDING", stream, DeliveryQueue.group, cursor, "+", String(DeliveryQueue.pendingCount), consumer)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        if reply.isError(code: "NOGROUP") { return [] }
        return try reply.list(key: stream).compactMap { item in
            let parts = item.elements
            guard parts.count >= 4, let id = parts[0].string, let count = parts[3].count else { return nil }
            return PendingEntry(id: id, deliveryCount: count)
        }
    }

    private func takeBack(
        _ entries: ArraySlice<PendingEntry>, shard: Int, consumer: String
    ) throws(RedisError) -> [QueueDelivery] {
        let stream = shards[shard].stream
        var rest = entries
        var items: [ReplyValue] = []
        while !rest.isEmpty {
            var call = ScriptCall(QueueScripts.takeBack, keys: [stream], DeliveryQueue.group, consumer)
            call.append(settings.maximumEntryBytes)
            for entry in rest {
                call.append(entry.id)
                call.append(entry.deliveryCount)
            }
            let values = try connection.run(call).list(key: stream, atLeast: 1)
            items += values.dropFirst()
            rest = rest.dropFirst(max(1, values[0].count ?? 0))
        }
        return deliveries(counted(items[...]), shard: shard, consumer: consumer)
    }
}
