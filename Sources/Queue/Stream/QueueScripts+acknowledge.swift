import Redis

extension QueueScripts {
    /// The entries of a shard about which a note says that they were dropped.
    static let maximumDropNotes = 1000
    /// How long such a note is kept: a week.
    static let dropNoteSeconds = 604_800

    /// Notes dropped entries, in a hash by id and a sorted set of the ids by time, by Redis' clock; removes the notes
    /// that are too old, and the oldest when there are too many.
    ///
    /// Redis may refuse a note: the settlement does not depend on it. The id comes into the sorted set first, so that a
    /// note which is there is always found by its time.
    private static let noteFunctions = """
        local function noteDropped(hash, times, notes)
            if #notes == 0 then return end
            local now = microseconds(redis.call('TIME'))
            for _, note in ipairs(notes) do
                redis.call('ZADD', times, string.format('%.0f', now), note.id)
                redis.call('HSET', hash, note.id, string.format('%.0f', now) .. ' ' .. note.text)
            end
            local latest = string.format('%.0f', now - \(dropNoteSeconds) * 1000000)
            local count = math.max(
                redis.call('ZCOUNT', times, '-inf', latest), redis.call('ZCARD', times) - \(maximumDropNotes))
            count = math.min(count, \(maximumEntries))
            if count > 0 then
                for _, id in ipairs(redis.call('ZRANGE', times, 0, count - 1)) do
                    redis.call('HDEL', hash, id)
                    redis.call('ZREM', times, id)
                end
            end
            redis.call('EXPIRE', hash, \(dropNoteSeconds))
            redis.call('EXPIRE', times, \(dropNoteSeconds))
        end

        """

    /// KEYS: stream, dropped, times of the dropped, usage. ARGV: group, number of deliveries, then stream id, consumer,
    /// count, app and size of the payload of each; then, for each of them that is dropped, its position from 1, the
    /// event's id, its attempt and the reason. Returns 1 or 0 for each delivery.
    static let acknowledge = RedisScript(
        fieldFunctions + QueueUsage.functions + clockFunctions + leaseFunction + removeFunctions + noteFunctions + """
            local results, owners, notes = {}, {}, {}
            local last = 2 + 5 * tonumber(ARGV[2])
            mayRemove(KEYS[1], ARGV[1])
            for i = 3, last, 5 do
                local isHeld = holds(KEYS[1], ARGV[1], ARGV[i], ARGV[i + 1], ARGV[i + 2])
                if isHeld then
                    if remove(KEYS[1], ARGV[1], ARGV[i]) == 1 then
                        countLive(ARGV[i + 3], liveBytes(tonumber(ARGV[i + 4])), -1)
                    end
                end
                results[#results + 1] = isHeld and 1 or 0
                owners[#results] = ARGV[i + 3]
            end
            for i = last + 1, #ARGV, 4 do
                local position = tonumber(ARGV[i])
                if results[position] == 1 then
                    notes[#notes + 1] = {
                        id = ARGV[i + 1], text = owners[position] .. ' ' .. ARGV[i + 2] .. ' ' .. ARGV[i + 3]
                    }
                end
            end
            saveUsage()
            pcall(noteDropped, KEYS[2], KEYS[3], notes)
            return results
            """)
}
