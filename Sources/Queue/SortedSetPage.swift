import Redis

/// A page of a sorted set whose scores are microseconds since the epoch.
struct SortedSetPage {
    struct Item: Hashable, Sendable {
        var member: String
        var score: Int64
    }

    var items: [Item]

    /// Reads a sorted set in the order of score and member, from behind a given member.
    ///
    /// KEYS: sorted set. ARGV: least score, greatest score, score and member of the last one read (or empty), count,
    /// suffix of the members. Returns members and scores in turn.
    private static let script = RedisScript(
        """
        local found, offset, wanted = {}, 0, tonumber(ARGV[5]) * 2
        local from = ARGV[3] ~= '' and ARGV[3] or ARGV[1]
        while #found < wanted do
            local chunk = redis.call('ZRANGEBYSCORE', KEYS[1], from, ARGV[2], 'WITHSCORES', 'LIMIT', offset, 1000)
            if #chunk == 0 then break end
            for i = 1, #chunk, 2 do
                local isBehind = ARGV[3] == '' or chunk[i + 1] ~= ARGV[3] or chunk[i] > ARGV[4]
                local fits = ARGV[6] == '' or string.sub(chunk[i], -#ARGV[6]) == ARGV[6]
                if isBehind and fits and #found < wanted then
                    found[#found + 1] = chunk[i]
                    found[#found + 1] = chunk[i + 1]
                end
            end
            offset = offset + 1000
        end
        return found
        """)

    /// The call that reads the page behind `last`.
    static func call(
        key: String, from: Int64? = nil, to: Int64? = nil, behind last: Item?, count: Int, suffix: String = ""
    ) -> ScriptCall {
        ScriptCall(
            script, keys: [key], from.map { String($0) } ?? "-inf", to.map { String($0) } ?? "+inf",
            last.map { String($0.score) } ?? "", last?.member ?? "", String(count), suffix)
    }

    init(_ reply: ReplyValue, key: String) throws(RedisError) {
        let values = try reply.list(key: key)
        items = stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            guard let member = values[index].string, let score = values[index + 1].number else { return nil }
            return Item(member: member, score: score)
        }
    }
}
