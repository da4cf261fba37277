import Redis

extension QueueScripts {
    /// The pairs of entries of a stream that one call looks at: one from each end.
    private static let locatedPairs = 300

    /// KEYS: stream, scheduled entries, dead entries, dropped. ARGV: group, event id, app, the ids between which the
    /// stream is still to be searched.
    ///
    /// Returns the place and what is known: `scheduled`, `dead`, `waiting` or `pending` with the fields except the
    /// payload and, in the stream, its id there; `dropped` with the note. If it was not found, an empty list, or `more`
    /// and the ids to go on between.
    ///
    /// The stream is searched from both ends: what is in progress is at the beginning, what was just accepted at the
    /// end. A user whom older access rules do not allow `XREVRANGE` searches from the beginning.
    static let locate = RedisScript(
        fieldFunctions + QueueIndex.functions + """
            local id, owner = ARGV[2], ARGV[3]
            local function brief(fields)
                local kept = {}
                for _, name in ipairs({'id', 'app', 'event', 'attempt', 'enqueued', 'due', 'reason', 'buried'}) do
                    local value = get(fields, name)
                    if value then set(kept, name, value) end
                end
                return kept
            end
            for i, place in ipairs({'scheduled', 'dead'}) do
                local packed = redis.call('HGET', KEYS[i + 1], id)
                local fields = packed and unpacked(packed, id)
                if fields and app(fields) == owner then return {place, brief(fields)} end
            end
            local note = redis.call('HGET', KEYS[4], id)
            if note and string.match(note, '^%S+ (%S+) ') == owner then return {'dropped', note} end
            local low, high, bytes, mayReverse = ARGV[4], ARGV[5], 0, true
            for i = 1, \(2 * locatedPairs) do
                local isLast, found = mayReverse and i % 2 == 0, nil
                if isLast then
                    found = redis.pcall('XREVRANGE', KEYS[1], high, low, 'COUNT', 1)
                    if found.err then mayReverse, isLast = false, false end
                end
                if not isLast then found = redis.call('XRANGE', KEYS[1], low, high, 'COUNT', 1) end
                if #found == 0 then return {} end
                local streamID, fields = found[1][1], found[1][2]
                if get(fields, 'id') == id and app(fields) == owner then
                    local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], streamID, streamID, 1)
                    local isPending = not pending.err and #pending == 1
                    return {isPending and 'pending' or 'waiting', brief(fields), streamID}
                end
                if isLast then high = '(' .. streamID else low = '(' .. streamID end
                for _, value in ipairs(fields) do bytes = bytes + #value end
                if bytes > \(maximumBytes) then break end
            end
            return {'more', low, high}
            """)
}
