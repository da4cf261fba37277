/// The rows of the log that belong to one event.
package struct LoggedEvent: Sendable {
    /// The event's id: a webhook's `Request-ID`.
    package let id: String

    /// What a row has without an idempotency key: nothing, `null` or an empty text.
    private static let noKeys: Set<[UInt8]> = [[], Array("null".utf8), Array("\"\"".utf8)]

    package init(id: String) {
        self.id = id
    }

    /// Selects the rows with this request id, and those with the same idempotency key: in the original each attempt has
    /// a request id of its own. A row that is in two lists counts once.
    ///
    /// - Parameters:
    ///   - entries: rows of one app, of any number of pages.
    ///   - eventCount: the number of event types: the rows' `eventIndex` counts through them, again and again.
    ///   - row: a row, and the bytes of its page.
    package func attempts<Entry>(
        among entries: [Entry], eventCount: Int, row: (Entry) -> (row: WebhookRequestRow, bytes: [UInt8])
    ) -> [Entry] {
        let facts = entries.map { entry in
            let (row, bytes) = row(entry)
            return Facts(row, in: bytes, event: row.eventIndex % eventCount)
        }
        let wanted = Array("\"\(id)\"".utf8)
        let keys = Set(facts.filter { $0.requestID == wanted }.map(\.idempotencyKey)).subtracting(Self.noKeys)
        var seen = Set<Facts>()
        return zip(entries, facts).filter { _, facts in
            guard facts.requestID == wanted || keys.contains(facts.idempotencyKey) else { return false }
            return seen.insert(facts).inserted
        }.map(\.0)
    }

    /// What tells one row from another, as it is stored.
    private struct Facts: Hashable {
        let event: Int
        let requestID, idempotencyKey, date, attempt: [UInt8]

        init(_ row: WebhookRequestRow, in bytes: [UInt8], event: Int) {
            self.event = event
            requestID = Array(bytes[row.requestID.range])
            idempotencyKey = Array(bytes[row.idempotencyKey.range])
            date = Array(bytes[row.dateText.range])
            attempt = Array(bytes[row.attempt.range])
        }
    }
}
