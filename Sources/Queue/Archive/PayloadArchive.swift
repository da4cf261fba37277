package import Model
package import Redis

/// Keeps the payloads of an app's events for a limited time for redelivery: of one event by its id, or of those in a
/// time range. One object serves one thread.
///
/// It is a convenience, not a record: Redis' memory limits it, and events that are not found cannot be redelivered.
package final class PayloadArchive {
    let connection: RedisConnection
    let limits: ArchiveLimits
    /// What left the archives without having been told to `ArchiveUsage` yet: the next `store` does.
    private var removals = ArchiveChanges()

    /// - Parameter limits: `prune` keeps to `maximumBytes`, `store` to the others.
    package init(connection: RedisConnection, limits: ArchiveLimits = ArchiveLimits()) {
        self.connection = connection
        self.limits = limits
    }

    /// Stores payloads, outcomes and details of attempts in one round trip, and one more where an app's limit evicts
    /// payloads. Payloads larger than the limit are skipped. Details are stored only beside a payload.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown what was stored; the call may be repeated.
    package func store(_ entries: [ArchiveEntry], now: Timestamp) throws(RedisError) {
        var positions: [Int64: Int] = [:]
        var calls: [ScriptCall] = []
        // The periods of the entries of each call, in their order.
        var starts: [[Int64]] = []
        var added = ArchiveChanges()
        var apps: [Int64: Int64] = [:]
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        for entry in entries {
            let event = entry.event
            guard event.payload.count <= limits.maximumPayloadBytes else { continue }
            let details = entry.details?.storedBytes ?? []
            let start = ArchiveUsage.start(event.enqueuedAt, limits)
            if entry.isNew {
                added.add(ArchiveUsage.bytes(payload: event.payload.count), at: start)
                apps[event.appID] = min(apps[event.appID] ?? .max, event.enqueuedAt.microseconds)
            }
            if !details.isEmpty { added.add(ArchiveUsage.bytes(details: details.count), at: start) }
            var position = positions[event.appID] ?? calls.count
            if position < calls.count, !hasSpace(calls[position], for: event.payload.count + details.count) {
                position = calls.count
            }
            if position == calls.count {
                positions[event.appID] = position
                calls.append(call(appID: event.appID, oldest: oldest))
                starts.append([])
            }
            append(entry, details, to: &calls[position])
            starts[position].append(start)
        }
        let stored = calls.count
        if !added.isEmpty { calls.append(usageCall(added, apps)) }
        let replies = try connection.run(calls)
        if replies.count > stored {
            _ = try replies[stored].count(key: ArchiveUsage.bytesKey)
            removals = ArchiveChanges()
        }
        try deleteEvicted(calls.prefix(stored), starts, replies: replies)
    }

    private func call(appID: Int64, oldest: Timestamp) -> ScriptCall {
        let keys = ArchiveKeys(appID: appID)
        return ScriptCall(
            ArchiveScripts.store, keys: [keys.index, keys.errors, keys.bytes], String(limits.lifetimeSeconds),
            String(oldest.microseconds), String(limits.maximumEvents), String(limits.maximumAppBytes))
    }

    private func append(_ entry: ArchiveEntry, _ details: [UInt8], to call: inout ScriptCall) {
        let event = entry.event
        let keys = ArchiveKeys(appID: event.appID)
        call.keys.append(keys.event(event.id))
        call.keys.append(keys.event(entry.originalID ?? event.id))
        call.append(event.id)
        call.append(entry.originalID ?? event.id)
        call.append(entry.isError ? "1" : "0")
        call.append(entry.isLast ? "1" : "0")
        call.append(entry.isNew ? "1" : "0")
        call.append(event.event.rawValue)
        call.append(event.enqueuedAt.microseconds)
        call.append(entry.isNew ? event.payload : [])
        call.append(ArchiveUsage.bytes(payload: event.payload.count))
        call.append(entry.details?.field ?? "")
        call.append(details)
        call.append(ArchiveUsage.bytes(details: details.count))
    }

    private func usageCall(_ added: ArchiveChanges, _ apps: [Int64: Int64]) -> ScriptCall {
        var changes = added
        changes.add(removals)
        var call = ScriptCall(ArchiveUsage.add, keys: [ArchiveUsage.bytesKey, ArchiveUsage.appsKey])
        changes.append(to: &call)
        for (id, time) in apps {
            call.append(time)
            call.append(id)
        }
        return call
    }

    /// Whether an event may be added to the call of its app: one script blocks Redis only for a moment.
    private func hasSpace(_ call: ScriptCall, for byteCount: Int) -> Bool {
        call.keys.count - ArchiveScripts.appKeyCount < 2 * ArchiveScripts.maximumEvents
            && call.argumentByteCount + byteCount <= QueueScripts.maximumBytes
    }

    /// - Parameter starts: the periods of the entries of each call.
    private func deleteEvicted(
        _ calls: ArraySlice<ScriptCall>, _ starts: [[Int64]], replies: [ReplyValue]
    ) throws(RedisError) {
        var evicted: [String] = []
        for (index, call) in calls.enumerated() {
            let values = try replies[index].list(key: call.keys[0], atLeast: 1)
            let end = min(values.count, 1 + 2 * (values[0].count ?? 0))
            for position in stride(from: 1, to: end - 1, by: 2) {
                guard let entry = values[position].count, entry < starts[index].count else { continue }
                removals.add(-(values[position + 1].count ?? 0), at: starts[index][entry])
            }
            // The index's key ends with `events`, an event's key with `event:` and the id.
            let prefix = call.keys[0].dropLast() + ":"
            evicted += values[end...].compactMap(\.string).map { prefix + $0 }
        }
        // If this fails, the payloads expire later.
        removals.add(try delete(evicted).changes)
    }

    /// The event with this id; nil when it is unknown or has expired.
    package func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
        let key = ArchiveKeys(appID: appID).event(id)
        var request = RedisRequest()
        request.appendFields(ofEvent: key)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return ArchivedEvent(id: id, appID: appID, values: try reply.list(key: key))
    }

    /// Lists events, the oldest first.
    ///
    /// - Parameter cursor: `next` of the page before; nil: from the beginning.
    package func events(
        _ query: ArchiveQuery, now: Timestamp, after cursor: ArchivePage.Cursor? = nil, count: Int = 100
    ) throws(RedisError) -> ArchivePage {
        guard count > 0 else { return ArchivePage(events: [], next: cursor) }
        let count = min(count, SortedSetPage.maximumCount)
        let (key, first, last) = range(of: query, now: now)
        let call = SortedSetPage.call(key: key, from: first, to: last, behind: cursor?.last, count: count)
        let page = try SortedSetPage(try connection.run(call, isRepeatable: true), key: key)
        return ArchivePage(
            events: page.items.map {
                ArchivePage.Item(id: $0.member, enqueuedAt: Timestamp(clamping: $0.microseconds))
            },
            next: page.items.count < count ? nil : page.items.last.map { ArchivePage.Cursor(last: $0) })
    }
}

extension PayloadArchive {
    /// How many events a query lists.
    package func count(_ query: ArchiveQuery, now: Timestamp) throws(RedisError) -> Int {
        let (key, first, last) = range(of: query, now: now)
        var request = RedisRequest()
        request.append("ZCOUNT", key, String(first), last.map { String($0) } ?? "+inf")
        return try (connection.values(of: request, isRepeatable: true).first ?? .null).count(key: key)
    }

    /// The list that a query reads, and its first and last time in microseconds; a nil one is the newest.
    private func range(of query: ArchiveQuery, now: Timestamp) -> (key: String, first: Int64, last: Int64?) {
        let keys = ArchiveKeys(appID: query.appID)
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        return (
            query.errorsOnly ? keys.errors : keys.index, max(query.since ?? oldest, oldest).microseconds,
            query.until.map { $0.microseconds - 1 }
        )
    }
}

/// Finds archived payloads, and what is kept of their attempts. One object serves one thread.
package protocol PayloadReading: AnyObject {
    /// The event with this id; nil when it is unknown or has expired.
    func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent?

    /// The event with what is kept of its attempts and redeliveries.
    func record(id: String, appID: Int64) throws(RedisError) -> ArchivedRecord

    /// See `PayloadArchive.records`.
    func records(
        ids: ArraySlice<String>, appID: Int64, byteLimit: Int
    ) throws(RedisError) -> (records: [ArchivedRecord], byteCount: Int)

    /// See `PayloadArchive.count`.
    func count(_ query: ArchiveQuery, now: Timestamp) throws(RedisError) -> Int
}

extension PayloadArchive: PayloadReading {}
