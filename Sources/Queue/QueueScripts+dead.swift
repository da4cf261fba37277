import Redis

extension QueueScripts {
    /// Goes through a sorted set in order of score and member, from behind a given member.
    ///
    /// KEYS: sorted set. ARGV: least score, greatest score, score and member of the last one seen (or empty), count,
    /// what members must end in. Returns members and scores in turn.
    static let page = RedisScript(
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

    /// KEYS: dead entries. ARGV: 1 = with payload, ids… Returns the fields of each, or an empty list.
    static let inspect = RedisScript(
        fieldFunctions + """
            local results = {}
            for i = 2, #ARGV do
                local packed = redis.call('HGET', KEYS[1], ARGV[i])
                local fields = packed and cmsgpack.unpack(packed) or {}
                local payload = get(fields, 'payload')
                if ARGV[1] ~= '1' and payload then
                    set(fields, 'bytes', tostring(#payload))
                    set(fields, 'payload', '')
                end
                results[#results + 1] = fields
            end
            return results
            """)

    /// KEYS: stream, scheduled, dead, dead entries. ARGV: now, bound, ids… Returns how many went back and whether the
    /// queue became full.
    static let redrive = RedisScript(
        fieldFunctions + memberFunction + """
            local depth = redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            local moved = 0
            for i = 3, #ARGV do
                local packed = redis.call('HGET', KEYS[4], ARGV[i])
                if packed then
                    if depth + moved >= tonumber(ARGV[2]) then return {moved, 1} end
                    local fields, alive = cmsgpack.unpack(packed), {}
                    redis.call('ZREM', KEYS[3], member(fields))
                    redis.call('HDEL', KEYS[4], ARGV[i])
                    for j = 1, #fields, 2 do
                        if fields[j] ~= 'reason' and fields[j] ~= 'buried' then
                            alive[#alive + 1] = fields[j]
                            alive[#alive + 1] = fields[j + 1]
                        end
                    end
                    set(alive, 'attempt', '1')
                    set(alive, 'due', ARGV[1])
                    redis.call('XADD', KEYS[1], '*', unpack(alive))
                    moved = moved + 1
                end
            end
            return {moved, 0}
            """)

    /// KEYS: dead, dead entries. ARGV: ids… Returns how many were there.
    static let deleteDead = RedisScript(
        fieldFunctions + memberFunction + """
            local removed = 0
            for i = 1, #ARGV do
                local packed = redis.call('HGET', KEYS[2], ARGV[i])
                if packed then
                    redis.call('ZREM', KEYS[1], member(cmsgpack.unpack(packed)))
                    redis.call('HDEL', KEYS[2], ARGV[i])
                    removed = removed + 1
                end
            end
            return removed
            """)
}
