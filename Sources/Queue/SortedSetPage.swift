import Redis

/// A page of a sorted set whose scores are microseconds since the epoch.
struct SortedSetPage {
    struct Item: Hashable, Sendable {
        var member: String
        /// As Redis writes it: beyond 2^53 with an exponent.
        var score: String

        /// Clamped where the score is no time.
        var microseconds: Int64 { Int64(clamping: score) }
    }

    var items: [Item]

    /// The rank of the first member behind a score and a member, which may have been removed: of the members with that
    /// score it looks at as many as the logarithm of their number. Redis compares bytes, Lua by the server's locale.
    static let rankFunction = """
        local function isBefore(left, right)
            for i = 1, math.min(#left, #right) do
                local a, b = string.byte(left, i), string.byte(right, i)
                if a ~= b then return a < b end
            end
            return #left < #right
        end
        local function rankBehind(key, score, member)
            local low = redis.call('ZCOUNT', key, '-inf', '(' .. score)
            local high = redis.call('ZCOUNT', key, '-inf', score)
            while low < high do
                local middle = math.floor((low + high) / 2)
                if isBefore(member, redis.call('ZRANGE', key, middle, middle)[1]) then
                    high = middle
                else
                    low = middle + 1
                end
            end
            return low
        end

        """

    /// Reads a sorted set in the order of score and member, from behind a given member.
    ///
    /// KEYS: sorted set. ARGV: least score, greatest score, score and member of the last one read (or empty), count.
    /// Returns members and scores in turn.
    private static let script = RedisScript(
        rankFunction + """
            local first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
            if ARGV[3] ~= '' then first = math.max(first, rankBehind(KEYS[1], ARGV[3], ARGV[4])) end
            local count = math.min(tonumber(ARGV[5]), redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[2]) - first)
            if count <= 0 then return {} end
            return redis.call('ZRANGE', KEYS[1], first, first + count - 1, 'WITHSCORES')
            """)

    /// The most members of one page.
    static let maximumCount = 400

    /// The call that reads the page behind `last`.
    static func call(
        key: String, from: Int64? = nil, to: Int64? = nil, behind last: Item?, count: Int
    ) -> ScriptCall {
        ScriptCall(
            script, keys: [key], from.map { String($0) } ?? "-inf", to.map { String($0) } ?? "+inf",
            last?.score ?? "", last?.member ?? "", String(min(count, maximumCount)))
    }

    init(_ reply: ReplyValue, key: String) throws(RedisError) {
        let values = try reply.list(key: key)
        items = stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
            guard let member = values[index].string, let score = values[index + 1].string else { return nil }
            return Item(member: member, score: score)
        }
    }
}

extension Int64 {
    /// A score as Redis writes it, clamped; 0 for a string that is no number.
    init(clamping score: String) {
        if let number = Int64(score) {
            self = number
        } else if let number = Double(score), !number.isNaN {
            self = Int64(exactly: number.rounded()) ?? (number < 0 ? .min : .max)
        } else {
            self = 0
        }
    }
}
