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

    /// Stores payloads and the outcomes of attempts in one round trip, and one more where an app's limit evicts
    /// payloads. Payloads larger than the limit are skipped.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown what was stored; the call may be repeated.
    package func store(_ entries: [ArchiveEntry], now: Timestamp) throws(RedisError) {
        var positions: [Int64: Int] = [:]
        var calls: [ScriptCall] = []
        var added = ArchiveChanges()
        var apps: [Int64: Int64] = [:]
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        for entry in entries {
            let event = entry.event
            guard event.payload.count <= limits.maximumPayloadBytes else { continue }
            if entry.isNew {
                added.add(
                    ArchiveUsage.bytes(payload: event.payload.count), at: ArchiveUsage.start(event.enqueuedAt, limits))
                apps[event.appID] = min(apps[event.appID] ?? .max, event.enqueuedAt.microseconds)
            }
            let keys = ArchiveKeys(appID: event.appID)
            var position = positions[event.appID] ?? calls.count
            if position < calls.count, !hasSpace(calls[position], for: event) { position = calls.count }
            if position == calls.count {
                positions[event.appID] = position
                calls.append(
                    ScriptCall(
                        ArchiveScripts.store, keys: [keys.index, keys.errors], String(limits.lifetimeSeconds),
                        String(oldest.microseconds), String(limits.maximumEvents)))
            }
            calls[position].keys.append(keys.event(event.id))
            calls[position].keys.append(keys.event(entry.originalID ?? event.id))
            calls[position].append(event.id)
            calls[position].append(entry.originalID ?? event.id)
            calls[position].append(entry.isError ? "1" : "0")
            calls[position].append(entry.isLast ? "1" : "0")
            calls[position].append(entry.isNew ? "1" : "0")
            calls[position].append(event.event.rawValue)
            calls[position].append(event.enqueuedAt.microseconds)
            calls[position].append(entry.isNew ? event.payload : [])
        }
        let stored = calls.count
        if !apps.isEmpty { calls.append(usageCall(added, apps)) }
        let replies = try connection.run(calls)
        if replies.count > stored {
            _ = try replies[stored].count(key: ArchiveUsage.bytesKey)
            removals = ArchiveChanges()
        }
        try deleteEvicted(calls.prefix(stored), replies: replies)
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
    private func hasSpace(_ call: ScriptCall, for event: ArchivedEvent) -> Bool {
        call.keys.count - 2 < 2 * ArchiveScripts.maximumEvents
            && call.argumentByteCount + event.payload.count <= QueueScripts.maximumBytes
    }

    private func deleteEvicted(_ calls: ArraySlice<ScriptCall>, replies: [ReplyValue]) throws(RedisError) {
        var evicted: [String] = []
        for (call, reply) in zip(calls, replies) {
            // The index's key ends with `events`, an event's key with `event:` and the id.
            let prefix = call.keys[0].dropLast() + ":"
            evicted += try reply.list(key: call.keys[0]).compactMap(\.string).map { prefix + $0 }
        }
        // If this fails, the payloads expire later.
        removals.add(try delete(evicted).changes)
    }

    /// The event with this id; nil when it is unknown or has expired.
    package func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
        let key = ArchiveKeys(appID: appID).event(id)
        var request = RedisRequest()
        request.append("HGETALL", key)
        let reply = try connection.values(of: request, isRepeatable: true).first ?? .null
        return ArchivedEvent(id: id, appID: appID, try reply.list(key: key))
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

/// Finds archived payloads. One object serves one thread.
package protocol PayloadReading: AnyObject {
    /// The event with this id; nil when it is unknown or has expired.
    func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent?
    /// See `PayloadArchive.count`.
    func count(_ query: ArchiveQuery, now: Timestamp) throws(RedisError) -> Int
}

extension PayloadArchive: PayloadReading {}

/// The keys of an app's archive. Their hash tag keeps them on one node of a Redis Cluster.
struct ArchiveKeys {
    private let prefix: String

    init(appID: Int64) {
        prefix = "hookline:{app:\(appID)}:"
    }

    /// Field of an event's hash.
    static let failedRedeliveries = "failed-redeliveries"

    /// Hash: one event.
    func event(_ id: String) -> String { prefix + "event:" + id }
    /// Sorted set: ids of the archived events, by the time they were enqueued.
    var index: String { prefix + "events" }
    /// Sorted set: the ids of those whose last attempt, or whose last redelivery, failed.
    var errors: String { prefix + "event-errors" }
}

/// The atomic steps of the archive.
enum ArchiveScripts {
    /// The most events of one call.
    static let maximumEvents = 100
    /// More than one call adds, so that a list which exceeds its limit shrinks.
    static let maximumEvicted = 150

    /// KEYS: index, errors, then for each event its key and that of its original, which may be the event itself. ARGV:
    /// lifetime, least time, limit, then for each event: id, original's id, 1 = failed, 1 = no attempt follows, 1 =
    /// store its payload, event type, time, payload. Returns the ids that the limit evicted.
    ///
    /// At most `maximumEvicted` are removed for each reason: the calls of later attempts remove the others.
    static let store = RedisScript(
        """
        local kept, failed = false, false
        for i = 3, #KEYS, 2 do
            local at = 4 + (i - 3) * 4
            local id, original, time = ARGV[at], ARGV[at + 1], ARGV[at + 6]
            local isError, isLast, isNew = ARGV[at + 2] == '1', ARGV[at + 3] == '1', ARGV[at + 4] == '1'
            if isNew then
                kept = true
                redis.call('HSET', KEYS[i], 'event', ARGV[at + 5], 'enqueued', time, 'payload', ARGV[at + 7])
                redis.call('EXPIRE', KEYS[i], ARGV[1])
                redis.call('ZADD', KEYS[1], time, id)
            end
            local origin = original ~= id and redis.call('ZSCORE', KEYS[1], original)
            if not isError then
                redis.call('ZREM', KEYS[2], id, original)
            elseif origin then
                redis.call('ZREM', KEYS[2], id)
                if isLast then
                    failed = true
                    redis.call('ZADD', KEYS[2], origin, original)
                    if redis.call('EXISTS', KEYS[i + 1]) == 1 then
                        redis.call('HINCRBY', KEYS[i + 1], 'failed-redeliveries', 1)
                    end
                end
            elseif isNew or redis.call('ZSCORE', KEYS[1], id) then
                failed = true
                redis.call('ZADD', KEYS[2], time, id)
            end
        end
        if failed then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
        if not kept then return {} end
        redis.call('EXPIRE', KEYS[1], ARGV[1])
        for i = 1, 2 do
            local expired = redis.call('ZCOUNT', KEYS[i], '-inf', ARGV[2])
            if expired > 0 then
                redis.call('ZREMRANGEBYRANK', KEYS[i], 0, math.min(expired, \(maximumEvicted)) - 1)
            end
        end
        local excess = math.min(redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3]), \(maximumEvicted))
        if excess <= 0 then return {} end
        local removed = redis.call('ZRANGE', KEYS[1], 0, excess - 1)
        redis.call('ZREM', KEYS[1], unpack(removed))
        redis.call('ZREM', KEYS[2], unpack(removed))
        return removed
        """)
}
