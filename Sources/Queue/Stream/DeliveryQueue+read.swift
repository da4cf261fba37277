import Redis
import System

/// How `receive` reads the served shards: all of them in one round trip, and then it waits for all of them at once.
extension DeliveryQueue {
    /// How long one shard is waited for where a command cannot be about several: a node of a Redis Cluster refuses
    /// keys of different slots. The others are looked at after that.
    private static let singleShardWait = Duration.milliseconds(20)

    /// Reads what waits in these shards, without waiting for more: one round trip where nothing waits and there are no
    /// more shards than entries wanted.
    func read(_ order: [Int], consumer: String, count: Int) throws(RedisError) -> [QueueDelivery] {
        var deliveries: [QueueDelivery] = []
        var (left, created) = (order[...], Set<Int>())
        var failure: RedisError?
        while deliveries.count < count, !left.isEmpty, !isInterrupted() {
            let room = count - deliveries.count
            let part = Array(left.prefix(room))
            left = left.dropFirst(part.count)
            let share = room / part.count
            let replies: [ReplyValue]
            do throws(RedisError) {
                replies = try readEach(part, consumer: consumer, count: share)
            } catch {
                guard !deliveries.isEmpty else { throw error }
                // What was received counts; the caller has to know, too, that a reply was lost.
                heldFailure = error
                return deliveries
            }
            var missing: [Int] = []
            for (shard, reply) in zip(part, replies) {
                if reply.isError(code: "NOGROUP"), created.insert(shard).inserted {
                    missing.append(shard)
                    continue
                }
                do throws(RedisError) {
                    let found = try self.deliveries(of: reply, from: [shard], consumer: consumer)
                    hasFoundGroup[shard] = true
                    deliveries += found
                    // There may be more; the others come first.
                    if found.count == share { left.append(shard) }
                } catch {
                    failure = failure ?? error
                }
            }
            guard !missing.isEmpty else { continue }
            do throws(RedisError) {
                try createGroups(missing)
                left += missing
            } catch {
                failure = failure ?? error
            }
        }
        if let failure, deliveries.isEmpty { throw failure }
        return deliveries
    }

    /// Waits until one of these shards has an entry.
    func waitForEntries(
        in order: [Int], consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> [QueueDelivery] {
        if isSlotBound, order.count > 1 {
            let wait = min(wait, DeliveryQueue.singleShardWait)
            return try waitForEntries(in: [order[0]], consumer: consumer, count: count, wait: wait)
        }
        let share = max(1, count / order.count)
        var reply = try block(order, consumer: consumer, count: share, wait: wait)
        if order.count > 1, reply.isError(code: "CROSSSLOT") {
            isSlotBound = true
            return try waitForEntries(in: order, consumer: consumer, count: count, wait: wait)
        }
        // A group is missing, or a stream was deleted during the wait.
        if reply.isError(code: "NOGROUP") || reply.isError(code: "UNBLOCKED") {
            try createGroups(order)
            reply = try block(order, consumer: consumer, count: share, wait: wait)
        }
        let deliveries = try deliveries(of: reply, from: order, consumer: consumer)
        for shard in order { hasFoundGroup[shard] = true }
        return deliveries
    }

    /// Reads up to `count` entries of each shard, in one round trip.
    private func readEach(_ order: [Int], consumer: String, count: Int) throws(RedisError) -> [ReplyValue] {
        var request = RedisRequest()
        for shard in order {
            request.append(
                "XREADGROUP", "GROUP", DeliveryQueue.group, consumer, "COUNT", String(count), "STREAMS",
                shards[shard].stream, ">")
        }
        return try connection.values(of: request, isRepeatable: false)
    }

    /// One command that waits for all shards, and returns up to `count` entries of each that has any.
    private func block(
        _ order: [Int], consumer: String, count: Int, wait: Duration
    ) throws(RedisError) -> ReplyValue {
        var request = RedisRequest()
        request.begin(argumentCount: 9 + 2 * order.count)
        // 0 would mean forever.
        let options = ["COUNT", String(count), "BLOCK", String(max(1, wait.milliseconds)), "STREAMS"]
        for argument in ["XREADGROUP", "GROUP", DeliveryQueue.group, consumer] + options {
            request.appendArgument(argument)
        }
        for shard in order { request.appendArgument(shards[shard].stream) }
        for _ in order { request.appendArgument(">") }
        return try connection.values(of: request, isRepeatable: false, serverWait: wait).first ?? .null
    }

    /// The deliveries of a reply to `XREADGROUP`: null, or a list of a stream's name and its entries.
    private func deliveries(
        of reply: ReplyValue, from order: [Int], consumer: String
    ) throws(RedisError) -> [QueueDelivery] {
        let key = shards[order[0]].stream
        guard try reply.checked(key: key) != .null else { return [] }
        return try reply.list(key: key, atLeast: 1).flatMap { part -> [QueueDelivery] in
            let name = part.elements.first?.string
            guard let shard = order.first(where: { shards[$0].stream == name }) else { return [] }
            let entries = part.elements.last?.elements ?? []
            return deliveries(entries.map { (item: $0, deliveryCount: 1) }, shard: shard, consumer: consumer)
        }
    }
}
