package import Model
package import Redis

extension WebhookRequestBuffer {
    /// What the beginning of a list shows.
    private enum Newest {
        case attempt(Timestamp)
        /// Only rows that are passed over.
        case unknown
        /// No row with a date.
        case none
    }

    /// The date of each app's last attempt that has a row, of all events and of both kinds of lists; nil for an app
    /// without one.
    ///
    /// Looks at the first element of each list: every program pushes its rows there (docs/protocol.md 1.6). So it costs
    /// one round trip, and little more than the number of lists; a second one for lists that begin with a webhook that
    /// was not sent. A key that is no list is passed over.
    ///
    /// - Parameter end: later rows are passed over: they were written by a clock that is ahead.
    package func lastAttempts(of appIDs: [Int64], notAfter end: Timestamp) throws(RedisError) -> [Timestamp?] {
        let keysPerApp = 2 * events.events.count
        guard !appIDs.isEmpty, keysPerApp > 0 else { return appIDs.map { _ in nil } }
        let keys = appIDs.flatMap { id in
            events.events.flatMap { event in
                [false, true].map { WebhookRequestKey(appID: id, event: event, isErrors: $0).text }
            }
        }
        var newest = try self.newest(in: keys, count: 1, notAfter: end)
        let unknown = newest.indices.filter { if case .unknown = newest[$0] { true } else { false } }
        let others = try self.newest(in: unknown.map { keys[$0] }, count: Self.capacity, notAfter: end)
        for (index, other) in zip(unknown, others) { newest[index] = other }
        return stride(from: 0, to: newest.count, by: keysPerApp).map { start in
            newest[start..<start + keysPerApp].compactMap { if case .attempt(let date) = $0 { date } else { nil } }
                .max()
        }
    }

    /// - Parameter count: the elements of each list that are looked at.
    private func newest(
        in keys: [String], count: Int, notAfter end: Timestamp
    ) throws(RedisError) -> [Newest] {
        guard !keys.isEmpty else { return [] }
        var request = RedisRequest()
        for key in keys { request.append("LRANGE", key, "0", String(count - 1)) }
        let replies = try connection.values(of: request, isRepeatable: true)
        guard replies.count == keys.count else { throw .unexpectedReply("LRANGE: \(replies.count) replies") }
        var scanner = EntryScanner()
        var results: [Newest] = []
        for (key, reply) in zip(keys, replies) {
            if case .error(let message) = reply, message.hasPrefix("WRONGTYPE") {
                results.append(.none)
                continue
            }
            var result = Newest.none
            for case .text(let bytes) in try reply.list(key: key) {
                guard let row = scanner.row(of: bytes.span, eventIndex: 0), let date = row.date else { continue }
                if date <= end, !row.isHeld(in: bytes.span) {
                    result = .attempt(date)
                    break
                }
                result = .unknown
            }
            results.append(result)
        }
        return results
    }
}

extension WebhookRequestRow {
    /// Whether it is of a webhook that was not sent, because the app's circuit breaker was open.
    ///
    /// - Parameter bytes: what the row's ranges refer to.
    package func isHeld(in bytes: Span<UInt8>) -> Bool {
        let expected = Self.heldReason
        guard reason.range.count == expected.count, reason.range.upperBound <= bytes.count else { return false }
        return expected.indices.allSatisfy { bytes[reason.range.lowerBound + $0] == expected[$0] }
    }

    private static let heldReason = Array("\"\(WebhookRequestRecord.breakerOpenReason)\"".utf8)
}

extension WebhookRequestPage {
    /// The rows of attempts: without those of webhooks that were not sent.
    package var attemptRows: [WebhookRequestRow] { rows.filter { !$0.isHeld(in: bytes.span) } }
}
