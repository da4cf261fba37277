import Redis

/// The atomic steps of a queue.
///
/// Redis runs a script alone, but does not undo it: what it has written before a command is refused stays written. So
/// each script that moves an entry
///
/// - begins with the removals that it ends with, of nothing: where the user may not remove (`NOPERM`), or nothing may
///   be written (`MISCONF`, `READONLY`), it is refused here. Without free memory (`OOM`) Redis refuses a script at its
///   first write if that may need memory, and not later: a script that only moves entries is executed.
/// - then adds the entry at its new place, and undoes that when a part of it is refused,
/// - then removes it from its old place, which is not refused any more.
///
/// `enqueue` begins with a write that may need memory and is refused as a whole.
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
    /// ARGV: limit, key's lifetime, id, due time if later than now or empty, fields…
    static let enqueue = RedisScript(
        """
        if KEYS[4] then
            local known = redis.call('GET', KEYS[4])
            if known then return {'duplicate', known} end
        end
        local depth = redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
        if depth >= tonumber(ARGV[1]) then return {'full', depth} end
        if ARGV[4] == '' then
            redis.call('XADD', KEYS[1], '*', unpack(ARGV, 5))
        else
            redis.call('HSET', KEYS[3], ARGV[3], cmsgpack.pack({unpack(ARGV, 5)}))
            redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
        end
        if KEYS[4] then redis.call('SET', KEYS[4], ARGV[3], 'EX', ARGV[2]) end
        return {'accepted'}
        """)

    /// Removes an entry from the stream and from those that are pending. `mayRemove` comes first: raises the error if
    /// that is refused.
    static let removeFunctions = """
        local function mayRemove(stream, group)
            redis.call('XACK', stream, group, '0-0')
            redis.call('XDEL', stream, '0-0')
        end
        local function remove(stream, group, id)
            redis.call('XACK', stream, group, id)
            redis.call('XDEL', stream, id)
        end

        """

    /// Puts an entry into a sorted set and its hash: both or none. Raises the error if that is refused.
    static let addFunction = """
        local function add(set, member, score, hash, id, fields)
            redis.call('ZREM', set, '')
            redis.call('HDEL', hash, '')
            redis.call('HSET', hash, id, cmsgpack.pack(fields))
            local added = redis.pcall('ZADD', set, score, member)
            if type(added) == 'table' and added.err then
                redis.call('HDEL', hash, id)
                error(added.err)
            end
        end

        """

    /// KEYS: stream. ARGV: group, then id, consumer and count of each delivery. Returns 1 or 0 for each.
    static let acknowledge = RedisScript(
        leaseFunction + removeFunctions + """
            local results = {}
            mayRemove(KEYS[1], ARGV[1])
            for i = 2, #ARGV, 3 do
                local isHeld = holds(KEYS[1], ARGV[1], ARGV[i], ARGV[i + 1], ARGV[i + 2])
                if isHeld then remove(KEYS[1], ARGV[1], ARGV[i]) end
                results[#results + 1] = isHeld and 1 or 0
            end
            return results
            """)

    /// KEYS: stream, scheduled, scheduled entries. ARGV: group, stream id, consumer, count, due, attempt.
    static let retry = RedisScript(
        fieldFunctions + leaseFunction + removeFunctions + addFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            mayRemove(KEYS[1], ARGV[1])
            if #found > 0 then
                local fields = found[1][2]
                set(fields, 'due', ARGV[5])
                set(fields, 'attempt', ARGV[6])
                local id = get(fields, 'id') or ARGV[2]
                add(KEYS[2], id, ARGV[5], KEYS[3], id, fields)
            end
            remove(KEYS[1], ARGV[1], ARGV[2])
            return #found
            """)

    /// KEYS: stream, dead, dead entries, counters. ARGV: group, stream id, consumer, count, time, reason, limit.
    static let deadLetter = RedisScript(
        fieldFunctions + memberFunction + leaseFunction + removeFunctions + addFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            mayRemove(KEYS[1], ARGV[1])
            if #found > 0 then
                -- The oldest make room first: once the entry is a dead letter, only removals follow.
                while redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[7]) do
                    local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
                    if not oldest then break end
                    redis.call('HINCRBY', KEYS[4], 'discarded', 1)
                    redis.call('ZREM', KEYS[2], oldest)
                    redis.call('HDEL', KEYS[3], string.match(oldest, '^([^:]*)'))
                end
                local fields = found[1][2]
                set(fields, 'buried', ARGV[5])
                set(fields, 'reason', ARGV[6])
                local id = string.match(get(fields, 'id') or '', '^%x+$') or ARGV[2]
                set(fields, 'id', id)
                add(KEYS[2], member(fields), ARGV[5], KEYS[3], id, fields)
            end
            remove(KEYS[1], ARGV[1], ARGV[2])
            return #found
            """)

    /// KEYS: stream, scheduled, scheduled entries. ARGV: now, limit. Returns the number of moved entries and the next
    /// due time.
    static let promote = RedisScript(
        """
        local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
        if #due > 0 then
            redis.call('ZREM', KEYS[2], '')
            redis.call('HDEL', KEYS[3], '')
        end
        for _, id in ipairs(due) do
            local packed = redis.call('HGET', KEYS[3], id)
            if packed then redis.call('XADD', KEYS[1], '*', unpack(cmsgpack.unpack(packed))) end
            redis.call('ZREM', KEYS[2], id)
            redis.call('HDEL', KEYS[3], id)
        end
        local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
        return {#due, first[2] or false}
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

    /// KEYS: stream, scheduled, dead, counters. ARGV: group.
    static let statistics = RedisScript(
        fieldFunctions + """
            local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1])
            local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
            return {
                redis.call('XLEN', KEYS[1]), pending.err and 0 or pending[1], redis.call('ZCARD', KEYS[2]),
                redis.call('ZCARD', KEYS[3]), tonumber(redis.call('HGET', KEYS[4], 'discarded') or 0),
                first and get(first[2], 'due') or false,
                redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or false
            }
            """)
}
