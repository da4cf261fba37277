package import Model
package import Redis

extension WebhookRequestBuffer {
    /// The outcome of recording one attempt.
    package enum RecordOutcome: Hashable, Sendable {
        case stored
        /// The event is not in the catalogue; nothing was written, as in the original (docs/protocol.md 1.3).
        case unknownEvent
        /// Redis refused to store it in the list `key`. Records of other lists are not affected.
        case refused(key: String, message: String)
    }

    /// Stores one attempt in the list of its event and, if it is an error, in the list of errors (docs/protocol.md
    /// 1.6).
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown whether it was stored.
    ///
    /// - Returns: `stored` or `unknownEvent`; a refusal is thrown.
    package func record(_ record: WebhookRequestRecord) throws(RedisError) -> RecordOutcome {
        let outcome = try self.record([record]).first ?? .unknownEvent
        if case .refused(let key, let message) = outcome { throw .refused(key: key, message: message) }
        return outcome
    }

    /// Stores attempts in one round trip, each list's in the order given, so that the last is the first in the list.
    /// The outcomes are in the same order.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were stored: call it again with the same records.
    ///
    /// - Parameters:
    ///   - batch: the same for a repeated call, so that the attempts are stored and counted once. What was stored is
    ///     recognized as long as it is among the list's 100 newest.
    ///   - now: bounds the hours in which attempts are counted; see `DeliveryHours`.
    package func record(
        _ records: [WebhookRequestRecord], batch: RecordBatch = RecordBatch(), now: Timestamp = .now()
    ) throws(RedisError) -> [RecordOutcome] {
        var outcomes = records.map { isStored($0) ? RecordOutcome.stored : .unknownEvent }
        let parts = parts(of: records)
        let calls = parts.map { part in
            var call = ScriptCall(
                RecordScript.store, keys: [part.key], String(Self.capacity - 1 - part.rows.count),
                String(Self.lifetimeSeconds), batch.isRepeated ? "1" : "0")
            for row in part.rows { call.append(row.json) }
            return call
        }
        // Their replies come last and do not matter: what is settled does not depend on notes and counts.
        let known = records.filter(isStored)
        let notes =
            LastTimes.calls(noting: known.filter { $0.reason != WebhookRequestRecord.breakerOpenReason })
            + DeliveryHours.calls(counting: known, batch: batch, now: now)
        for (part, reply) in zip(parts, try connection.run(calls + notes)) {
            if case .error(let message) = reply {
                for row in part.rows { outcomes[row.index] = .refused(key: part.key, message: message) }
            } else {
                _ = try reply.count(key: part.key)
            }
        }
        return outcomes
    }

    /// The event of a relayed webhook was checked where it was received; it may be one that only `SeenEvents` has.
    private func isStored(_ record: WebhookRequestRecord) -> Bool {
        record.relay != nil || events.contains(record.event)
    }

    /// The rows of each list, in parts that one script stores.
    private func parts(of records: [WebhookRequestRecord]) -> [RecordPart] {
        var positions: [String: Int] = [:]
        var parts: [RecordPart] = []
        for (index, record) in records.enumerated() where isStored(record) {
            let row = RecordPart.Row(index: index, json: record.json())
            for isErrors in record.isError ? [false, true] : [false] {
                let key = WebhookRequestKey(appID: record.appID, event: record.event, isErrors: isErrors).text
                if let position = positions[key], parts[position].hasSpace(for: row) {
                    parts[position].add(row)
                } else {
                    positions[key] = parts.count
                    parts.append(RecordPart(key: key, row: row))
                }
            }
        }
        return parts
    }
}

/// Rows of one list that one script stores, the oldest first.
private struct RecordPart {
    struct Row {
        /// In the batch.
        var index: Int
        var json: [UInt8]
    }

    let key: String
    private(set) var rows: [Row]
    private var byteCount: Int

    init(key: String, row: Row) {
        self.key = key
        rows = [row]
        byteCount = row.json.count
    }

    /// Redis serves nobody else while a script runs.
    func hasSpace(for row: Row) -> Bool {
        rows.count < RecordScript.maximumRows && byteCount + row.json.count <= RecordScript.maximumBytes
    }

    mutating func add(_ row: Row) {
        rows.append(row)
        byteCount += row.json.count
    }
}

/// The atomic step that stores rows.
enum RecordScript {
    /// The most rows of one call.
    static let maximumRows = 50
    /// The bytes of one call's rows, and of those that it looks at, beside one.
    static let maximumBytes = 1 << 20

    /// KEYS: a list. ARGV: the last element that stays, lifetime in seconds, 1 = the rows may be stored already, rows,
    /// the oldest first. Returns 0 if they were.
    ///
    /// It begins with the removal of what the new rows displace, which needs no memory: where Redis has none left
    /// (`OOM`), it refuses a script whose first write may need memory, and none that has written. So attempts can be
    /// recorded, and with that their entries be settled, which frees memory. `EXPIRE` comes before `LPUSH` because a
    /// user that may not set the expiry must not add a row with each try.
    static let store = RedisScript(
        """
        if ARGV[3] == '1' then
            local bytes = 0
            for first = 0, \(WebhookRequestBuffer.capacity - 1), 10 do
                if bytes > \(maximumBytes) then break end
                for _, row in ipairs(redis.call('LRANGE', KEYS[1], first, first + 9)) do
                    if row == ARGV[#ARGV] then return 0 end
                    bytes = bytes + #row
                end
            end
        end
        redis.call('LTRIM', KEYS[1], 0, ARGV[1])
        local hasExpiry = redis.call('EXPIRE', KEYS[1], ARGV[2])
        redis.call('LPUSH', KEYS[1], unpack(ARGV, 4))
        if hasExpiry == 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
        return 1
        """)
}
