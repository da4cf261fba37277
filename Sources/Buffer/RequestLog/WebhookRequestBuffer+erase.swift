package import Model
package import Redis
import WireJSON

extension WebhookRequestBuffer {
    /// How many rows the log has of an event of an app; see `eraseRows`.
    package func rowCount(of id: String, appID: Int64, events: [EventType]) throws(RedisError) -> Int {
        try rows(of: id, appID: appID, events: events, removes: false)
    }

    /// Removes the rows whose `request_id` is the event's id, from both lists of each event type. A row that has the id
    /// elsewhere stays, and so does one that is not JSON. Each list is one atomic step; all are one round trip, or two
    /// where Redis' decoder does not read all rows.
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
        var others = Set<[UInt8]>()
        var removals = RedisRequest()
        var removalKeys: [String] = []
        for (key, reply) in zip(keys, try connection.run(calls, isRepeatable: !removes)) {
            let values = try reply.list(key: key, atLeast: 2)
            digests.formUnion(values[0].elements.compactMap(\.string))
            for case .text(let row) in values[1].elements where RowID.isID(id, of: row.span) {
                others.insert(Array(row))
                removalKeys.append(key)
                removals.begin(argumentCount: 4)
                removals.appendArgument("LREM")
                removals.appendArgument(key)
                removals.appendArgument("0")
                removals.appendArgument(Array(row))
            }
        }
        if removes, removals.commandCount > 0 {
            let replies = try connection.values(of: removals, isRepeatable: false)
            for (key, reply) in zip(removalKeys, replies) { _ = try reply.count(key: key) }
        }
        return digests.count + others.count
    }
}

/// Whose row an element of the log is, as the log reads it.
private enum RowID {
    private static let names = JSONMemberNames(["request_id"])

    static func isID(_ id: String, of row: Span<UInt8>) -> Bool {
        var scanner = JSONScanner(names: names)
        scanner.consume(row)
        guard scanner.finish(), scanner.isObject else { return false }
        let value = row.extracting(scanner.fragments[0]).withUnsafeBufferPointer { Array($0) }
        return (try? JSONValue(parsing: value))?.string == id
    }
}

/// The atomic step that finds and removes the rows of an event.
private enum RowScript {
    /// The elements that one call looks at: more than any list has, also while an original shortens it
    /// (docs/protocol.md 1.6).
    static let maximumElements = 3 * WebhookRequestBuffer.capacity

    /// KEYS: a list. ARGV: the event's id, 1 = remove. Returns a digest of each row of the event, and the rows that
    /// have the id somewhere and that this decoder does not read, such as those with half of a surrogate pair.
    ///
    /// Only what contains the id is decoded, which tells whose row it is, and nothing that was decoded is written: rows
    /// are removed by their exact bytes.
    static let erase = RedisScript(
        """
        local id, rows, isKnown, digests, unread = ARGV[1], {}, {}, {}, {}
        for first = 0, \(maximumElements - 1), 10 do
            local page = redis.call('LRANGE', KEYS[1], first, first + 9)
            for _, row in ipairs(page) do
                if string.find(row, id, 1, true) and not isKnown[row] then
                    isKnown[row] = true
                    local isRead, value = pcall(cjson.decode, row)
                    if not isRead then
                        unread[#unread + 1] = row
                    elseif type(value) == 'table' and value.request_id == id then
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
        return {digests, unread}
        """)
}
