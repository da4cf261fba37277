package import Model
package import Redis

/// One event after an attempt, as the archive takes it in a batch.
package struct ArchiveEntry: Sendable {
    package var event: ArchivedEvent
    /// Whether the attempt failed: the lists of errors go by the last one.
    package var isError: Bool
    /// Whether the payload is to be kept from now on; false where it was kept after an earlier attempt.
    package var isNew: Bool

    package init(event: ArchivedEvent, isError: Bool, isNew: Bool) {
        self.event = event
        self.isError = isError
        self.isNew = isNew
    }
}

extension PayloadArchive {
    /// Keeps payloads and notes what became of the attempts, all in one round trip, and one more where the bound of an
    /// app pushes payloads out. What is larger than the limit is left out.
    ///
    /// After `.connectionLost` and `.timedOut` it is not known what was kept; the same call may be made again.
    package func store(_ entries: [ArchiveEntry], now: Timestamp) throws(RedisError) {
        var positions: [Int64: Int] = [:]
        var calls: [ScriptCall] = []
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        for entry in entries {
            let event = entry.event
            guard event.payload.count <= limits.maximumPayloadBytes else { continue }
            let keys = ArchiveKeys(appID: event.appID)
            let position = positions[event.appID] ?? calls.count
            if position == calls.count {
                positions[event.appID] = position
                calls.append(
                    ScriptCall(
                        ArchiveScripts.batch, keys: [keys.index, keys.errors], String(limits.lifetimeSeconds),
                        String(oldest.microseconds), String(limits.maximumEvents)))
            }
            calls[position].keys.append(keys.event(event.id))
            calls[position].append(event.id)
            calls[position].append(entry.isError ? "1" : "0")
            calls[position].append(entry.isNew ? "1" : "0")
            calls[position].append(event.event.rawValue)
            calls[position].append(event.enqueuedAt.microseconds)
            calls[position].append(entry.isNew ? event.payload : [])
        }
        try removeSuperfluous(of: calls, answers: try connection.run(calls))
    }

    private func removeSuperfluous(of calls: [ScriptCall], answers: [ReplyValue]) throws(RedisError) {
        var request = RedisRequest()
        for (call, answer) in zip(calls, answers) {
            // The index ends in `events`, an event's key in `event:` and the id.
            let prefix = call.keys[0].dropLast() + ":"
            for id in try answer.list(key: call.keys[0]).compactMap(\.string) { request.append("DEL", prefix + id) }
        }
        // Should these fail, the payloads go when their time is over.
        if request.commandCount > 0 { _ = try connection.values(of: request, isRepeatable: false) }
    }
}
