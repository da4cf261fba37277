import Redis

/// The steps of the metrics that must happen as a whole or not at all.
enum MetricScripts {
    /// KEYS: counts, last batch of the publisher. ARGV: batch's number, seconds to remember it, most fields, then for each
    /// count its field, the field for it when there are too many, and the count.
    ///
    /// Everything that can be refused is refused before the first write: a key of another type by HLEN, lack of memory by
    /// SET. A field that holds no number is left alone.
    static let add = RedisScript(
        """
        local room = tonumber(ARGV[3]) - redis.call('HLEN', KEYS[1])
        local last = redis.call('GET', KEYS[2])
        if last and tonumber(last) >= tonumber(ARGV[1]) then return 0 end
        redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
        for i = 4, #ARGV, 3 do
            local field = ARGV[i]
            if redis.call('HEXISTS', KEYS[1], field) == 0 then
                if room > 0 then room = room - 1 else field = ARGV[i + 1] end
            end
            redis.pcall('HINCRBY', KEYS[1], field, ARGV[i + 2])
        end
        return 1
        """)

    private static let clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """

    /// KEYS: workers. ARGV: consumer, lifetime in milliseconds, most workers, text.
    ///
    /// By Redis' clock, so that it does not matter what the workers' own say.
    static let report = RedisScript(
        clock + """
            local entries = redis.call('HGETALL', KEYS[1])
            local others = 0
            for i = 1, #entries, 2 do
                local ends = tonumber(string.match(entries[i + 1], '^(%d+) ')) or 0
                if ends <= now then
                    redis.call('HDEL', KEYS[1], entries[i])
                elseif entries[i] ~= ARGV[1] then
                    others = others + 1
                end
            end
            if others >= tonumber(ARGV[3]) then return 0 end
            local ends = now + tonumber(ARGV[2])
            redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %s', ends, now, ARGV[4]))
            if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
            return 1
            """)

    /// KEYS: workers. Gives the time in milliseconds, then names and values.
    static let workers = RedisScript(
        clock + """
            local answer = redis.call('HGETALL', KEYS[1])
            table.insert(answer, 1, string.format('%.0f', now))
            return answer
            """)
}
