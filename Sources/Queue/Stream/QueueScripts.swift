import Redis

/// The atomic steps of a queue.
///
/// Redis serves nobody else while a script runs: none touches more than 1000 elements, nor more than `maximumBytes`
/// beside one entry. Callers repeat the scripts that end early.
///
/// Without free memory Redis refuses a script at its first write if that may need memory, and not later. `enqueue`
/// begins with such a write and is refused as a whole; scripts that only move entries begin with a removal and are
/// executed. A script that Redis refuses half-way (a user without the right to one of its commands) has no entry
/// removed yet: they add an entry at its new place first.
enum QueueScripts {
    /// The entries that one script moves or reads.
    static let maximumEntries = 100
    /// Bytes of entries that one script reads beside the first of them: with ids and times less than 1 MiB.
    static let maximumBytes = 15 << 16

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

    /// KEYS: stream, scheduled, scheduled entries, scheduled by app, [idempotency key].
    /// ARGV: limit, key's lifetime, id, due time if later than now or empty, index member, fields…
    ///
    /// What Redis refuses is undone: after `refused` nothing has changed. An error reply of the script itself means
    /// that this failed.
    static let enqueue = RedisScript(
        """
        local done = {}
        local function attempt(undo, ...)
            local reply = redis.pcall(...)
            if type(reply) == 'table' and reply.err then
                for i = #done, 1, -1 do redis.call(unpack(done[i])) end
                return nil, reply.err
            end
            if undo then done[#done + 1] = undo end
            return reply
        end
        local function enqueue()
            local reply, failure
            if KEYS[5] then
                reply, failure = attempt(nil, 'GET', KEYS[5])
                if failure then return {'refused', failure} end
                if reply then return {'duplicate', reply} end
            end
            local depth = 0
            for i, command in ipairs({'XLEN', 'ZCARD'}) do
                reply, failure = attempt(nil, command, KEYS[i])
                if failure then return {'refused', failure} end
                depth = depth + reply
            end
            if depth >= tonumber(ARGV[1]) then return {'full', depth} end
            if KEYS[5] then
                reply, failure = attempt({'DEL', KEYS[5]}, 'SET', KEYS[5], ARGV[3], 'EX', ARGV[2])
                if failure then return {'refused', failure} end
            end
            if ARGV[4] == '' then
                reply, failure = attempt(nil, 'XADD', KEYS[1], '*', unpack(ARGV, 6))
                return failure and {'refused', failure} or {'accepted'}
            end
            local packed = cmsgpack.pack({unpack(ARGV, 6)})
            reply, failure = attempt({'HDEL', KEYS[3], ARGV[3]}, 'HSET', KEYS[3], ARGV[3], packed)
            if failure then return {'refused', failure} end
            reply, failure = attempt({'ZREM', KEYS[4], ARGV[5]}, 'ZADD', KEYS[4], '0', ARGV[5])
            if failure then return {'refused', failure} end
            reply, failure = attempt(nil, 'ZADD', KEYS[2], ARGV[4], ARGV[3])
            return failure and {'refused', failure} or {'accepted'}
        end
        return enqueue()
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

    /// KEYS: stream, scheduled, scheduled entries, scheduled by app. ARGV: group, stream id, consumer, count, due,
    /// attempt.
    static let retry = RedisScript(
        fieldFunctions + QueueIndex.functions + leaseFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            if #found == 0 then
                redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
                return 0
            end
            local fields = found[1][2]
            set(fields, 'due', ARGV[5])
            set(fields, 'attempt', ARGV[6])
            local id = get(fields, 'id') or ARGV[2]
            redis.call('HDEL', KEYS[3], id)
            unindexed(KEYS[2], KEYS[4], id, app(fields), id)
            redis.call('HSET', KEYS[3], id, cmsgpack.pack(fields))
            redis.call('ZADD', KEYS[2], ARGV[5], id)
            redis.call('ZADD', KEYS[4], 0, indexed(app(fields), ARGV[5], id))
            redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
            redis.call('XDEL', KEYS[1], ARGV[2])
            return 1
            """)

    /// KEYS: scheduled, scheduled entries, scheduled by app, stream. ARGV: now, limit. Returns the number of moved
    /// entries and the next due time.
    static let promote = RedisScript(
        fieldFunctions + QueueIndex.functions + """
            local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
            local moved, bytes = 0, 0
            for _, id in ipairs(due) do
                bytes = bytes + redis.call('HSTRLEN', KEYS[2], id)
                if moved > 0 and bytes > \(maximumBytes) then break end
                local packed = redis.call('HGET', KEYS[2], id)
                if packed then
                    local fields = cmsgpack.unpack(packed)
                    unindexed(KEYS[1], KEYS[3], id, app(fields), id)
                    redis.call('XADD', KEYS[4], '*', unpack(fields))
                end
                redis.call('ZREM', KEYS[1], id)
                redis.call('HDEL', KEYS[2], id)
                moved = moved + 1
            end
            local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
            return {moved, first[2] or false}
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
