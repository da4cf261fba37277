package import Model
package import Redis
import System

extension DeliveryQueue {
    /// Takes over entries that their consumer has neither settled nor renewed for `idleLongerThan`, because it crashed,
    /// hangs, or never got the reply. Each call continues where the last one stopped.
    ///
    /// Entries that were handed out `settings.sharedHandOuts` times are left to `claimAlone`; `hasSuspects` says
    /// whether there are any. One larger than `enqueue` accepts becomes a dead letter without its payload.
    ///
    /// - Parameters:
    ///   - idleLongerThan: the visibility timeout; longer than the longest attempt. Redis measures it.
    ///   - now: the time of the dead letters.
    package func claim(
        consumer: String, idleLongerThan visibilityTimeout: Duration, count: Int, now: Timestamp = .now()
    ) throws(RedisError) -> [QueueDelivery] {
        let count = min(count, settings.maximumBatch)
        var deliveries: [QueueDelivery] = []
        hasSuspects = false
        for shard in servedShardsInTurn() {
            repeat {
                guard deliveries.count < count, !isInterrupted() else { return deliveries }
                let part = try claim(
                    shard, from: claimCursors[shard], consumer: consumer, idleLongerThan: visibilityTimeout,
                    count: count - deliveries.count, isAlone: false, now: now)
                claimCursors[shard] = part.cursor
                deliveries += part.deliveries
                hasSuspects = hasSuspects || part.hasOthers
            } while claimCursors[shard] != DeliveryQueue.firstCursor
        }
        return deliveries
    }

    /// Takes over one of the entries that were handed out often and never settled: it may be what ends the workers that
    /// have it, so its consumer should have no other meanwhile. After `settings.aloneHandOuts` of these it becomes a
    /// dead letter, also if every consumer ended before it could say anything.
    ///
    /// Parameters are those of `claim`.
    package func claimAlone(
        consumer: String, idleLongerThan visibilityTimeout: Duration, now: Timestamp = .now()
    ) throws(RedisError) -> QueueDelivery? {
        for shard in servedShardsInTurn() {
            var cursor = DeliveryQueue.firstCursor
            repeat {
                guard !isInterrupted() else { return nil }
                let part = try claim(
                    shard, from: cursor, consumer: consumer, idleLongerThan: visibilityTimeout, count: 1,
                    isAlone: true, now: now)
                if let delivery = part.deliveries.first { return delivery }
                cursor = part.cursor
            } while cursor != DeliveryQueue.firstCursor
        }
        return nil
    }

    private func claim(
        _ shard: Int, from cursor: String, consumer: String, idleLongerThan visibilityTimeout: Duration, count: Int,
        isAlone: Bool, now: Timestamp
    ) throws(RedisError) -> (deliveries: [QueueDelivery], hasOthers: Bool, cursor: String) {
        let keys = shards[shard]
        var call = ScriptCall(
            QueueScripts.claim, keys: keys.forDeadLetter, DeliveryQueue.group, consumer,
            String(visibilityTimeout.milliseconds), cursor, String(min(count, QueueScripts.maximumEntries)))
        call.append(settings.maximumEntryBytes)
        call.append(now.microseconds)
        call.append(settings.maximumDeadLetters)
        call.append(settings.sharedHandOuts)
        call.append(settings.sharedHandOuts + settings.aloneHandOuts)
        call.append(isAlone ? 1 : 0)
        call.append(settings.maximumShardBytes)
        let reply = try connection.run(call)
        if reply.isError(code: "NOGROUP") {
            try createGroup(shard)
            return ([], false, DeliveryQueue.firstCursor)
        }
        let values = try reply.list(key: keys.stream, atLeast: 3)
        hasFoundGroup[shard] = true
        noteDiscarded(values[2].elements[...])
        let next = values[0].string ?? ""
        return (
            deliveries(counted(values.dropFirst(3)), shard: shard, consumer: consumer), values[1].number == 1,
            next.isEmpty ? DeliveryQueue.firstCursor : next
        )
    }

    /// Items `[stream id, fields, delivery count]` with their counts.
    func counted(_ items: ArraySlice<ReplyValue>) -> [(item: ReplyValue, deliveryCount: Int)] {
        items.map { item in
            let parts = item.elements
            return (item: item, deliveryCount: parts.count > 2 ? parts[2].count ?? 1 : 1)
        }
    }

    /// Claims, for one worker at a time, the right to take entries alone; false while another has it.
    ///
    /// - Parameter lifetime: after this time another may claim it: the worker may have ended. A repeated call extends
    ///   it.
    package func beginIsolation(consumer: String, lifetime: Duration) throws(RedisError) -> Bool {
        let key = shards[0].isolation
        let call = ScriptCall(QueueScripts.isolate, keys: [key], consumer, String(max(1, lifetime.milliseconds)))
        return try connection.run(call).count(key: key) == 1
    }

    /// Gives up what `beginIsolation` claimed.
    package func endIsolation(consumer: String) throws(RedisError) {
        let key = shards[0].isolation
        _ = try connection.run(ScriptCall(QueueScripts.endIsolation, keys: [key], consumer)).count(key: key)
    }
}
