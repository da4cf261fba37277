import Model
package import Redis

/// The indexes of scheduled entries and dead letters by app: sorted sets whose scores are all 0, so that Redis orders
/// the members by their bytes. A member is the app's id, the time as 20 digits and the entry's id, with colons between.
///
/// Versions before the indexes do not know them: `DeliveryQueue.checkIndexes` adds what these have left, and removes
/// members of entries that they have moved.
enum QueueIndex {
    /// Lua: the app of fields, the member of an entry, and the removal of the member of an entry of a sorted set.
    ///
    /// The time is always that which the sorted set gives as the score.
    static let functions = """
        local function app(fields)
            return string.match(get(fields, 'app') or '', '^-?%d+$') or ''
        end
        local function indexed(app, time, id)
            return string.format('%s:%020.0f:%s', app, math.max(0, math.min(tonumber(time) or 0, 1e19)), id)
        end
        local function unindexed(set, index, member, app, id)
            local score = redis.call('ZSCORE', set, member)
            redis.call('ZREM', index, score and indexed(app, score, id) or '')
        end

        """

    /// The start of an app's members, and of what follows them.
    static func range(appID: Int64) -> (start: String, end: String) {
        ("\(appID):", "\(appID);")
    }

    /// The end of an app's members with times up to `time`.
    static func end(appID: Int64, upTo time: Timestamp) -> String {
        "\(appID):\(digits(time));"
    }

    /// The id of the entry of a member.
    static func id(of member: String) -> String {
        member.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    /// As Lua formats the score, a double.
    private static func digits(_ time: Timestamp) -> String {
        let digits = String(UInt64(Double(max(0, time.microseconds))))
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// KEYS: sorted set, its entries, index. ARGV: 1 = dead letters, score and member of the last one (or empty),
    /// count. Adds missing members to the index, and removes dead letters of which nothing is left but the member, as
    /// where the entry was damaged; returns the number of changes, and score and member of the last one, if there are
    /// more.
    static let add = RedisScript(
        QueueScripts.fieldFunctions + functions + SortedSetPage.rankFunction + """
            local first = ARGV[2] ~= '' and rankBehind(KEYS[1], ARGV[2], ARGV[3]) or 0
            local items = redis.call('ZRANGE', KEYS[1], first, first + ARGV[4] - 1, 'WITHSCORES')
            local changes, bytes = 0, 0
            for i = 1, #items, 2 do
                local id, owner = string.match(items[i], '^(.*):(-?%d*)$')
                if ARGV[1] ~= '1' then
                    id, owner = items[i], nil
                    bytes = bytes + redis.call('HSTRLEN', KEYS[2], id)
                    if i > 1 and bytes > \(QueueScripts.maximumBytes) then
                        return {changes, items[i - 1], items[i - 2]}
                    end
                    local packed = redis.call('HGET', KEYS[2], id)
                    if packed then owner = app(unpacked(packed, id)) end
                elseif owner and redis.call('HEXISTS', KEYS[2], id) == 0 then
                    changes = changes + redis.call('ZREM', KEYS[1], items[i])
                    owner = nil
                end
                if owner then changes = changes + redis.call('ZADD', KEYS[3], 0, indexed(owner, items[i + 1], id)) end
            end
            if #items < 2 * tonumber(ARGV[4]) then return {changes} end
            return {changes, items[#items], items[#items - 1]}
            """)

    /// KEYS: sorted set, index. ARGV: 1 = dead letters, the last member (or empty), count. Removes members of the index
    /// whose entry is not in the sorted set; returns how many, and the last member, if there are more.
    static let prune = RedisScript(
        functions + """
            local from = ARGV[2] ~= '' and '(' .. ARGV[2] or '-'
            local members = redis.call('ZRANGEBYLEX', KEYS[2], from, '+', 'LIMIT', 0, ARGV[3])
            local removed = 0
            for _, member in ipairs(members) do
                local owner, id = string.match(member, '^([^:]*):[^:]*:(.*)$')
                local score = id and redis.call('ZSCORE', KEYS[1], ARGV[1] == '1' and id .. ':' .. owner or id)
                if not score or indexed(owner, score, id) ~= member then
                    removed = removed + redis.call('ZREM', KEYS[2], member)
                end
            end
            if #members < tonumber(ARGV[3]) then return {removed} end
            return {removed, members[#members]}
            """)
}

/// Where the check of the indexes of one shard is.
struct IndexCheck: Hashable {
    enum Part: Int, CaseIterable {
        case deadLetters, deadIndex, scheduledEntries, scheduledIndex
    }

    var part = Part.deadLetters
    /// Score and member, or the member of the index; nil: at the beginning.
    var last: SortedSetPage.Item?
    /// After the indexes are right; nil: not yet.
    var usage: UsageCheck?
}

extension DeliveryQueue {
    /// Elements of one step, which touches up to five for each.
    private static let indexCheckCount = 190

    /// One step of the check that the indexes by app hold exactly the entries there are, and that the counters of
    /// `QueueUsage` are right; a pass has one step for every 190 elements, of large entries fewer.
    ///
    /// - Returns: the number of members added and removed and of counters corrected, and whether the pass is over; the
    ///   next call begins another.
    package func checkIndexes() throws(RedisError) -> (changes: Int, isOver: Bool) {
        var changes = 0
        for shard in settings.servedShards {
            guard let check = indexChecks[shard] else { continue }
            indexChecks[shard] = try step(check, keys: shards[shard], changes: &changes)
        }
        let isOver = settings.servedShards.allSatisfy { indexChecks[$0] == nil }
        if isOver { indexChecks = shards.map { _ in IndexCheck() } }
        return (changes, isOver)
    }

    /// A whole pass, of all shards.
    package func checkAllIndexes() throws(RedisError) {
        var changes = 0
        for keys in shards {
            var check: IndexCheck? = IndexCheck()
            while let current = check { check = try step(current, keys: keys, changes: &changes) }
        }
    }

    /// The next position; nil at the end.
    private func step(
        _ check: IndexCheck, keys: QueueKeys, changes: inout Int
    ) throws(RedisError) -> IndexCheck? {
        if let usage = check.usage {
            return try step(usage, keys: keys, changes: &changes).map { IndexCheck(usage: $0) }
        }
        let count = String(DeliveryQueue.indexCheckCount)
        let (score, member) = (check.last?.score ?? "", check.last?.member ?? "")
        let call =
            switch check.part {
            case .deadLetters:
                ScriptCall(
                    QueueIndex.add, keys: [keys.dead, keys.deadEntries, keys.deadByApp], "1", score, member, count)
            case .deadIndex:
                ScriptCall(QueueIndex.prune, keys: [keys.dead, keys.deadByApp], "1", member, count)
            case .scheduledEntries:
                ScriptCall(
                    QueueIndex.add, keys: [keys.scheduled, keys.scheduledEntries, keys.scheduledByApp], "0", score,
                    member, count)
            case .scheduledIndex:
                ScriptCall(QueueIndex.prune, keys: [keys.scheduled, keys.scheduledByApp], "0", member, count)
            }
        let values = try connection.run(call).list(key: call.keys[0], atLeast: 1)
        changes += values[0].count ?? 0
        if values.count > 1, let last = values.last?.string {
            let score = values.count > 2 ? values[1].string : ""
            return IndexCheck(part: check.part, last: SortedSetPage.Item(member: last, score: score ?? ""))
        }
        return IndexCheck.Part(rawValue: check.part.rawValue + 1).map { IndexCheck(part: $0) }
            ?? IndexCheck(usage: UsageCheck())
    }
}
