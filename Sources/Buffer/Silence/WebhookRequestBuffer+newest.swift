package import Model
package import Redis

extension WebhookRequestBuffer {
    /// The date of each app's newest row, of all events and of both kinds of lists, in one round trip; nil for an app
    /// without rows.
    ///
    /// Looks at the first element of each list: every program pushes its rows there (docs/protocol.md 1.6). So it costs
    /// little more than the number of lists.
    package func newestRows(of appIDs: [Int64]) throws(RedisError) -> [Timestamp?] {
        let keysPerApp = 2 * events.events.count
        guard !appIDs.isEmpty, keysPerApp > 0 else { return appIDs.map { _ in nil } }
        let keys = appIDs.flatMap { id in
            events.events.flatMap { event in
                [false, true].map { WebhookRequestKey(appID: id, event: event, isErrors: $0).text }
            }
        }
        var request = RedisRequest()
        for key in keys { request.append("LRANGE", key, "0", "0") }
        let replies = try connection.values(of: request, isRepeatable: true)
        guard replies.count == keys.count else { throw .unexpectedReply("LRANGE: \(replies.count) replies") }
        var scanner = EntryScanner()
        var newest: [Timestamp?] = []
        for start in stride(from: 0, to: replies.count, by: keysPerApp) {
            var date: Timestamp?
            for index in start..<start + keysPerApp {
                guard case .text(let bytes)? = try replies[index].list(key: keys[index]).first,
                    let found = scanner.row(of: bytes.span, eventIndex: 0)?.date
                else { continue }
                date = max(date ?? found, found)
            }
            newest.append(date)
        }
        return newest
    }
}
