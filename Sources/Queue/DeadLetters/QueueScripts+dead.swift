import Redis

extension QueueScripts {
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

    /// KEYS: stream, scheduled, dead, dead entries. ARGV: now, limit, ids… Returns the number of moved entries and
    /// whether the queue became full.
    static let redrive = RedisScript(
        fieldFunctions + memberFunction + """
            local depth = redis.call('XLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2])
            local moved = 0
            redis.call('ZREM', KEYS[3], '')
            redis.call('HDEL', KEYS[4], '')
            for i = 3, #ARGV do
                local packed = redis.call('HGET', KEYS[4], ARGV[i])
                if packed then
                    if depth + moved >= tonumber(ARGV[2]) then return {moved, 1} end
                    local fields, alive = cmsgpack.unpack(packed), {}
                    for j = 1, #fields, 2 do
                        if fields[j] ~= 'reason' and fields[j] ~= 'buried' then
                            alive[#alive + 1] = fields[j]
                            alive[#alive + 1] = fields[j + 1]
                        end
                    end
                    set(alive, 'attempt', '1')
                    set(alive, 'due', ARGV[1])
                    redis.call('XADD', KEYS[1], '*', unpack(alive))
                    redis.call('ZREM', KEYS[3], member(fields))
                    redis.call('HDEL', KEYS[4], ARGV[i])
                    moved = moved + 1
                end
            end
            return {moved, 0}
            """)

    /// KEYS: dead, dead entries. ARGV: ids… Returns how many there were.
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
