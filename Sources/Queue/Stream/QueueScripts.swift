import Redis

/// The atomic steps of a queue.
///
/// Without free memory Redis refuses a script at its first write if that may need memory, and not later. `enqueue`
/// begins with such a write and is refused as a whole; scripts that only move entries begin with a removal and are
/// executed.
enum QueueScripts {
    /// Get and set values in flat lists of names and values.
    static let fieldFunctions = """
        local function get(fields, name)
            for i = 1, #fields, 2 do
                if fields[i] == name then return fields[i + 1] end
            end
            return false
        end
        local function set(fields, name, value)
            for i = 1, #fields, 2 do
                if fields[i] == name then
                    fields[i + 1] = value
                    return
                end
            end
            fields[#fields + 1] = name
            fields[#fields + 1] = value
        end

        """

    /// Redis' time in microseconds, which is the same for all programs, and a due time after it as a score. The clocks
    /// of the machines that call may differ.
    static let clockFunctions = """
        local function now()
            local time = redis.call('TIME')
            return time[1] * 1000000 + time[2]
        end
        local function after(delay)
            return string.format('%.0f', now() + math.max(0, delay))
        end

        """

    /// The member of a dead letter in the sorted set; its suffix is the app.
    static let memberFunction = """
        local function member(fields)
            return get(fields, 'id') .. ':' .. (string.match(get(fields, 'app') or '', '^-?%d+$') or '')
        end

        """

    /// Whether the caller has the lease on the entry: it is pending with this consumer and was not delivered again.
    static let leaseFunction = """
        local function holds(stream, group, id, consumer, count)
            local pending = redis.pcall('XPENDING', stream, group, id, id, 1)
            if pending.err then
                if string.find(pending.err, 'NOGROUP', 1, true) then return false end
                error(pending.err)
            end
            return #pending == 1 and pending[1][2] == consumer and pending[1][4] == tonumber(count)
        end

        """

    /// KEYS: stream, scheduled, scheduled entries, [idempotency key].
    /// ARGV: limit, key's lifetime, id, microseconds until it is due or empty, fields…
    static let enqueue = RedisScript(
        fieldFunctions + clockFunctions + """
            if KEYS[4] then
                local known = redis.call('GET', KEYS[4])
                if known then return {'duplicate', known} end
            end
            local depth = redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            if depth >= tonumber(ARGV[1]) then return {'full', depth} end
            if ARGV[4] == '' then
                redis.call('XADD', KEYS[1], '*', unpack(ARGV, 5))
            else
                local fields = {unpack(ARGV, 5)}
                local due = after(tonumber(ARGV[4]))
                set(fields, 'due', due)
                redis.call('HSET', KEYS[3], ARGV[3], cmsgpack.pack(fields))
                redis.call('ZADD', KEYS[2], due, ARGV[3])
            end
            if KEYS[4] then redis.call('SET', KEYS[4], ARGV[3], 'EX', ARGV[2]) end
            return {'accepted'}
            """)

    /// KEYS: stream. ARGV: group, then id, consumer and count of each delivery. Returns 1 or 0 for each.
    static let acknowledge = RedisScript(
        leaseFunction + """
            local results = {}
            for i = 2, #ARGV, 3 do
                local isHeld = holds(KEYS[1], ARGV[1], ARGV[i], ARGV[i + 1], ARGV[i + 2])
                if isHeld then
                    redis.call('XACK', KEYS[1], ARGV[1], ARGV[i])
                    redis.call('XDEL', KEYS[1], ARGV[i])
                end
                results[#results + 1] = isHeld and 1 or 0
            end
            return results
            """)

    /// KEYS: stream, scheduled, scheduled entries. ARGV: group, stream id, consumer, count, microseconds until it is
    /// due, attempt.
    static let retry = RedisScript(
        fieldFunctions + leaseFunction + clockFunctions + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
            redis.call('XDEL', KEYS[1], ARGV[2])
            if #found == 0 then return 0 end
            local fields = found[1][2]
            local due = after(tonumber(ARGV[5]))
            set(fields, 'due', due)
            set(fields, 'attempt', ARGV[6])
            local id = get(fields, 'id') or ARGV[2]
            redis.call('HSET', KEYS[3], id, cmsgpack.pack(fields))
            redis.call('ZADD', KEYS[2], due, id)
            return 1
            """)

    /// KEYS: stream, dead, dead entries, counters. ARGV: group, stream id, consumer, count, time, reason, limit.
    static let deadLetter = RedisScript(
        fieldFunctions + memberFunction + leaseFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
            redis.call('XDEL', KEYS[1], ARGV[2])
            if #found == 0 then return 0 end
            local fields = found[1][2]
            set(fields, 'buried', ARGV[5])
            set(fields, 'reason', ARGV[6])
            local id = string.match(get(fields, 'id') or '', '^%x+$') or ARGV[2]
            set(fields, 'id', id)
            redis.call('HSET', KEYS[3], id, cmsgpack.pack(fields))
            redis.call('ZADD', KEYS[2], ARGV[5], member(fields))
            while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[7]) do
                local oldest = redis.call('ZPOPMIN', KEYS[2])[1]
                redis.call('HDEL', KEYS[3], string.match(oldest, '^([^:]*)'))
                redis.call('HINCRBY', KEYS[4], 'discarded', 1)
            end
            return 1
            """)

    /// KEYS: stream, scheduled, scheduled entries. ARGV: microseconds that entries may be early, limit. Returns the
    /// number of moved entries and the microseconds until the next is due, without the time that it may be early.
    static let promote = RedisScript(
        clockFunctions + """
            local limit = now() + tonumber(ARGV[1])
            local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', limit), 'LIMIT', 0, ARGV[2])
            for _, id in ipairs(due) do
                local packed = redis.call('HGET', KEYS[3], id)
                redis.call('ZREM', KEYS[2], id)
                redis.call('HDEL', KEYS[3], id)
                if packed then redis.call('XADD', KEYS[1], '*', unpack(cmsgpack.unpack(packed))) end
            end
            local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
            return {#due, first[2] and string.format('%.0f', first[2] - limit) or false}
            """)

    /// KEYS: stream. ARGV: group, consumer, least idle milliseconds, cursor, count. Returns the next cursor, then
    /// stream id, fields and delivery count of each entry.
    static let claim = RedisScript(
        """
        local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
        local result = {reply[1]}
        for _, item in ipairs(reply[2]) do
            if item then
                local pending = redis.call('XPENDING', KEYS[1], ARGV[1], item[1], item[1], 1)
                result[#result + 1] = {item[1], item[2], pending[1][4]}
            end
        end
        return result
        """)

    /// KEYS: stream. ARGV: group, consumer, count, then the stream ids that the consumer has. Delivers the consumer's
    /// other pending entries to it again. Returns stream id, fields and delivery count of each.
    static let takeBack = RedisScript(
        """
        local held = {}
        for i = 4, #ARGV do held[ARGV[i]] = true end
        local result = {}
        local start = '-'
        while true do
            local page = redis.call('XPENDING', KEYS[1], ARGV[1], start, '+', 256, ARGV[2])
            for _, pending in ipairs(page) do
                if #result == tonumber(ARGV[3]) then return result end
                if not held[pending[1]] then
                    local item = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, pending[1])[1]
                    if item then result[#result + 1] = {item[1], item[2], pending[4] + 1} end
                end
            end
            if #page < 256 then return result end
            start = '(' .. page[#page][1]
        end
        """)

    /// KEYS: stream. ARGV: group, stream id, consumer, count. Returns 1 or 0.
    static let renew = RedisScript(
        leaseFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[3], 0, ARGV[2], 'JUSTID')
            return 1
            """)

    /// KEYS: stream. ARGV: group, least idle milliseconds, name of one consumer or empty. Only consumers without
    /// pending entries are removed: these would be lost with the consumer.
    static let removeConsumers = RedisScript(
        fieldFunctions + """
            local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
            if consumers.err then return 0 end
            local removed = 0
            for _, consumer in ipairs(consumers) do
                local isSelected = ARGV[3] == '' or get(consumer, 'name') == ARGV[3]
                if isSelected and get(consumer, 'pending') == 0 and get(consumer, 'idle') >= tonumber(ARGV[2]) then
                    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], get(consumer, 'name'))
                    removed = removed + 1
                end
            end
            return removed
            """)

    /// KEYS: stream, scheduled, dead, counters. ARGV: group, milliseconds. A consumer that has read
    /// within these counts as a reader. An entry's id in the stream tells since when it is due, by
    /// Redis' clock.
    static let statistics = RedisScript(
        fieldFunctions + clockFunctions + """
            local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
            local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
            local readers = 0
            if not consumers.err then
                for _, consumer in ipairs(consumers) do
                    if get(consumer, 'idle') < tonumber(ARGV[2]) then readers = readers + 1 end
                end
            end
            local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
            return {
                redis.call('XLEN', KEYS[1]), pending.err and 0 or pending[1], redis.call('ZCARD', KEYS[2]),
                redis.call('ZCARD', KEYS[3]), tonumber(redis.call('HGET', KEYS[4], 'discarded') or 0),
                first and string.match(first[1], '^%d+') .. '000' or false,
                redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or false, string.format('%.0f', now()), readers
            }
            """)
}
