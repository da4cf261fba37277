package import Model
package import Redis

extension DeliveryQueue {
    /// The number of dead letters moved by one step of `redriveAll` and `deleteAllDeadLetters`.
    private static let batch = 100

    /// Lists dead letters without their payloads.
    ///
    /// - Parameters:
    ///   - appID: only those of this app.
    ///   - cursor: `next` of the page before; nil: from the beginning.
    package func deadLetters(
        appID: Int64? = nil, after cursor: DeadLetterPage.Cursor? = nil, count: Int = 100
    ) throws(RedisError) -> DeadLetterPage {
        guard count > 0 else { return DeadLetterPage(letters: [], next: cursor) }
        var position = cursor ?? DeadLetterPage.Cursor(shard: 0, last: nil)
        var letters: [DeadLetter] = []
        while position.shard < shards.count {
            let wanted = count - letters.count
            let items = try deadItems(
                shard: position.shard, appID: appID, behind: position.last, until: nil, count: wanted)
            letters += try inspect(items.map(\.id), shard: position.shard, withPayload: false)
            if items.count < wanted {
                position = DeadLetterPage.Cursor(shard: position.shard + 1, last: nil)
            } else {
                position.last = items.last?.item
                return DeadLetterPage(letters: letters, next: position)
            }
        }
        return DeadLetterPage(letters: letters, next: nil)
    }

    /// The dead letter with this id and its payload; nil when there is none.
    package func deadLetter(id: String) throws(RedisError) -> DeadLetter? {
        for shard in shards.indices {
            if let letter = try inspect([id], shard: shard, withPayload: true).first { return letter }
        }
        return nil
    }

    /// Moves dead letters back into the queue, due at once, with the same ids and their attempts counted from 1 again.
    ///
    /// Ids that are not found are not counted. Stops when the queue is full.
    package func redrive(ids: [String], now: Timestamp) throws(RedisError) -> Redrive {
        var total = Redrive(count: 0, isFull: false)
        for shard in shards.indices {
            var remaining = ids[...]
            while !remaining.isEmpty {
                let step = try redrive(Array(remaining.prefix(DeliveryQueue.batch)), shard: shard, now: now)
                remaining = remaining.dropFirst(DeliveryQueue.batch)
                total.count += step.count
                if step.isFull {
                    total.isFull = true
                    break
                }
            }
        }
        return total
    }

    /// Redrives all dead letters, or all of one app, that exist at the start of the call.
    package func redriveAll(appID: Int64? = nil, now: Timestamp) throws(RedisError) -> Redrive {
        var total = Redrive(count: 0, isFull: false)
        try forEachBatch(appID: appID, until: now) { (ids, shard) throws(RedisError) -> Bool in
            let step = try redrive(ids, shard: shard, now: now)
            total.count += step.count
            total.isFull = total.isFull || step.isFull
            return !step.isFull
        }
        return total
    }

    /// Deletes dead letters permanently; returns how many there were.
    package func deleteDeadLetters(ids: [String]) throws(RedisError) -> Int {
        var count = 0
        for shard in shards.indices { count += try delete(ids, shard: shard) }
        return count
    }

    /// Deletes all dead letters, or all of one app, that exist at the start of the call; returns how many.
    package func deleteAllDeadLetters(appID: Int64? = nil, now: Timestamp) throws(RedisError) -> Int {
        var count = 0
        try forEachBatch(appID: appID, until: now) { (ids, shard) throws(RedisError) -> Bool in
            count += try delete(ids, shard: shard)
            return true
        }
        return count
    }

    /// Calls `body` with batches of the ids of each shard's dead letters, until it returns false for the shard.
    private func forEachBatch(
        appID: Int64?, until now: Timestamp, _ body: ([String], Int) throws(RedisError) -> Bool
    ) throws(RedisError) {
        for shard in shards.indices {
            var last: SortedSetPage.Item?
            while true {
                let items = try deadItems(
                    shard: shard, appID: appID, behind: last, until: now, count: DeliveryQueue.batch)
                guard !items.isEmpty, try body(items.map(\.id), shard) else { break }
                last = items.last?.item
            }
        }
    }

    private func deadItems(
        shard: Int, appID: Int64?, behind last: SortedSetPage.Item?, until: Timestamp?, count: Int
    ) throws(RedisError) -> [(id: String, item: SortedSetPage.Item)] {
        let key = shards[shard].dead
        let call = SortedSetPage.call(
            key: key, to: until?.microseconds, behind: last, count: count, suffix: appID.map { ":\($0)" } ?? "")
        let page = try SortedSetPage(try connection.run(call, isRepeatable: true), key: key)
        return page.items.map { item in
            (id: item.member.split(separator: ":").first.map(String.init) ?? "", item: item)
        }
    }

    private func inspect(
        _ ids: [String], shard: Int, withPayload: Bool
    ) throws(RedisError) -> [DeadLetter] {
        guard !ids.isEmpty else { return [] }
        let key = shards[shard].deadEntries
        var call = ScriptCall(QueueScripts.inspect, keys: [key], withPayload ? "1" : "0")
        for id in ids { call.append(id) }
        let replies = try connection.run(call, isRepeatable: true).list(key: key)
        return replies.compactMap { DeadLetter($0.elements) }
    }

    private func redrive(_ ids: [String], shard: Int, now: Timestamp) throws(RedisError) -> Redrive {
        let keys = shards[shard]
        var call = ScriptCall(
            QueueScripts.redrive, keys: [keys.stream, keys.scheduled, keys.dead, keys.deadEntries],
            String(now.microseconds), String(settings.maximumShardDepth))
        for id in ids { call.append(id) }
        let values = try connection.run(call).list(key: keys.stream, atLeast: 2)
        return Redrive(count: Int(values[0].number ?? 0), isFull: values[1].number == 1)
    }

    private func delete(_ ids: [String], shard: Int) throws(RedisError) -> Int {
        guard !ids.isEmpty else { return 0 }
        let keys = shards[shard]
        var call = ScriptCall(QueueScripts.deleteDead, keys: [keys.dead, keys.deadEntries])
        for id in ids { call.append(id) }
        return try connection.run(call).count(key: keys.dead)
    }
}
