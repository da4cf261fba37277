import Redis

extension QueueScripts {
    /// KEYS: stream, dead, dead entries, dead by app, counters, scheduled, scheduled entries, scheduled by app, usage.
    /// ARGV: group, stream id, consumer, count, microseconds until it is due, attempt, limit for bytes, time, limits
    /// for dead letters and for an entry's bytes. Returns 0 if the lease is lost, else a list: 1, or 2 if the entry
    /// became a dead letter, and the ids of the dead letters that made room.
    ///
    /// A retry that would exceed the limits becomes a dead letter. One that puts back an entry which was not attempted
    /// never does: its attempt is that of the entry.
    static let retry = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + clockFunctions + leaseFunction
            + removeFunctions + addFunction + deadLetterFunction + """
                if not holds(KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]) then return 0 end
                local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
                mayRemove(KEYS[1], ARGV[1])
                if #found == 0 then
                    remove(KEYS[1], ARGV[1], ARGV[2])
                    return 0
                end
                local fields, due = bounded(found[1][2]), after(redis.call('TIME'), ARGV[5])
                local owner, isRetry = app(fields), get(fields, 'attempt') ~= ARGV[6]
                local before, attempt = liveBytesOf(fields), get(fields, 'attempt')
                set(fields, 'due', due)
                set(fields, 'attempt', ARGV[6])
                local size = keptBytes(#cmsgpack.pack(fields))
                local reason = isRetry and roomless(owner, before, size, tonumber(ARGV[7]))
                if reason then
                    if attempt then set(fields, 'attempt', attempt) end
                    deadLetter(ARGV[1], ARGV[2], fields, reason, ARGV[8], ARGV[9], ARGV[10], ARGV[7])
                    saveUsage()
                    return {2, unpack(discarded)}
                end
                local id = get(fields, 'id') or ARGV[2]
                add(KEYS[6], id, due, KEYS[7], id, fields, KEYS[8])
                if remove(KEYS[1], ARGV[1], ARGV[2]) == 1 then countLive(owner, before, -1) end
                saveUsage()
                return {1, unpack(discarded)}
                """)
}
