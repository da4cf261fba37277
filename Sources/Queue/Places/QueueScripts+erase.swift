import Redis

extension QueueScripts {
    /// KEYS: stream, scheduled, scheduled entries, scheduled by app, dead, dead entries, dead by app, dropped, times of
    /// the dropped, usage. ARGV: group, event id, app, the entry's id in the stream or empty, 1 = remove.
    ///
    /// Returns the places where the event is, and removes it from them: `waiting`, `scheduled`, `dead_letter`,
    /// `dropped`. While a consumer has the entry, returns `in_progress` alone and removes nothing.
    ///
    /// Of the stream only the named entry is looked at, because a stream cannot be searched by event ids in one step:
    /// `locate` finds it before. Entries that cannot be decoded belong to the app that their sorted set names.
    static let erase = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + """
            local id, owner, streamID, removes = ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1'
            local places, entry = {}, nil
            if streamID ~= '' then
                entry = redis.call('XRANGE', KEYS[1], streamID, streamID)[1]
                if entry and (get(entry[2], 'id') ~= id or app(entry[2]) ~= owner) then entry = nil end
            end
            if entry then
                local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], streamID, streamID, 1)
                if pending.err then
                    if not string.find(pending.err, 'NOGROUP', 1, true) then error(pending.err) end
                elseif #pending > 0 then
                    return {'in_progress'}
                end
            end
            if removes then
                redis.call('XDEL', KEYS[1], '0-0')
                for _, key in ipairs({KEYS[2], KEYS[4], KEYS[5], KEYS[7], KEYS[9]}) do redis.call('ZREM', key, '') end
                for _, key in ipairs({KEYS[3], KEYS[6], KEYS[8]}) do redis.call('HDEL', key, '') end
            end
            if entry then
                places[#places + 1] = 'waiting'
                if removes then
                    redis.call('XDEL', KEYS[1], streamID)
                    countLive(owner, liveBytesOf(entry[2]), -1)
                end
            end
            local function isOwn(packed, isNamed)
                local fields = packed and unpacked(packed, id)
                if not fields then return false end
                if get(fields, 'damaged') then return isNamed end
                return app(fields) == owner
            end
            local packed = redis.call('HGET', KEYS[3], id)
            local score = redis.call('ZSCORE', KEYS[2], id)
            local member = score and indexed(owner, score, id) or ''
            if isOwn(packed, redis.call('ZSCORE', KEYS[4], member)) then
                places[#places + 1] = 'scheduled'
                if removes then
                    redis.call('ZREM', KEYS[4], member)
                    redis.call('ZREM', KEYS[2], id)
                    redis.call('HDEL', KEYS[3], id)
                    countKept(owner, keptBytes(#packed), -1)
                end
            end
            packed = redis.call('HGET', KEYS[6], id)
            score = redis.call('ZSCORE', KEYS[5], id .. ':' .. owner)
            if isOwn(packed, score) then
                places[#places + 1] = 'dead_letter'
                if removes then
                    redis.call('ZREM', KEYS[7], score and indexed(owner, score, id) or '')
                    redis.call('ZREM', KEYS[5], id .. ':' .. owner)
                    redis.call('HDEL', KEYS[6], id)
                    countKept(owner, keptBytes(#packed), -1)
                end
            end
            local note = redis.call('HGET', KEYS[8], id)
            if note and string.match(note, '^%S+ (%S+) ') == owner then
                places[#places + 1] = 'dropped'
                if removes then
                    redis.call('HDEL', KEYS[8], id)
                    redis.call('ZREM', KEYS[9], id)
                end
            end
            if removes then saveUsage() end
            return places
            """)
}
