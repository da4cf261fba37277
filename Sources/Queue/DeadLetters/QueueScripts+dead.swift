import Redis

extension QueueScripts {
    /// The dead letters that make room in memory for one entry; the next entries continue.
    private static let maximumDiscarded = 30

    /// Makes an entry of the stream a dead letter. Before, the oldest make room for it: while more than half of the
    /// limit is used, an app with a tenth of it loses its own oldest, so that no app displaces others. Of an entry that
    /// is larger than `enqueue` accepts, the payload is dropped: nobody could read it.
    ///
    /// The same holds for bytes, of which dead letters and scheduled entries together take no more than half, so that
    /// new events have the other half. `roomless` says why a retry cannot be scheduled, after dead letters made room.
    ///
    /// Needs `QueueIndex.functions`, `QueueUsage.functions`, `removeFunctions` and `addFunction`.
    ///
    /// Of the script's KEYS: stream, dead, dead entries, dead by app, counters. `discarded` has the ids of the dead
    /// letters that made room.
    static let deadLetterFunction = """
        local discarded = {}
        local function discard(member, score)
            local id, owner = string.match(member, '^(.*):(-?%d*)$')
            id = id or member
            local size = redis.call('HSTRLEN', KEYS[3], id)
            redis.call('HINCRBY', KEYS[5], 'discarded', 1)
            redis.call('ZREM', KEYS[2], member)
            redis.call('ZREM', KEYS[4], indexed(owner or '', score, id))
            redis.call('HDEL', KEYS[3], id)
            if size > 0 then countKept(owner or '', keptBytes(size), -1) end
            discarded[#discarded + 1] = id
        end
        local function discardOldestOf(owner)
            local from, to = '[' .. owner .. ':', '(' .. owner .. ';'
            local oldest = redis.call('ZRANGEBYLEX', KEYS[4], from, to, 'LIMIT', 0, 1)[1]
            if not oldest then return false end
            local member = string.match(oldest, '([^:]*)$') .. ':' .. owner
            local score = redis.call('ZSCORE', KEYS[2], member)
            if score then discard(member, score) else redis.call('ZREM', KEYS[4], oldest) end
            return true
        end
        local function discardOldest()
            local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
            if #oldest == 0 then return false end
            discard(oldest[1], oldest[2])
            return true
        end
        local function lacksRoom(owner, before, size, limit)
            local live, kept, bytes = used(owner)
            if live + kept - before + size > limit / 2 and bytes > before and bytes - before + size > limit / 10 then
                return 'share'
            end
            return kept > 0 and kept + size > limit / 2 and 'half'
        end
        local function makeRoomForBytes(owner, before, size, limit)
            for _ = 1, \(maximumDiscarded) do
                local lack = lacksRoom(owner, before, size, limit)
                if not lack then return nil end
                local isDone = false
                if lack == 'share' then isDone = discardOldestOf(owner) else isDone = discardOldest() end
                if not isDone then return lack end
            end
            return lacksRoom(owner, before, size, limit)
        end
        local function roomless(owner, before, size, limit)
            local lack = makeRoomForBytes(owner, before, size, limit)
            if lack == 'share' then
                return 'no room to schedule a retry: the app has a tenth of HOOKLINE_QUEUE_MAX_BYTES, '
                    .. 'and more than half is used'
            elseif lack then
                return 'no room to schedule a retry: scheduled events take half of HOOKLINE_QUEUE_MAX_BYTES'
            end
            return nil
        end
        local function makeRoomInShare(owner, limit)
            local from, to = '[' .. owner .. ':', '(' .. owner .. ';'
            if redis.call('ZCARD', KEYS[2]) < limit / 2 then return end
            if redis.call('ZLEXCOUNT', KEYS[4], from, to) < math.max(1, limit / 10) then return end
            discardOldestOf(owner)
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
        local function deadLetter(group, streamID, fields, reason, time, limit, maximum, maximumBytes)
            local size, owner, before = 0, app(fields), liveBytesOf(fields)
            for _, value in ipairs(fields) do size = size + #value end
            fields = bounded(fields)
            if size > tonumber(maximum) then
                fields = withoutPayload(fields, size)
                reason = string.format('too large: %d bytes; its payload was dropped', size)
            end
            local id = get(fields, 'id') or ''
            if #id > \(DeadLetter.maximumIDBytes) or not string.match(id, '^[0-9a-f]+$') then id = streamID end
            set(fields, 'id', id)
            set(fields, 'buried', time)
            set(fields, 'reason', reason)
            mayRemove(KEYS[1], group)
            makeRoomForBytes(owner, before, keptBytes(#cmsgpack.pack(fields)), tonumber(maximumBytes))
            makeRoom(owner, tonumber(limit))
            add(KEYS[2], id .. ':' .. owner, time, KEYS[3], id, fields, KEYS[4])
            if remove(KEYS[1], group, streamID) == 1 then countLive(owner, before, -1) end
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

    /// KEYS: stream, dead, dead entries, dead by app, counters, usage. ARGV: group, stream id, consumer, count, time,
    /// reason, limit, limits for the entry's bytes and for all bytes. Returns 0 if the lease is lost, else 1 and the
    /// ids of the dead letters that made room.
    static let deadLetter = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + removeFunctions + addFunction
            + deadLetterFunction + leaseFunction + """
                if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
                local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
                if #found == 0 then
                    remove(KEYS[1], ARGV[1], ARGV[2])
                    return 0
                end
                deadLetter(ARGV[1], ARGV[2], found[1][2], ARGV[6], ARGV[5], ARGV[7], ARGV[8], ARGV[9])
                saveUsage()
                return {1, unpack(discarded)}
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

    /// KEYS: stream, dead, dead entries, dead by app, usage. ARGV: now, limit, ids… Returns the number of moved
    /// entries, whether the queue became full, the number of ids it is done with, that of damaged entries, and that of
    /// entries whose apps have their shares of the queue. These stay where they are.
    static let redrive = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + """
            local depth = redis.call('XLEN', KEYS[1])
            local limit, moved, damaged, held, bytes = tonumber(ARGV[2]), 0, 0, 0, 0
            local share = math.max(\(QueueUsage.leastShare), math.floor(limit / 10))
            local function result(isFull, count)
                saveUsage()
                return {moved, isFull, count, damaged, held}
            end
            local counted = {}
            local function hasShare(owner)
                if depth + moved < limit / 2 then return false end
                local field = owner .. ':entries'
                counted[owner] = counted[owner] or {tonumber(redis.pcall('HGET', usage, field)) or 0}
                return counted[owner][1] + (changes[field] or 0) >= share
            end
            redis.call('ZREM', KEYS[2], '')
            redis.call('HDEL', KEYS[3], '')
            for i = 3, #ARGV do
                local size = redis.call('HSTRLEN', KEYS[3], ARGV[i])
                bytes = bytes + size
                if i > 3 and bytes > \(maximumBytes) then return result(0, i - 3) end
                local packed = redis.call('HGET', KEYS[3], ARGV[i])
                local fields, alive = packed and unpacked(packed, ARGV[i]), {}
                if fields and get(fields, 'damaged') then
                    damaged = damaged + 1
                elseif fields and depth + moved >= limit then
                    return result(1, i - 3)
                elseif fields and hasShare(app(fields)) then
                    held = held + 1
                elseif fields then
                    local member = get(fields, 'id') .. ':' .. app(fields)
                    for j = 1, #fields, 2 do
                        if fields[j] ~= 'reason' and fields[j] ~= 'buried' and fields[j] ~= 'bytes' then
                            alive[#alive + 1] = fields[j]
                            alive[#alive + 1] = fields[j + 1]
                        end
                    end
                    set(alive, 'attempt', '1')
                    set(alive, 'due', ARGV[1])
                    local score = redis.call('ZSCORE', KEYS[2], member)
                    redis.call('XADD', KEYS[1], '*', unpack(alive))
                    redis.call('ZREM', KEYS[4], score and indexed(app(fields), score, ARGV[i]) or '')
                    redis.call('ZREM', KEYS[2], member)
                    redis.call('HDEL', KEYS[3], ARGV[i])
                    countKept(app(fields), keptBytes(size), -1)
                    countLive(app(fields), liveBytesOf(alive), 1)
                    moved = moved + 1
                end
            end
            return result(0, #ARGV - 2)
            """)

    /// KEYS: dead, dead entries, dead by app, usage. ARGV: the app that damaged entries belong to, or empty; ids…
    /// Returns how many there were, and the number of ids it is done with.
    static let deleteDead = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + """
            local removed, bytes = 0, 0
            for i = 2, #ARGV do
                local size = redis.call('HSTRLEN', KEYS[2], ARGV[i])
                bytes = bytes + size
                if removed > 0 and bytes > \(maximumBytes) then
                    saveUsage()
                    return {removed, i - 2}
                end
                local packed = redis.call('HGET', KEYS[2], ARGV[i])
                if packed then
                    local fields = unpacked(packed, ARGV[i])
                    local owner = app(fields)
                    if get(fields, 'damaged') and ARGV[1] ~= '' then owner = ARGV[1] end
                    local member = ARGV[i] .. ':' .. owner
                    unindexed(KEYS[1], KEYS[3], member, owner, ARGV[i])
                    redis.call('ZREM', KEYS[1], member)
                    redis.call('HDEL', KEYS[2], ARGV[i])
                    countKept(owner, keptBytes(size), -1)
                    removed = removed + 1
                end
            end
            saveUsage()
            return {removed, #ARGV - 1}
            """)
}
