package import Redis

extension PayloadArchive {
    /// What the archive has of several events: of as many of the first ones as one script may read.
    ///
    /// - Parameters:
    ///   - ids: at least one.
    ///   - byteLimit: no more events are read when those read so far exceed it.
    /// - Returns: the records of the first ids, at least one, in their order, and the bytes that were read.
    package func records(
        ids: ArraySlice<String>, appID: Int64, byteLimit: Int
    ) throws(RedisError) -> (records: [ArchivedRecord], byteCount: Int) {
        let keys = ArchiveKeys(appID: appID)
        let ids = Array(ids.prefix(ArchiveScripts.maximumEvents))
        guard !ids.isEmpty else { return ([], 0) }
        let limit = min(byteLimit, QueueScripts.maximumBytes)
        let call = ScriptCall(ArchiveScripts.records, keys: ids.map(keys.event), String(limit))
        let values = try connection.run(call, isRepeatable: true).list(key: keys.event(ids[0]), atLeast: 2)
        let records = zip(ids, values.dropFirst()).map { ArchivedRecord(id: $0, appID: appID, $1.elements) }
        return (records, values[0].count ?? 0)
    }
}

extension ArchiveScripts {
    /// KEYS: events. ARGV: bytes. Returns the bytes that were read and the fields of the first events, until the bytes
    /// exceed the limit. A key of another type has no fields.
    static let records = RedisScript(
        """
        local found, bytes = {0}, 0
        for i, key in ipairs(KEYS) do
            local fields = redis.pcall('HGETALL', key)
            if fields.err then fields = {} end
            for _, value in ipairs(fields) do bytes = bytes + #value end
            found[i + 1] = fields
            if bytes > tonumber(ARGV[1]) then break end
        end
        found[1] = bytes
        return found
        """)
}
