package import Model
package import Redis

/// Removes the rows of events from the request log. One object serves one thread.
package protocol RowErasing: AnyObject {
    /// How many rows the log has of an event of an app.
    func rowCount(of id: String, appID: Int64, events: [EventType]) throws(RedisError) -> Int

    /// Removes the rows of an event of an app. See `WebhookRequestBuffer.eraseRows`.
    func eraseRows(of id: String, appID: Int64, events: [EventType]) throws(RedisError) -> Int
}

extension WebhookRequestBuffer: RowErasing {
    package func rowCount(of id: String, appID: Int64, events: [EventType]) throws(RedisError) -> Int {
        try rows(of: id, appID: appID, events: events, removes: false)
    }

    /// Removes the rows whose `request_id` is the event's id, from both lists of each event type. A row that has the id
    /// elsewhere stays, and so does one that is not JSON. Each list is one atomic step; all are one round trip.
    ///
    /// - Parameter events: the types whose lists are searched.
    /// - Returns: how many there were; a row of both lists counts once.
    package func eraseRows(of id: String, appID: Int64, events: [EventType]) throws(RedisError) -> Int {
        try rows(of: id, appID: appID, events: events, removes: true)
    }

    private func rows(
        of id: String, appID: Int64, events: [EventType], removes: Bool
    ) throws(RedisError) -> Int {
        let keys = events.flatMap { event in
            [false, true].map { WebhookRequestKey(appID: appID, event: event, isErrors: $0).text }
        }
        let calls = keys.map { ScriptCall(RowScript.erase, keys: [$0], id, removes ? "1" : "0") }
        var digests = Set<String>()
        for (key, reply) in zip(keys, try connection.run(calls, isRepeatable: !removes)) {
            digests.formUnion(try reply.list(key: key).compactMap(\.string))
        }
        return digests.count
    }
}

/// The atomic step that finds and removes the rows of an event.
private enum RowScript {
    /// The elements that one call looks at: more than any list has, also while an original shortens it (docs/protocol.md
    /// 1.6).
    static let maximumElements = 3 * WebhookRequestBuffer.capacity

    /// KEYS: a list. ARGV: the event's id, 1 = remove. Returns a digest of each row of the event.
    ///
    /// Only what contains the id is decoded, which tells whose row it is, and nothing that was decoded is written: rows
    /// are removed by their exact bytes.
    static let erase = RedisScript(
        """
        local id, rows, isKnown, digests = ARGV[1], {}, {}, {}
        for first = 0, \(maximumElements - 1), 10 do
            local page = redis.call('LRANGE', KEYS[1], first, first + 9)
            for _, row in ipairs(page) do
                if string.find(row, id, 1, true) and not isKnown[row] then
                    local isRead, value = pcall(cjson.decode, row)
                    if isRead and type(value) == 'table' and value.request_id == id then
                        isKnown[row] = true
                        rows[#rows + 1] = row
                        digests[#digests + 1] = redis.sha1hex(row)
                    end
                end
            end
            if #page < 10 then break end
        end
        if ARGV[2] == '1' then
            for _, row in ipairs(rows) do redis.call('LREM', KEYS[1], 0, row) end
        end
        return digests
        """)
}
