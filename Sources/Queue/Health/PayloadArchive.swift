package import Model
package import Redis

/// Keeps the payloads of an app's events for a while, so that they can be sent again: one by its id, or those of a
/// window of time. One object serves one thread.
///
/// It is a convenience, not a record: Redis' memory bounds it, and what is not found cannot be sent again.
package final class PayloadArchive {
    /// What became of a payload.
    package enum StoreOutcome: Hashable, Sendable {
        case stored
        case tooLarge(bytes: Int, limit: Int)
    }

    let connection: RedisConnection
    let limits: ArchiveLimits

    /// - Parameter limits: `maximumPayloadBytes` times `maximumEvents` bounds the memory of each app; the lifetime is what
    ///   bounds it in practice.
    package init(connection: RedisConnection, limits: ArchiveLimits = ArchiveLimits()) {
        self.connection = connection
        self.limits = limits
    }

    /// Keeps a payload from now on; once more with the same id changes nothing but the time it is kept.
    package func store(_ event: ArchivedEvent, now: Timestamp) throws(RedisError) -> StoreOutcome {
        guard event.payload.count <= limits.maximumPayloadBytes else {
            return .tooLarge(bytes: event.payload.count, limit: limits.maximumPayloadBytes)
        }
        let keys = ArchiveKeys(appID: event.appID)
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        var call = ScriptCall(
            ArchiveScripts.store, keys: [keys.event(event.id), keys.index, keys.errors],
            String(limits.lifetimeSeconds), String(oldest.microseconds), String(limits.maximumEvents), event.id,
            event.event.rawValue, String(event.enqueuedAt.microseconds))
        call.append(event.payload)
        let superfluous = try connection.run(call).list(key: keys.index).compactMap(\.string)
        guard !superfluous.isEmpty else { return .stored }
        var request = RedisRequest()
        for id in superfluous { request.append("DEL", keys.event(id)) }
        // Should these fail, the payloads go when their time is over.
        _ = try connection.values(of: request, isRepeatable: false)
        return .stored
    }

    /// Notes what became of an event's last attempt; nothing for an event that is not kept.
    package func recordOutcome(of id: String, appID: Int64, isError: Bool) throws(RedisError) {
        let keys = ArchiveKeys(appID: appID)
        let call = ScriptCall(
            ArchiveScripts.outcome, keys: [keys.index, keys.errors], id, isError ? "1" : "0",
            String(limits.lifetimeSeconds))
        _ = try connection.run(call).count(key: keys.errors)
    }

    /// The event with this id; nil when it is not kept (any more).
    package func event(id: String, appID: Int64) throws(RedisError) -> ArchivedEvent? {
        let key = ArchiveKeys(appID: appID).event(id)
        var request = RedisRequest()
        request.append("HGETALL", key)
        let answer = try connection.values(of: request, isRepeatable: true).first ?? .null
        return ArchivedEvent(id: id, appID: appID, try answer.list(key: key))
    }

    /// Lists events, the oldest first.
    ///
    /// - Parameter cursor: `next` of the piece before; nil = from the beginning.
    package func events(
        _ query: ArchiveQuery, now: Timestamp, after cursor: ArchivePage.Cursor? = nil, count: Int = 100
    ) throws(RedisError) -> ArchivePage {
        guard count > 0 else { return ArchivePage(events: [], next: cursor) }
        let keys = ArchiveKeys(appID: query.appID)
        let key = query.errorsOnly ? keys.errors : keys.index
        let oldest = now.adding(seconds: -Int64(limits.lifetimeSeconds))
        let call = SortedSetPage.call(
            key: key, from: max(query.since ?? oldest, oldest).microseconds,
            to: query.until.map { $0.microseconds - 1 }, behind: cursor?.last, count: count)
        let page = try SortedSetPage(try connection.run(call, isRepeatable: true), key: key)
        return ArchivePage(
            events: page.items.map {
                ArchivePage.Item(id: $0.member, enqueuedAt: Timestamp(microseconds: $0.score))
            },
            next: page.items.count < count ? nil : page.items.last.map { ArchivePage.Cursor(last: $0) })
    }
}

/// The keys of an app's archive; the braces keep them on one node of a Redis Cluster.
struct ArchiveKeys {
    private let prefix: String

    init(appID: Int64) {
        prefix = "hookline:{app:\(appID)}:"
    }

    /// Hash: one event.
    func event(_ id: String) -> String { prefix + "event:" + id }
    /// Sorted set: ids of the kept events, by the time they were enqueued.
    var index: String { prefix + "events" }
    /// Sorted set: those of them whose last attempt failed.
    var errors: String { prefix + "event-errors" }
}

/// The steps of the archive that must happen as a whole.
enum ArchiveScripts {
    /// KEYS: event, index, errors. ARGV: lifetime, least time, bound, id, event type, time, payload. Returns ids that
    /// the bound pushed out.
    static let store = RedisScript(
        """
        redis.call('HSET', KEYS[1], 'event', ARGV[5], 'enqueued', ARGV[6], 'payload', ARGV[7])
        redis.call('EXPIRE', KEYS[1], ARGV[1])
        redis.call('ZADD', KEYS[2], ARGV[6], ARGV[4])
        redis.call('EXPIRE', KEYS[2], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[2])
        local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[3])
        if excess <= 0 then return {} end
        local removed = redis.call('ZRANGE', KEYS[2], 0, excess - 1)
        for _, id in ipairs(removed) do
            redis.call('ZREM', KEYS[2], id)
            redis.call('ZREM', KEYS[3], id)
        end
        return removed
        """)

    /// KEYS: index, errors. ARGV: id, 1 = failed, lifetime.
    static let outcome = RedisScript(
        """
        local time = redis.call('ZSCORE', KEYS[1], ARGV[1])
        if ARGV[2] == '1' and time then
            redis.call('ZADD', KEYS[2], time, ARGV[1])
            redis.call('EXPIRE', KEYS[2], ARGV[3])
        else
            redis.call('ZREM', KEYS[2], ARGV[1])
        end
        return 1
        """)

    /// KEYS: index, errors, then the key of each event. ARGV: lifetime, least time, bound, then of each event: id,
    /// 1 = failed, 1 = its payload is to be kept, event type, time, payload. Returns ids that the bound pushed out.
    static let batch = RedisScript(
        """
        local kept, failed = false, false
        for i = 3, #KEYS do
            local at = 4 + (i - 3) * 6
            local id, time = ARGV[at], ARGV[at + 4]
            if ARGV[at + 2] == '1' then
                kept = true
                redis.call('HSET', KEYS[i], 'event', ARGV[at + 3], 'enqueued', time, 'payload', ARGV[at + 5])
                redis.call('EXPIRE', KEYS[i], ARGV[1])
                redis.call('ZADD', KEYS[1], time, id)
            end
            if ARGV[at + 1] ~= '1' then
                redis.call('ZREM', KEYS[2], id)
            elseif ARGV[at + 2] == '1' or redis.call('ZSCORE', KEYS[1], id) then
                failed = true
                redis.call('ZADD', KEYS[2], time, id)
            end
        end
        if failed then redis.call('EXPIRE', KEYS[2], ARGV[1]) end
        if not kept then return {} end
        redis.call('EXPIRE', KEYS[1], ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2])
        local excess = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[3])
        if excess <= 0 then return {} end
        local removed = redis.call('ZRANGE', KEYS[1], 0, excess - 1)
        for _, id in ipairs(removed) do
            redis.call('ZREM', KEYS[1], id)
            redis.call('ZREM', KEYS[2], id)
        end
        return removed
        """)
}
