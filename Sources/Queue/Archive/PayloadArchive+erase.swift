package import Model
package import Redis

/// What an archive has of one event.
package struct ArchivedTraces: Hashable, Sendable {
    /// The type of the event, where the archive names it.
    package var event: EventType?
    /// Attempts whose details are kept.
    package var detailsCount: Int

    package init(event: EventType? = nil, detailsCount: Int = 0) {
        self.event = event
        self.detailsCount = detailsCount
    }
}

extension PayloadArchive {
    /// What the archive has of an event of an app; nil = nothing.
    package func traces(of id: String, appID: Int64) throws(RedisError) -> ArchivedTraces? {
        try erase(id, appID, removes: false)?.traces
    }

    /// Removes the payload of an event of an app with the details of its attempts, the event's place in the lists, and
    /// its share of the counters.
    ///
    /// - Returns: what the archive had of it; nil = nothing.
    ///
    /// If Redis fails between the two steps, the bytes stay counted until the event would have expired.
    package func erase(id: String, appID: Int64) throws(RedisError) -> ArchivedTraces? {
        guard let removed = try erase(id, appID, removes: true) else { return nil }
        if let change = removed.change {
            var changes = ArchiveChanges()
            changes.add(change.bytes, at: change.start)
            var call = ScriptCall(ArchiveUsage.subtract, keys: [ArchiveUsage.bytesKey])
            changes.append(to: &call)
            _ = try connection.run(call).count(key: ArchiveUsage.bytesKey)
        }
        return removed.traces
    }

    private func erase(
        _ id: String, _ appID: Int64, removes: Bool
    ) throws(RedisError) -> (traces: ArchivedTraces, change: (bytes: Int, start: Int64)?)? {
        let keys = ArchiveKeys(appID: appID)
        let call = ScriptCall(
            ArchiveScripts.erase, keys: [keys.index, keys.errors, keys.bytes, keys.event(id)], id, removes ? "1" : "0")
        let values = try connection.run(call, isRepeatable: !removes).list(key: keys.index)
        guard values.count >= 5 else { return nil }
        let traces = ArchivedTraces(
            event: values[0].string.map { EventType(rawValue: $0) }, detailsCount: values[4].count ?? 0)
        // As `store` counted it.
        guard let time = values[1].number, let size = values[2].count else { return (traces, nil) }
        let bytes = ArchiveUsage.bytes(payload: size) + (values[3].count ?? 0)
        return (traces, (-bytes, ArchiveUsage.start(Timestamp(clamping: time), limits)))
    }
}

extension ArchiveScripts {
    /// KEYS: index, errors, bytes, the event. ARGV: its id, 1 = remove. Returns an empty list where there is nothing of
    /// the event, else its type (or false), its time (or false), the bytes of its payload, those of its details, and
    /// the number of these. A key of another type is removed like an event's.
    static let erase = RedisScript(
        forget + """
            local id, event = ARGV[1], KEYS[4]
            local isThere = redis.call('EXISTS', event) == 1
            if not isThere and not redis.call('ZSCORE', KEYS[1], id) and not redis.call('ZSCORE', KEYS[2], id)
                and redis.call('HEXISTS', KEYS[3], id) == 0
            then
                return {}
            end
            local function read(...)
                local value = redis.pcall(...)
                if type(value) == 'table' and value.err then return false end
                return value
            end
            local details = 0
            local values = read('HGETALL', event) or {}
            for i = 1, #values, 2 do
                if string.sub(values[i], 1, 8) == 'attempt:' then details = details + 1 end
            end
            local result = {
                read('HGET', event, 'event'), read('HGET', event, 'enqueued'), read('HSTRLEN', event, 'payload') or 0,
                tonumber(read('HGET', event, 'details-bytes') or 0) or 0, details
            }
            if ARGV[2] == '1' then
                forget({id})
                redis.call('DEL', event)
            end
            return result
            """)
}
