import Redis

extension QueueScripts {
    /// KEYS: stream. ARGV: group, consumer, limit for an entry's bytes, then id and delivery count of pending entries.
    /// Delivers them to the consumer again, as far as it still has the leases. Returns how many of the arguments'
    /// entries it has looked at, then stream id, fields and delivery count of each delivered one.
    static let takeBack = RedisScript(
        leaseFunction + """
            local entries, seen, bytes = {}, 0, 0
            for i = 4, #ARGV, 2 do
                local id = ARGV[i]
                if holds(KEYS[1], ARGV[1], id, ARGV[2], ARGV[i + 1]) then
                    local found = redis.call('XRANGE', KEYS[1], id, id)[1]
                    local size = 0
                    if found then for _, value in ipairs(found[2]) do size = size + #value end end
                    if bytes > 0 and bytes + size > \(maximumBytes) then break end
                    bytes = bytes + size
                    if not found then
                        redis.call('XACK', KEYS[1], ARGV[1], id)
                    elseif size <= tonumber(ARGV[3]) then
                        local count = ARGV[i + 1] + 1
                        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'RETRYCOUNT', count, 'JUSTID')
                        entries[#entries + 1] = {id, found[2], count}
                    end
                end
                seen = seen + 1
            end
            return {seen, unpack(entries)}
            """)
}
