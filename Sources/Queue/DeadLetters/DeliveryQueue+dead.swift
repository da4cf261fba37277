package import Model
package import Redis

extension DeliveryQueue {
    /// The number of dead letters moved by one step of `redriveAll` and `deleteAllDeadLetters`.
    private static let batch = 100

    /// Lists dead letters without their payloads.
    ///
    /// Those of one app are found by the index, which `checkIndexes` completes where older versions share the queue.
    ///
    /// - Parameters:
    ///   - appID: only those of this app.
    ///   - cursor: `next` of the page before; nil: from the beginning.
    package func deadLetters(
        appID: Int64? = nil, after cursor: DeadLetterPage.Cursor? = nil, count: Int = 100
    ) throws(RedisError) -> DeadLetterPage {
        guard count > 0 else { return DeadLetterPage(letters: [], next: cursor) }
        let count = min(count, SortedSetPage.maximumCount)
        let asked = shardIndices(of: appID)
        var position = cursor ?? DeadLetterPage.Cursor(shard: asked.lowerBound, last: nil)
        var letters: [DeadLetter] = []
        while asked.contains(position.shard) {
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

    /// How many dead letters an app has, and the newest, without its payload.
    package func deadLetterSummary(appID: Int64) throws(RedisError) -> DeadLetterSummary {
        let range = QueueIndex.range(appID: appID)
        let keys = shards[settings.shard(of: String(appID))]
        let call = ScriptCall(
            QueueScripts.deadSummary, keys: [keys.deadByApp, keys.deadEntries], range.start, range.end)
        let values = try connection.run(call, isRepeatable: true).list(key: keys.deadByApp, atLeast: 2)
        var summary = DeadLetterSummary(count: values[0].count ?? 0)
        summary.newest = DeadLetter(values[1].elements)
        return summary
    }

    /// The dead letter with this id and its payload; nil when there is none.
    package func deadLetter(id: String) throws(RedisError) -> DeadLetter? {
        for shard in shards.indices {
            if let letter = try inspect([id], shard: shard, withPayload: true).first { return letter }
        }
        return nil
    }

    /// The dead letter of an app with this id and its payload; nil when the app has none. A damaged one is found, too.
    package func deadLetter(id: String, appID: Int64) throws(RedisError) -> DeadLetter? {
        let shard = settings.shard(of: String(appID))
        let key = shards[shard].dead
        var request = RedisRequest()
        // What is damaged does not name its app, but the sorted set does.
        request.append("ZSCORE", key, "\(id):\(appID)")
        let score = try (connection.values(of: request, isRepeatable: true).first ?? .null).checked(key: key)
        guard score != .null else { return nil }
        return try inspect([id], shard: shard, withPayload: true).first
    }

    /// The shards that can have dead letters of an app; nil = of any app.
    private func shardIndices(of appID: Int64?) -> Range<Int> {
        guard let appID else { return shards.indices }
        let shard = settings.shard(of: String(appID))
        return shard..<shard + 1
    }

    /// Moves the oldest dead letters of an app back into the queue; see `redrive(ids:now:)`. Damaged ones stay where
    /// they are, and do not keep those behind them from being moved.
    ///
    /// - Parameter limit: at most this many.
    /// - Returns: how many were moved, whether the queue was full before all were, and whether there are more that were
    ///   not looked at.
    package func redrive(
        appID: Int64, limit: Int, now: Timestamp
    ) throws(RedisError) -> (redrive: Redrive, hasMore: Bool) {
        var total = Redrive(count: 0, isFull: false)
        var hasMore = false
        try forEachBatch(appID: appID, until: nil) { (ids, shard) throws(RedisError) -> Bool in
            let batch = ids.prefix(limit - total.count)
            let step = try redrive(Array(batch), shard: shard, now: now)
            total += step
            if batch.count < ids.count { hasMore = true }
            return !hasMore && !step.isFull && step.heldCount == 0
        }
        return (total, hasMore)
    }

    /// Moves dead letters back into the queue, due at once, with the same ids and their attempts counted from 1 again.
    ///
    /// Ids that are not found are not counted. Stops when the queue is full; while more than half of it is used, an app
    /// gets no more than its share.
    package func redrive(ids: [String], now: Timestamp) throws(RedisError) -> Redrive {
        var total = Redrive(count: 0, isFull: false)
        for shard in shards.indices {
            total += try redrive(ids, shard: shard, now: now)
        }
        return total
    }

    /// Redrives all dead letters, or all of one app, that exist at the start of the call.
    package func redriveAll(appID: Int64? = nil, now: Timestamp) throws(RedisError) -> Redrive {
        var total = Redrive(count: 0, isFull: false)
        try forEachBatch(appID: appID, until: now) { (ids, shard) throws(RedisError) -> Bool in
            let step = try redrive(ids, shard: shard, now: now)
            total += step
            return !step.isFull && (appID == nil || step.heldCount == 0)
        }
        return total
    }

    /// Deletes dead letters permanently; returns how many there were.
    ///
    /// - Parameter appID: the app that all of them belong to, where it is known: damaged ones do not name it.
    package func deleteDeadLetters(ids: [String], appID: Int64? = nil) throws(RedisError) -> Int {
        var count = 0
        for shard in shardIndices(of: appID) { count += try delete(ids, appID: appID, shard: shard) }
        return count
    }

    /// The ids of the oldest dead letters of an app.
    ///
    /// - Parameter limit: at most this many.
    /// - Returns: the ids, and whether there are more.
    package func oldestDeadLetters(appID: Int64, limit: Int) throws(RedisError) -> (ids: [String], hasMore: Bool) {
        let ids = try oldestDeadIDs(appID: appID, limit: limit + 1)
        return (Array(ids.prefix(limit)), ids.count > limit)
    }

    /// Deletes all dead letters, or all of one app, that exist at the start of the call; returns how many.
    package func deleteAllDeadLetters(appID: Int64? = nil, now: Timestamp) throws(RedisError) -> Int {
        var count = 0
        try forEachBatch(appID: appID, until: now) { (ids, shard) throws(RedisError) -> Bool in
            count += try delete(ids, appID: appID, shard: shard)
            return true
        }
        return count
    }

    /// The ids of an app's dead letters, by the index alone, the oldest of each shard first.
    private func oldestDeadIDs(appID: Int64, limit: Int) throws(RedisError) -> [String] {
        var ids: [String] = []
        try forEachBatch(appID: appID, until: nil) { (batch, _) throws(RedisError) -> Bool in
            ids += batch.prefix(limit - ids.count)
            return ids.count < limit
        }
        return ids
    }

    /// Calls `body` with batches of the ids of each shard's dead letters, until it returns false for the shard.
    private func forEachBatch(
        appID: Int64?, until now: Timestamp?, _ body: ([String], Int) throws(RedisError) -> Bool
    ) throws(RedisError) {
        for shard in shardIndices(of: appID) {
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
        if let appID { return try deadItems(shard: shard, of: appID, behind: last, until: until, count: count) }
        let key = shards[shard].dead
        let call = SortedSetPage.call(key: key, to: until?.microseconds, behind: last, count: count)
        let page = try SortedSetPage(try connection.run(call, isRepeatable: true), key: key)
        return page.items.map { item in
            (id: item.member.split(separator: ":").first.map(String.init) ?? "", item: item)
        }
    }

    private func deadItems(
        shard: Int, of appID: Int64, behind last: SortedSetPage.Item?, until: Timestamp?, count: Int
    ) throws(RedisError) -> [(id: String, item: SortedSetPage.Item)] {
        let key = shards[shard].deadByApp
        let range = QueueIndex.range(appID: appID)
        let end = until.map { QueueIndex.end(appID: appID, upTo: $0) } ?? range.end
        var request = RedisRequest()
        request.append(
            "ZRANGEBYLEX", key, last.map { "(" + $0.member } ?? "[" + range.start, "(" + end, "LIMIT", "0",
            String(count))
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return try reply.list(key: key).compactMap(\.string).map { member in
            (id: QueueIndex.id(of: member), item: SortedSetPage.Item(member: member, score: ""))
        }
    }

    private func inspect(
        _ ids: [String], shard: Int, withPayload: Bool
    ) throws(RedisError) -> [DeadLetter] {
        let key = shards[shard].deadEntries
        var letters: [DeadLetter] = []
        try forEachPart(of: ids) { (part) throws(RedisError) -> Int in
            var call = ScriptCall(QueueScripts.inspect, keys: [key], withPayload ? "1" : "0")
            for id in part { call.append(id) }
            let replies = try connection.run(call, isRepeatable: true).list(key: key, atLeast: 1)
            letters += replies.compactMap { DeadLetter($0.elements) }
            return replies.count
        }
        return letters
    }

    private func redrive(_ ids: [String], shard: Int, now: Timestamp) throws(RedisError) -> Redrive {
        let keys = shards[shard]
        var total = Redrive(count: 0, isFull: false)
        try forEachPart(of: ids) { (part) throws(RedisError) -> Int in
            var call = ScriptCall(
                QueueScripts.redrive,
                keys: [keys.stream, keys.dead, keys.deadEntries, keys.deadByApp, keys.usage],
                String(now.microseconds), String(settings.maximumShardDepth))
            for id in part { call.append(id) }
            let values = try connection.run(call).list(key: keys.stream, atLeast: 5)
            total.count += values[0].count ?? 0
            total.damagedCount += values[3].count ?? 0
            total.heldCount += values[4].count ?? 0
            total.isFull = values[1].number == 1
            return total.isFull ? ids.count : values[2].count ?? 0
        }
        return total
    }

    /// - Parameter appID: that of the ids: damaged entries do not name it.
    private func delete(_ ids: [String], appID: Int64?, shard: Int) throws(RedisError) -> Int {
        let keys = shards[shard]
        var count = 0
        try forEachPart(of: ids) { (part) throws(RedisError) -> Int in
            var call = ScriptCall(
                QueueScripts.deleteDead, keys: [keys.dead, keys.deadEntries, keys.deadByApp, keys.usage],
                appID.map { String($0) } ?? "")
            for id in part { call.append(id) }
            let values = try connection.run(call).list(key: keys.dead, atLeast: 2)
            count += values[0].count ?? 0
            return values[1].count ?? 0
        }
        return count
    }

    /// Calls `body` with the next ids, as many as one script takes, until it is done with all of them.
    ///
    /// - Parameter body: returns how many it is done with.
    private func forEachPart(
        of ids: [String], _ body: ([String]) throws(RedisError) -> Int
    ) throws(RedisError) {
        var remaining = ids[...]
        while !remaining.isEmpty {
            let part = Array(remaining.prefix(QueueScripts.maximumEntries))
            remaining = remaining.dropFirst(max(1, try body(part)))
        }
    }
}
