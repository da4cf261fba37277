import Redis

/// The atomic steps of a queue.
///
/// Redis serves nobody else while a script runs: none touches more than 1000 elements, nor more than `maximumBytes`
/// beside one entry. Callers repeat the scripts that end early.
///
/// Redis does not undo a script: what it has written before a command is refused stays written. So each script that
/// moves an entry
///
/// - begins with the removals that it ends with, of nothing: where the user may not remove (`NOPERM`), or nothing may
///   be written (`MISCONF`, `READONLY`), it is refused here. Without free memory (`OOM`) Redis refuses a script at its
///   first write if that may need memory, and not later: a script that only moves entries is executed.
/// - then adds the entry at its new place, and undoes that when a part of it is refused,
/// - then removes it from its old place, which is not refused any more.
///
/// `enqueue` begins with a write that may need memory, and undoes what it has done when a later one is refused.
enum QueueScripts {
    /// The entries that one script moves or reads.
    static let maximumEntries = 70
    /// Bytes of entries that one script reads beside the first of them: with ids and times less than 1 MiB.
    static let maximumBytes = 15 << 16

    /// More fields of one entry are reduced to those that this version knows: Lua passes at most some 8000 values to a
    /// command, and an entry that no script could move would stop all others behind it.
    static let maximumFields = 64
    private static let fieldNames =
        " id app event attempt enqueued due original target payload reason buried bytes damaged "

    /// Get and set values in flat lists of names and values, reduce lists that are too long, and unpack stored ones.
    ///
    /// What cannot be unpacked, or is no such list, becomes the payload of fields that `QueueEntry.problem` refuses: it
    /// moves like every entry, so that it stops none behind it, and the worker that receives it makes it a dead letter.
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
        local function bounded(fields)
            if #fields <= \(2 * maximumFields) then return fields end
            local kept = {}
            for i = 1, #fields, 2 do
                if string.find('\(fieldNames)', ' ' .. fields[i] .. ' ', 1, true) then
                    set(kept, fields[i], fields[i + 1])
                end
            end
            return kept
        end
        local function unpacked(packed, id)
            local isRead, fields = pcall(cmsgpack.unpack, packed)
            isRead = isRead and type(fields) == 'table' and #fields > 0 and #fields % 2 == 0
            for i = 1, isRead and #fields or 0 do isRead = isRead and type(fields[i]) == 'string' end
            if isRead then fields = bounded(fields) end
            if isRead and #fields > 0 then return fields end
            return {'id', id, 'damaged', '1', 'reason', 'damaged: what Redis has cannot be decoded', 'payload', packed}
        end

        """

    /// Redis' time in microseconds, which is the same for all programs, and a due time after it as a score. The clocks
    /// of the machines that call may differ. `time` is a reply to TIME.
    static let clockFunctions = """
        local function microseconds(time)
            return time[1] * 1000000 + time[2]
        end
        local function after(time, delay)
            return string.format('%.0f', microseconds(time) + math.max(0, tonumber(delay)))
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

    /// KEYS: stream, scheduled, scheduled entries, scheduled by app, [idempotency keys…], usage.
    /// ARGV: limits for entries and bytes, key's lifetime, id, microseconds until it is due or empty, fields…
    ///
    /// Refuses the entry with `full` when the limit is reached, with `share` when the app has a tenth of it and more
    /// than half is used. Scheduled entries and dead letters together take no more than half of the bytes.
    ///
    /// What Redis refuses is undone: after `refused` nothing has changed. An error reply of the script itself means
    /// that this failed.
    static let enqueue = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + clockFunctions + """
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
            local function limit(owner, depth, size)
                local live, kept, appBytes, appEntries = used(owner)
                local entries, bytes = tonumber(ARGV[1]), tonumber(ARGV[2])
                if depth >= entries then return {'full', 'entries', depth, entries} end
                if live + kept + size > bytes then return {'full', 'bytes', live + kept, bytes} end
                if ARGV[5] ~= '' and kept + size > bytes / 2 then return {'full', 'bytes', kept, bytes / 2} end
                local share = math.max(\(QueueUsage.leastShare), math.floor(entries / 10))
                if depth >= entries / 2 and appEntries >= share then
                    return {'share', 'entries', appEntries, share}
                end
                if live + kept + size > bytes / 2 and appBytes > 0 and appBytes + size > bytes / 10 then
                    return {'share', 'bytes', appBytes, math.floor(bytes / 10)}
                end
            end
            local function enqueue()
                local reply, failure
                for i = 5, #KEYS - 1 do
                    reply, failure = attempt(nil, 'GET', KEYS[i])
                    if failure then return {'refused', failure} end
                    if reply then return {'duplicate', reply} end
                end
                reply, failure = attempt(nil, 'XLEN', KEYS[1])
                if failure then return {'refused', failure} end
                local depth, fields = reply, {unpack(ARGV, 6)}
                local owner = app(fields)
                local full = limit(owner, depth, liveBytesOf(fields))
                if full then return full end
                for i = 5, #KEYS - 1 do
                    reply, failure = attempt({'DEL', KEYS[i]}, 'SET', KEYS[i], ARGV[4], 'EX', ARGV[3])
                    if failure then return {'refused', failure} end
                end
                if ARGV[5] == '' then
                    reply, failure = attempt(nil, 'XADD', KEYS[1], '*', unpack(ARGV, 6))
                    if failure then return {'refused', failure} end
                    countLive(owner, liveBytesOf(fields), 1)
                    return {'accepted'}
                end
                reply, failure = attempt(nil, 'TIME')
                if failure then return {'refused', failure} end
                local due = after(reply, ARGV[5])
                set(fields, 'due', due)
                local packed, member = cmsgpack.pack(fields), indexed(owner, due, ARGV[4])
                reply, failure = attempt({'HDEL', KEYS[3], ARGV[4]}, 'HSET', KEYS[3], ARGV[4], packed)
                if failure then return {'refused', failure} end
                reply, failure = attempt({'ZREM', KEYS[4], member}, 'ZADD', KEYS[4], '0', member)
                if failure then return {'refused', failure} end
                reply, failure = attempt(nil, 'ZADD', KEYS[2], due, ARGV[4])
                if failure then return {'refused', failure} end
                countKept(owner, keptBytes(#packed), 1)
                return {'accepted'}
            end
            local result = enqueue()
            saveUsage()
            return result
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
            return redis.call('XDEL', stream, id)
        end

        """

    /// Puts an entry into a sorted set, its hash and its index by app, or into none. Raises the error if that is
    /// refused. Needs `QueueIndex.functions` and `QueueUsage.functions`.
    static let addFunction = """
        local function add(set, member, score, hash, id, fields, index)
            redis.call('ZREM', set, '')
            redis.call('HDEL', hash, '')
            unindexed(set, index, member, app(fields), id)
            local packed = cmsgpack.pack(fields)
            local replaced = redis.call('HSTRLEN', hash, id)
            redis.call('HSET', hash, id, packed)
            local indexMember = indexed(app(fields), score, id)
            local reply = redis.pcall('ZADD', index, 0, indexMember)
            if type(reply) ~= 'table' then reply = redis.pcall('ZADD', set, score, member) end
            if type(reply) == 'table' then
                redis.call('HDEL', hash, id)
                redis.call('ZREM', index, indexMember)
                error(reply.err)
            end
            if replaced > 0 then countKept(app(fields), keptBytes(replaced), -1) end
            countKept(app(fields), keptBytes(#packed), 1)
        end

        """

    /// KEYS: stream. ARGV: group. Creates the group. The removal, of nothing, comes first so that Redis does it also
    /// without free memory: otherwise a queue that became full before its first worker started would stay so.
    static let createGroup = RedisScript(
        """
        redis.pcall('XDEL', KEYS[1], '0-0')
        return redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
        """)

    /// KEYS: scheduled, scheduled entries, scheduled by app, stream, usage. ARGV: microseconds that entries may be
    /// early, limit. Returns the number of moved entries and the microseconds until the next is due, without the time
    /// that it may be early.
    static let promote = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + clockFunctions + """
            local latest = microseconds(redis.call('TIME')) + tonumber(ARGV[1])
            local due = redis.call(
                'ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', latest), 'LIMIT', 0, ARGV[2])
            if #due > 0 then
                redis.call('ZREM', KEYS[1], '')
                redis.call('HDEL', KEYS[2], '')
            end
            local moved, bytes = 0, 0
            for _, id in ipairs(due) do
                local size = redis.call('HSTRLEN', KEYS[2], id)
                bytes = bytes + size
                if moved > 0 and bytes > \(maximumBytes) then break end
                local packed = redis.call('HGET', KEYS[2], id)
                if packed then
                    local fields = unpacked(packed, id)
                    countKept(app(fields), keptBytes(size), -1)
                    countLive(app(fields), liveBytesOf(fields), 1)
                    local score = redis.call('ZSCORE', KEYS[1], id)
                    redis.call('XADD', KEYS[4], '*', unpack(fields))
                    redis.call('ZREM', KEYS[3], score and indexed(app(fields), score, id) or '')
                end
                redis.call('ZREM', KEYS[1], id)
                redis.call('HDEL', KEYS[2], id)
                moved = moved + 1
            end
            saveUsage()
            local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
            return {moved, first[2] and string.format('%.0f', first[2] - latest) or false}
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

    /// KEYS: stream, scheduled, dead, counters, usage. ARGV: group, milliseconds. A consumer that has read
    /// within these counts as a reader. An entry's id in the stream tells since when it is due, by
    /// Redis' clock.
    static let statistics = RedisScript(
        fieldFunctions + QueueUsage.functions + clockFunctions + """
            local live, kept = used('')
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
                redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or false,
                string.format('%.0f', microseconds(redis.call('TIME'))), readers, live, kept
            }
            """)
}
