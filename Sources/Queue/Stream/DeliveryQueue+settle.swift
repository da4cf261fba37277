package import Model
package import Redis
import System

extension DeliveryQueue {
    /// Reasons of dead letters are truncated to this length.
    static let maximumReasonBytes = 1024
    /// Reasons in notes about dropped entries are truncated to this length.
    static let maximumDropReasonBytes = 256

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
        // What one script settles: several removals of one shard, or one other settlement.
        var parts: [[Int]] = []
        var removals: [Int: Int] = [:]
        for (index, settlement) in settlements.enumerated() {
            let shard = settlement.delivery.shard
            // One script blocks Redis only for a moment.
            if settlement.isRemoval, let part = removals[shard], parts[part].count < QueueScripts.maximumEntries {
                parts[part].append(index)
                continue
            }
            if settlement.isRemoval { removals[shard] = parts.count }
            parts.append([index])
        }
        let calls = parts.map { part in
            let first = settlements[part[0]]
            return first.isRemoval
                ? removal(part.map { settlements[$0] }) : call(for: first, decidedAt: decision)
        }
        var outcomes = settlements.map { _ in SettlementOutcome.leaseLost }
        for (result, (call, indices)) in zip(connection.runEach(calls), zip(calls, parts)) {
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
            if settlements.first?.isRemoval == true {
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

    /// The call that removes entries of one shard.
    private func removal(_ settlements: [Settlement]) -> ScriptCall {
        let keys = shards[settlements[0].delivery.shard]
        var call = ScriptCall(QueueScripts.acknowledge, keys: keys.forRemoval, DeliveryQueue.group)
        call.append(settlements.count)
        for settlement in settlements {
            let delivery = settlement.delivery
            call.append(delivery.streamID)
            call.append(delivery.consumer)
            call.append(delivery.deliveryCount)
            call.append(delivery.entry.appID)
            call.append(delivery.entry.payload.count)
        }
        for (index, settlement) in settlements.enumerated() {
            guard case .drop(let delivery, let reason) = settlement else { continue }
            call.append(index + 1)
            call.append(delivery.entry.id)
            call.append(delivery.entry.attempt)
            call.append(String(decoding: reason.utf8.prefix(DeliveryQueue.maximumDropReasonBytes), as: UTF8.self))
        }
        return call
    }

    /// The call of a settlement that keeps the entry.
    private func call(for settlement: Settlement, decidedAt decision: Timestamp) -> ScriptCall {
        let delivery = settlement.delivery
        let keys = shards[delivery.shard]
        var call =
            if case .retry = settlement {
                ScriptCall(QueueScripts.retry, keys: keys.forRetry)
            } else {
                ScriptCall(QueueScripts.deadLetter, keys: keys.forDeadLetter)
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
