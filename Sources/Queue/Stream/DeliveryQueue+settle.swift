package import Model
package import Redis
import System

extension DeliveryQueue {
    /// Reasons of dead letters are truncated to this length.
    static let maximumReasonBytes = 1024

    /// Settles deliveries in one round trip, independently of each other; the outcomes are in the same order.
    ///
    /// A consumer that exceeded the visibility timeout and lost an entry to another changes nothing: the other one
    /// settles it. A settlement that Redis refuses changes nothing either.
    ///
    /// - Parameter decision: when the due times of retries were decided, by the caller's clock: they are delays from
    ///   then on. Nil: now.
    package func settle(
        _ settlements: [Settlement], decidedAt decision: Timestamp? = nil
    ) -> [SettlementOutcome] {
        let decision = decision ?? clock.now()
        var calls: [ScriptCall] = []
        var positions: [[Int]] = []
        var acknowledgements: [Int: Int] = [:]
        for (index, settlement) in settlements.enumerated() {
            let shard = settlement.delivery.shard
            guard case .acknowledge(let delivery) = settlement else {
                calls.append(call(for: settlement, decidedAt: decision))
                positions.append([index])
                continue
            }
            let position = acknowledgements[shard] ?? calls.count
            if position == calls.count {
                calls.append(
                    ScriptCall(
                        QueueScripts.acknowledge, keys: [shards[shard].stream, shards[shard].usage],
                        DeliveryQueue.group))
                positions.append([])
                acknowledgements[shard] = position
            }
            calls[position].append(delivery.streamID)
            calls[position].append(delivery.consumer)
            calls[position].append(delivery.deliveryCount)
            calls[position].append(delivery.entry.appID)
            calls[position].append(delivery.entry.payload.count)
            positions[position].append(index)
            // One script blocks Redis only for a moment.
            if positions[position].count == QueueScripts.maximumEntries { acknowledgements[shard] = nil }
        }
        var outcomes = settlements.map { _ in SettlementOutcome.leaseLost }
        for (result, (call, indices)) in zip(connection.runEach(calls), zip(calls, positions)) {
            let settled = self.outcomes(of: result, key: call.keys[0], settlements: indices.map { settlements[$0] })
            for (index, outcome) in zip(indices, settled) { outcomes[index] = outcome }
        }
        return outcomes
    }

    /// The outcomes of the entries of one call: a script returns a list of 1 or 0 for each of its entries, or, for one,
    /// 0 or a list of 1 or 2 (it became a dead letter instead) and the ids of discarded dead letters.
    private func outcomes(
        of result: Result<ReplyValue, RedisError>, key: String, settlements: [Settlement]
    ) -> [SettlementOutcome] {
        do throws(RedisError) {
            let reply = try result.get().checked(key: key)
            let numbers = if case .array(let numbers) = reply { numbers } else { [reply] }
            if case .acknowledge? = settlements.first {
                guard numbers.count == settlements.count else {
                    throw .unexpectedReply("a settlement on key \(key) returned \(numbers.count) results")
                }
                return numbers.map { $0.number == 1 ? .settled : .leaseLost }
            }
            guard let number = numbers.first?.number, let settlement = settlements.first else {
                throw .unexpectedReply("a settlement on key \(key) returned no result")
            }
            if number == 2 {
                displaced.append(DisplacedEntry(id: settlement.delivery.entry.id, consequence: .deadLetter))
            }
            noteDiscarded(numbers.dropFirst())
            return [number == 0 ? .leaseLost : .settled]
        } catch {
            return Array(repeating: SettlementOutcome(error), count: settlements.count)
        }
    }

    /// Notes dead letters that made room for others.
    func noteDiscarded(_ ids: ArraySlice<ReplyValue>) {
        displaced += ids.compactMap(\.string).map { DisplacedEntry(id: $0, consequence: .discarded) }
    }

    /// The entries that lost their place to the limits of the queue since the last call.
    package func takeDisplaced() -> [DisplacedEntry] {
        defer { displaced = [] }
        return displaced
    }

    /// Removes a delivered entry.
    package func acknowledge(_ delivery: QueueDelivery) throws(RedisError) -> SettlementOutcome {
        try settle([.acknowledge(delivery)])[0].checked()
    }

    /// Removes delivered entries; throws the first error.
    package func acknowledge(_ deliveries: [QueueDelivery]) throws(RedisError) -> [SettlementOutcome] {
        let outcomes = settle(deliveries.map { .acknowledge($0) })
        if let error = outcomes.lazy.compactMap(\.error).first { throw error }
        return outcomes
    }

    /// Acknowledges an entry and schedules it again, atomically.
    ///
    /// - Parameter attempt: nil: the next; the current one puts back an entry that was not attempted.
    package func retry(
        _ delivery: QueueDelivery, at due: Timestamp, attempt: Int? = nil
    ) throws(RedisError) -> SettlementOutcome {
        try settle([.retry(delivery, at: due, attempt: attempt ?? delivery.entry.attempt + 1)])[0].checked()
    }

    /// Acknowledges an entry and makes it a dead letter, atomically.
    package func deadLetter(
        _ delivery: QueueDelivery, reason: String, at now: Timestamp
    ) throws(RedisError) -> SettlementOutcome {
        try settle([.deadLetter(delivery, reason: reason, at: now)])[0].checked()
    }

    private func call(for settlement: Settlement, decidedAt decision: Timestamp) -> ScriptCall {
        let delivery = settlement.delivery
        let keys = shards[delivery.shard]
        var call: ScriptCall
        switch settlement {
        case .acknowledge:
            call = ScriptCall(QueueScripts.acknowledge, keys: [keys.stream])
        case .retry:
            call = ScriptCall(QueueScripts.retry, keys: keys.forRetry)
        case .deadLetter:
            call = ScriptCall(QueueScripts.deadLetter, keys: keys.forDeadLetter)
        }
        call.append(DeliveryQueue.group)
        call.append(delivery.streamID)
        call.append(delivery.consumer)
        call.append(delivery.deliveryCount)
        if case .retry(_, let due, let attempt) = settlement {
            call.append(due.microseconds.subtractingReportingOverflow(decision.microseconds).partialValue)
            call.append(attempt)
            call.append(settings.maximumShardBytes)
            call.append(decision.microseconds)
            call.append(settings.maximumDeadLetters)
            call.append(settings.maximumEntryBytes)
        }
        if case .deadLetter(_, let reason, let time) = settlement {
            call.append(time.microseconds)
            call.append(String(decoding: reason.utf8.prefix(DeliveryQueue.maximumReasonBytes), as: UTF8.self))
            call.append(settings.maximumDeadLetters)
            call.append(settings.maximumEntryBytes)
            call.append(settings.maximumShardBytes)
        }
        return call
    }

    /// Moves scheduled entries that are due by Redis' clock into the stream, the earliest first.
    ///
    /// - Parameters:
    ///   - leeway: how much too early an entry may be moved.
    ///   - limit: for each shard; one call moves at most 100, of large ones fewer. `nextDueIn` is not positive when
    ///     there are more.
    package func promoteDue(leeway: Duration = .zero, limit: Int = 100) throws(RedisError) -> Promotion {
        let served = settings.servedShards.map { shards[$0] }
        let calls = served.map {
            ScriptCall(
                QueueScripts.promote,
                keys: [$0.scheduled, $0.scheduledEntries, $0.scheduledByApp, $0.stream, $0.usage],
                String(leeway.microseconds), String(min(limit, QueueScripts.maximumEntries)))
        }
        var promotion = Promotion(count: 0)
        for (keys, reply) in zip(served, try connection.run(calls)) {
            let values = try reply.list(key: keys.scheduled, atLeast: 1)
            promotion.count += values[0].count ?? 0
            guard let next = values.count > 1 ? values[1].number : nil else { continue }
            promotion.nextDueIn = min(promotion.nextDueIn ?? .microseconds(next), .microseconds(next))
        }
        return promotion
    }
}
