package import Model
package import Redis

extension DeliveryQueue {
    /// Reasons of dead letters are cut to so many bytes.
    static let maximumReasonBytes = 1024

    /// Settles deliveries in one round trip, each by itself; the outcomes stand in the same order.
    ///
    /// A consumer that lost an entry to another, because it was slower than the visibility time-out, changes nothing
    /// any more: the other one settles it. After `.connectionLost` and `.timedOut` it is not known which were settled;
    /// the same call may be made again.
    package func settle(_ settlements: [Settlement]) throws(RedisError) -> [SettlementOutcome] {
        var calls: [ScriptCall] = []
        var positions: [[Int]] = []
        var acknowledgements: [Int: Int] = [:]
        for (index, settlement) in settlements.enumerated() {
            let shard = settlement.delivery.shard
            guard case .acknowledge(let delivery) = settlement else {
                calls.append(call(for: settlement))
                positions.append([index])
                continue
            }
            let position = acknowledgements[shard] ?? calls.count
            if position == calls.count {
                calls.append(
                    ScriptCall(QueueScripts.acknowledge, keys: [shards[shard].stream], DeliveryQueue.group))
                positions.append([])
                acknowledgements[shard] = position
            }
            calls[position].append(delivery.streamID)
            calls[position].append(delivery.consumer)
            calls[position].append(delivery.deliveryCount)
            positions[position].append(index)
        }
        var outcomes = settlements.map { _ in SettlementOutcome.leaseLost }
        for (answer, (call, indices)) in zip(try connection.run(calls), zip(calls, positions)) {
            let checked = try answer.checked(key: call.keys[0])
            let results = if case .array(let results) = checked { results } else { [checked] }
            guard results.count == indices.count else {
                throw .unexpectedReply("a settlement on key \(call.keys[0]) gave \(results.count) results")
            }
            for (index, result) in zip(indices, results) where result.number == 1 { outcomes[index] = .settled }
        }
        return outcomes
    }

    /// Removes a delivered entry.
    package func acknowledge(_ delivery: QueueDelivery) throws(RedisError) -> SettlementOutcome {
        try settle([.acknowledge(delivery)])[0]
    }

    /// Removes delivered entries.
    package func acknowledge(_ deliveries: [QueueDelivery]) throws(RedisError) -> [SettlementOutcome] {
        try settle(deliveries.map { .acknowledge($0) })
    }

    /// Acknowledges and schedules anew, in one step.
    ///
    /// - Parameter attempt: nil = the next; the same number again puts an entry back that was not attempted.
    package func retry(
        _ delivery: QueueDelivery, at due: Timestamp, attempt: Int? = nil
    ) throws(RedisError) -> SettlementOutcome {
        try settle([.retry(delivery, at: due, attempt: attempt ?? delivery.entry.attempt + 1)])[0]
    }

    /// Acknowledges and keeps the entry among the dead letters, in one step.
    package func bury(
        _ delivery: QueueDelivery, reason: String, at now: Timestamp
    ) throws(RedisError) -> SettlementOutcome {
        try settle([.bury(delivery, reason: reason, at: now)])[0]
    }

    private func call(for settlement: Settlement) -> ScriptCall {
        let delivery = settlement.delivery
        let keys = shards[delivery.shard]
        var call: ScriptCall
        switch settlement {
        case .acknowledge:
            call = ScriptCall(QueueScripts.acknowledge, keys: [keys.stream])
        case .retry:
            call = ScriptCall(QueueScripts.retry, keys: [keys.stream, keys.scheduled, keys.scheduledEntries])
        case .bury:
            call = ScriptCall(QueueScripts.bury, keys: [keys.stream, keys.dead, keys.deadEntries, keys.counters])
        }
        call.append(DeliveryQueue.group)
        call.append(delivery.streamID)
        call.append(delivery.consumer)
        call.append(delivery.deliveryCount)
        if case .retry(_, let due, let attempt) = settlement {
            call.append(due.microseconds)
            call.append(attempt)
        }
        if case .bury(_, let reason, let time) = settlement {
            call.append(time.microseconds)
            call.append(String(decoding: reason.utf8.prefix(DeliveryQueue.maximumReasonBytes), as: UTF8.self))
            call.append(settings.maximumDeadLetters)
        }
        return call
    }

    /// Moves scheduled entries whose time has come into the stream, the earliest first.
    ///
    /// - Parameter limit: for each shard; more are left for the next call, whose `nextDueAt` then lies in the past.
    package func promoteDue(now: Timestamp, limit: Int = 100) throws(RedisError) -> Promotion {
        let served = settings.servedShards.map { shards[$0] }
        let calls = served.map {
            ScriptCall(
                QueueScripts.promote, keys: [$0.stream, $0.scheduled, $0.scheduledEntries],
                String(now.microseconds), String(limit))
        }
        var promotion = Promotion(count: 0)
        for (keys, answer) in zip(served, try connection.run(calls)) {
            let values = try answer.list(key: keys.scheduled, atLeast: 1)
            promotion.count += Int(values[0].number ?? 0)
            promotion.nextDueAt = earlier(promotion.nextDueAt, values.count > 1 ? values[1].number : nil)
        }
        return promotion
    }
}
