import Redis

/// The atomic steps of the metrics.
enum MetricScripts {
    /// KEYS: counts, last batch of the publisher. ARGV: the batch's sequence number, its lifetime in seconds, limit for
    /// fields, then for each count its field, the field to use beyond the limit, and the count.
    ///
    /// A key of another type is refused before the first write, by HLEN. A field that is not a number is not changed.
    ///
    /// Without free memory (`OOM`) Redis refuses a script whose first write may need some, so it begins with a removal,
    /// of nothing, like `report`: the numbers of fields are limited, and they are wanted most when memory is short.
    static let add = RedisScript(
        """
        local free = tonumber(ARGV[3]) - redis.call('HLEN', KEYS[1])
        local last = redis.call('GET', KEYS[2])
        if last and tonumber(last) >= tonumber(ARGV[1]) then return 0 end
        redis.call('HDEL', KEYS[1], '')
        redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
        for i = 4, #ARGV, 3 do
            local field = ARGV[i]
            if redis.call('HEXISTS', KEYS[1], field) == 0 then
                if free > 0 then free = free - 1 else field = ARGV[i + 1] end
            end
            redis.pcall('HINCRBY', KEYS[1], field, ARGV[i + 2])
        end
        return 1
        """)

    private static let clock = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)

        """

    /// KEYS: workers. ARGV: consumer, lifetime in milliseconds, limit for workers, value.
    ///
    /// Uses Redis' clock, so that the workers' clocks do not matter.
    static let report = RedisScript(
        clock + """
            redis.call('HDEL', KEYS[1], '')
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

    /// KEYS: workers. Returns the time in milliseconds, then names and values.
    static let workers = RedisScript(
        clock + """
            local entries = redis.call('HGETALL', KEYS[1])
            table.insert(entries, 1, string.format('%.0f', now))
            return entries
            """)
}
