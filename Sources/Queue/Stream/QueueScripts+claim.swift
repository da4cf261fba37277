import Redis

extension QueueScripts {
    /// The pending entries that one call of `claim` looks at.
    private static let scannedEntries = 300

    /// KEYS: stream, dead, dead entries, dead by app, counters, usage.
    /// ARGV: group, consumer, least idle milliseconds, cursor, count, limit for an entry's bytes, time, limit for dead
    /// letters, hand-outs after which an entry is taken alone, hand-outs after which it becomes a dead letter, 1 = take
    /// one of those that are taken alone, limit for all bytes.
    ///
    /// Returns the next cursor (empty: the end), whether idle entries were left that are taken alone, the ids of dead
    /// letters that made room, then stream id, fields and delivery count of each entry.
    ///
    /// An entry is counted as handed out before the caller has it: what ends the caller's process is counted, too.
    static let claim = RedisScript(
        fieldFunctions + QueueIndex.functions + QueueUsage.functions + removeFunctions + addFunction
            + deadLetterFunction + """
                local group, consumer, cursor, count = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
                local isAlone = ARGV[11] == '1'
                local items = redis.call('XPENDING', KEYS[1], group, cursor, '+', \(scannedEntries))
                local entries, bytes, hasOthers = {}, 0, 0
                local isComplete = #items < \(scannedEntries)
                for _, item in ipairs(items) do
                    local id, handedOut = item[1], item[4]
                    local isDue = item[3] >= tonumber(ARGV[3])
                    if isDue and (handedOut >= tonumber(ARGV[9])) ~= isAlone then
                        if not isAlone then hasOthers = 1 end
                        isDue = false
                    end
                    if isDue then
                        local found = redis.call('XRANGE', KEYS[1], id, id)[1]
                        local size = 0
                        if found then for _, value in ipairs(found[2]) do size = size + #value end end
                        if #entries == count or #entries > 0 and bytes + size > \(maximumBytes) then
                            isComplete = false
                            break
                        end
                        local reason
                        if size > tonumber(ARGV[6]) then
                            reason = 'too large'
                        elseif found and handedOut >= tonumber(ARGV[10]) then
                            reason = string.format('poison: received by workers %d times and never settled', handedOut)
                        end
                        if not found then
                            redis.call('XACK', KEYS[1], group, id)
                        elseif reason then
                            deadLetter(group, id, found[2], reason, ARGV[7], ARGV[8], ARGV[6], ARGV[12])
                            isComplete, cursor = false, '(' .. id
                            break
                        else
                            local count = handedOut + 1
                            redis.call(
                                'XCLAIM', KEYS[1], group, consumer, ARGV[3], id, 'RETRYCOUNT', count, 'JUSTID')
                            entries[#entries + 1] = {id, found[2], count}
                            bytes = bytes + size
                        end
                    end
                    cursor = '(' .. id
                end
                saveUsage()
                return {isComplete and '' or cursor, hasOthers, discarded, unpack(entries)}
                """)

    /// KEYS: the claim of isolation. ARGV: consumer, lifetime in milliseconds. Returns 1 or 0.
    ///
    /// `PEXPIRE` needs no memory: after it, Redis executes `SET` also without any (`OOM`).
    static let isolate = RedisScript(
        """
        local owner = redis.call('GET', KEYS[1])
        if owner and owner ~= ARGV[1] then return 0 end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1
        """)

    /// KEYS: the claim of isolation. ARGV: consumer. Returns 1 or 0.
    static let endIsolation = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('DEL', KEYS[1])
        """)
}
