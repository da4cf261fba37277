import Redis

extension QueueScripts {
    /// Makes an entry of the stream a dead letter. Before, the oldest make room for it: while more than half of the
    /// limit is used, an app with a tenth of it loses its own oldest, so that no app displaces others. Of an entry that
    /// is larger than `enqueue` accepts, the payload is dropped: nobody could read it.
    ///
    /// Needs `QueueIndex.functions`, `removeFunctions` and `addFunction`.
    ///
    /// Of the script's KEYS: stream, dead, dead entries, dead by app, counters.
    static let deadLetterFunction = """
        local function discard(member, score)
            local id, owner = string.match(member, '^(.*):(-?%d*)$')
            redis.call('HINCRBY', KEYS[5], 'discarded', 1)
            redis.call('ZREM', KEYS[2], member)
            redis.call('ZREM', KEYS[4], indexed(owner or '', score, id or member))
            redis.call('HDEL', KEYS[3], id or member)
        end
        local function makeRoomInShare(owner, limit)
            local from, to = '[' .. owner .. ':', '(' .. owner .. ';'
            if redis.call('ZCARD', KEYS[2]) < limit / 2 then return end
            if redis.call('ZLEXCOUNT', KEYS[4], from, to) < math.max(1, limit / 10) then return end
            local oldest = redis.call('ZRANGEBYLEX', KEYS[4], from, to, 'LIMIT', 0, 1)[1]
            local member = string.match(oldest, '([^:]*)$') .. ':' .. owner
            local score = redis.call('ZSCORE', KEYS[2], member)
            if score then discard(member, score) else redis.call('ZREM', KEYS[4], oldest) end
        end
        local function makeRoom(owner, limit)
            makeRoomInShare(owner, limit)
            local excess = math.min(redis.call('ZCARD', KEYS[2]) - limit + 1, \(maximumEntries))
            if excess <= 0 then return end
            local oldest = redis.call('ZRANGE', KEYS[2], 0, excess - 1, 'WITHSCORES')
            for i = 1, #oldest, 2 do discard(oldest[i], oldest[i + 1]) end
        end
        local function withoutPayload(fields, size)
            local kept = {'payload', '', 'bytes', tostring(size)}
            for _, name in ipairs({'id', 'app', 'event', 'attempt', 'enqueued', 'due', 'original'}) do
                local value = get(fields, name)
                if value and #value <= 256 then set(kept, name, value) end
            end
            return kept
        end
        local function deadLetter(group, streamID, fields, reason, time, limit, maximum)
            local size = 0
            for _, value in ipairs(fields) do size = size + #value end
            fields = bounded(fields)
            if size > tonumber(maximum) then
                fields = withoutPayload(fields, size)
                reason = string.format('too large: %d bytes; its payload was dropped', size)
            end
            local id = string.match(get(fields, 'id') or '', '^%x+$') or streamID
            set(fields, 'id', id)
            set(fields, 'buried', time)
            set(fields, 'reason', reason)
            mayRemove(KEYS[1], group)
            makeRoom(app(fields), tonumber(limit))
            add(KEYS[2], id .. ':' .. app(fields), time, KEYS[3], id, fields, KEYS[4])
            remove(KEYS[1], group, streamID)
        end

        """

    /// Fields in place of an entry's payload: its size.
    private static let summaryFunction = """
        local function summary(packed, id)
            local fields = unpacked(packed, id)
            local payload = get(fields, 'payload')
            if payload then
                if not get(fields, 'bytes') then set(fields, 'bytes', tostring(#payload)) end
                set(fields, 'payload', '')
            end
            return fields
        end

        """

    /// KEYS: stream, dead, dead entries, dead by app, counters. ARGV: group, stream id, consumer, count, time, reason,
    /// limit, limit for the entry's bytes.
    static let deadLetter = RedisScript(
        fieldFunctions + QueueIndex.functions + removeFunctions + addFunction + deadLetterFunction + leaseFunction + """
            if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
            local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
            if #found == 0 then
                remove(KEYS[1], ARGV[1], ARGV[2])
                return 0
            end
            deadLetter(ARGV[1], ARGV[2], found[1][2], ARGV[6], ARGV[5], ARGV[7], ARGV[8])
            return 1
            """)

    /// KEYS: dead entries. ARGV: 1 = with payload, ids… Returns the fields of each, or an empty list; fewer than ids
    /// where they are large.
    static let inspect = RedisScript(
        fieldFunctions + summaryFunction + """
            local results, bytes = {}, 0
            for i = 2, #ARGV do
                bytes = bytes + redis.call('HSTRLEN', KEYS[1], ARGV[i])
                if i > 2 and bytes > \(maximumBytes) then break end
                local packed = redis.call('HGET', KEYS[1], ARGV[i])
                local fields = {}
                if packed then fields = (ARGV[1] == '1' and unpacked or summary)(packed, ARGV[i]) end
                results[#results + 1] = fields
            end
            return results
            """)

    /// KEYS: dead by app, dead entries. ARGV: start and end of the app's members. Returns how many there are and the
    /// fields of the newest, its payload omitted.
    static let deadSummary = RedisScript(
        fieldFunctions + summaryFunction + """
            local from, to = '[' .. ARGV[1], '(' .. ARGV[2]
            local newest = redis.call('ZREVRANGEBYLEX', KEYS[1], to, from, 'LIMIT', 0, 1)[1]
            local id = newest and string.match(newest, '([^:]*)$')
            local packed = id and redis.call('HGET', KEYS[2], id)
            return {redis.call('ZLEXCOUNT', KEYS[1], from, to), packed and summary(packed, id) or {}}
            """)

    /// KEYS: stream, scheduled, dead, dead entries, dead by app. ARGV: now, limit, ids… Returns the number of moved
    /// entries, whether the queue became full, the number of ids it is done with, and that of damaged entries, which
    /// stay where they are.
    static let redrive = RedisScript(
        fieldFunctions + QueueIndex.functions + """
            local depth = redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            local moved, damaged, bytes = 0, 0, 0
            redis.call('ZREM', KEYS[3], '')
            redis.call('HDEL', KEYS[4], '')
            for i = 3, #ARGV do
                bytes = bytes + redis.call('HSTRLEN', KEYS[4], ARGV[i])
                if i > 3 and bytes > \(maximumBytes) then return {moved, 0, i - 3, damaged} end
                local packed = redis.call('HGET', KEYS[4], ARGV[i])
                local fields, alive = packed and unpacked(packed, ARGV[i]), {}
                if fields and get(fields, 'damaged') then
                    damaged = damaged + 1
                elseif fields then
                    if depth + moved >= tonumber(ARGV[2]) then return {moved, 1, i - 3, damaged} end
                    local member = get(fields, 'id') .. ':' .. app(fields)
                    for j = 1, #fields, 2 do
                        if fields[j] ~= 'reason' and fields[j] ~= 'buried' and fields[j] ~= 'bytes' then
                            alive[#alive + 1] = fields[j]
                            alive[#alive + 1] = fields[j + 1]
                        end
                    end
                    set(alive, 'attempt', '1')
                    set(alive, 'due', ARGV[1])
                    local score = redis.call('ZSCORE', KEYS[3], member)
                    redis.call('XADD', KEYS[1], '*', unpack(alive))
                    redis.call('ZREM', KEYS[5], score and indexed(app(fields), score, ARGV[i]) or '')
                    redis.call('ZREM', KEYS[3], member)
                    redis.call('HDEL', KEYS[4], ARGV[i])
                    moved = moved + 1
                end
            end
            return {moved, 0, #ARGV - 2, damaged}
            """)

    /// KEYS: dead, dead entries, dead by app. ARGV: ids… Returns how many there were, and the number of ids it is
    /// done with.
    static let deleteDead = RedisScript(
        fieldFunctions + QueueIndex.functions + """
            local removed, bytes = 0, 0
            for i = 1, #ARGV do
                bytes = bytes + redis.call('HSTRLEN', KEYS[2], ARGV[i])
                if removed > 0 and bytes > \(maximumBytes) then return {removed, i - 1} end
                local packed = redis.call('HGET', KEYS[2], ARGV[i])
                if packed then
                    local fields = unpacked(packed, ARGV[i])
                    local member = get(fields, 'id') .. ':' .. app(fields)
                    unindexed(KEYS[1], KEYS[3], member, app(fields), ARGV[i])
                    redis.call('ZREM', KEYS[1], member)
                    redis.call('HDEL', KEYS[2], ARGV[i])
                    removed = removed + 1
                end
            end
            return {removed, #ARGV}
            """)
}
