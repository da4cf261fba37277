package import Model
package import Redis

/// The failure window of each app, and of each target of a relay: a small hash in Redis. One object serves one thread.
///
/// `hookline:{app:ID}:failures` and `hookline:{app:ID}:target:NAME:failures` have at most nine fields. What never fails
/// has none, unless timeouts are counted.
package final class FailureWindows {
    /// Different events that are counted: as many as a rule may ask for.
    package static let eventLimit = 3
    /// 60 days after the last change: twice the longest `HOOKLINE_DISABLE_DAYS`.
    static let lifetimeSeconds = 5_184_000

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    static func key(_ destination: WebhookDestination) -> String { destination.keyPrefix + "failures" }

    /// Adds outcomes in one round trip, with one script for each destination.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were added.
    ///
    /// - Parameters:
    ///   - outcomes: in the order in which they happened.
    ///   - countsTimeouts: whether to count timeouts and successes of the day, too.
    /// - Returns: the window of each destination after that; a failure affects only that one.
    package func record(
        _ outcomes: [WindowOutcome], countsTimeouts: Bool = false
    ) throws(RedisError) -> [WebhookDestination: Result<FailureWindow, RedisError>] {
        var destinations: [WebhookDestination] = []
        var calls: [WebhookDestination: ScriptCall] = [:]
        for outcome in outcomes {
            if calls[outcome.destination] == nil {
                destinations.append(outcome.destination)
                calls[outcome.destination] = ScriptCall(
                    FailureWindowScripts.record, keys: [Self.key(outcome.destination)],
                    String(Self.lifetimeSeconds), String(Self.eventLimit), countsTimeouts ? "1" : "0")
            }
            calls[outcome.destination]?.append(outcome.kind.rawValue)
            calls[outcome.destination]?.append(outcome.date.microseconds)
            calls[outcome.destination]?.append(outcome.date.day)
            calls[outcome.destination]?.append(outcome.eventID)
        }
        guard !destinations.isEmpty else { return [:] }
        let replies = try connection.run(destinations.compactMap { calls[$0] })
        var windows: [WebhookDestination: Result<FailureWindow, RedisError>] = [:]
        for (destination, reply) in zip(destinations, replies) {
            windows[destination] = Result { () throws(RedisError) in
                FailureWindow(try reply.list(key: Self.key(destination)))
            }
        }
        return windows
    }

    /// The window of an app; an empty one when nothing is known.
    package func window(appID: Int64) throws(RedisError) -> FailureWindow {
        try window(of: WebhookDestination(appID: appID))
    }

    /// The window of an app or a target; an empty one when nothing is known.
    package func window(of destination: WebhookDestination) throws(RedisError) -> FailureWindow {
        let key = Self.key(destination)
        var request = RedisRequest()
        request.append("HGETALL", key)
        return FailureWindow(try (try connection.values(of: request, isRepeatable: true).first ?? .null).list(key: key))
    }

    /// Notes that owners were warned of a percentage; true for one caller only, and false when something succeeded in
    /// between.
    ///
    /// - Parameter first: of the failures that they were warned of.
    package func markWarned(
        _ destination: WebhookDestination, percent: Int, first: Timestamp
    ) throws(RedisError) -> Bool {
        let key = Self.key(destination)
        let call = ScriptCall(
            FailureWindowScripts.markWarned, keys: [key], String(first.microseconds), String(percent))
        return try connection.run(call).count(key: key) == 1
    }

    /// Deletes the window, and what was noted to disable the app, once it is disabled or enabled.
    package func clear(appID: Int64) throws(RedisError) {
        try clear(WebhookDestination(appID: appID))
        try PendingDisablings(connection: connection).remove(appID: appID)
    }

    /// Deletes the window of an app or a target.
    package func clear(_ destination: WebhookDestination) throws(RedisError) {
        let key = Self.key(destination)
        var request = RedisRequest()
        request.append("DEL", key)
        _ = try (try connection.values(of: request, isRepeatable: true).first ?? .null).count(key: key)
    }
}

/// Reads and resets the failure windows of apps. One object serves one thread.
package protocol FailureWindowKeeping: AnyObject {
    /// The window of an app; an empty one when nothing is known.
    func window(appID: Int64) throws(RedisError) -> FailureWindow

    /// The window of an app or a target of its relay.
    func window(of destination: WebhookDestination) throws(RedisError) -> FailureWindow

    /// Deletes the window, and what was noted to disable the app, once it is disabled or enabled.
    func clear(appID: Int64) throws(RedisError)
}

extension FailureWindows: FailureWindowKeeping {}

extension FailureWindow {
    /// From a flat list of field names and values; missing and invalid ones count as absent.
    fileprivate init(_ values: [ReplyValue]) {
        let fields = FieldReader(values)
        self.init(
            warnedPercent: fields.count("warned") ?? 0, timeouts: fields.count("timeouts") ?? 0,
            successes: fields.count("successes") ?? 0)
        guard let first = fields.time("first"), let last = fields.time("last") else { return }
        failures = Failures(
            first: first, last: last,
            eventCount: (fields.string("events") ?? "").split(separator: " ").count,
            dayCount: fields.count("days") ?? 0)
    }
}

extension Timestamp {
    /// The calendar day (UTC), counted from 1970.
    fileprivate var day: Int64 { (seconds >= 0 ? seconds : seconds - 86399) / 86400 }
}

/// The atomic steps of failure windows.
private enum FailureWindowScripts {
    /// KEYS: the hash. ARGV: lifetime, limit of events, 1 = timeouts are counted, then for each outcome: kind, time,
    /// day, event. Returns the fields of the hash.
    static let record = RedisScript(
        """
        local flat, hash, changed = redis.call('HGETALL', KEYS[1]), {}, false
        for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
        for i = 4, #ARGV, 4 do
            local kind, time, day, event = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
            if kind ~= 'success' then
                changed = true
                hash.first, hash.last, hash.events = hash.first or time, time, hash.events or ''
                if tonumber(day) > (tonumber(hash.day) or -1) then
                    hash.day, hash.days = day, string.format('%d', (tonumber(hash.days) or 0) + 1)
                end
                local _, count = string.gsub(hash.events, '%S+', '')
                if count < tonumber(ARGV[2]) and not string.find(hash.events, event, 1, true) then
                    hash.events = hash.events .. (count > 0 and ' ' or '') .. event
                end
            elseif hash.first then
                changed = true
                for _, field in ipairs({'first', 'last', 'events', 'day', 'days', 'warned'}) do hash[field] = nil end
            end
            if ARGV[3] == '1' and kind ~= 'failure' then
                changed = true
                if tonumber(day) > (tonumber(hash.today) or -1) then
                    hash.today, hash.timeouts, hash.successes = day, '0', '0'
                end
                local field = kind == 'timeout' and 'timeouts' or 'successes'
                hash[field] = string.format('%d', (tonumber(hash[field]) or 0) + 1)
            end
        end
        local fields = {}
        for field, value in pairs(hash) do
            table.insert(fields, field)
            table.insert(fields, value)
        end
        if changed then
            redis.call('DEL', KEYS[1])
            if #fields > 0 then
                redis.call('HSET', KEYS[1], unpack(fields))
                redis.call('EXPIRE', KEYS[1], ARGV[1])
            end
        end
        return fields
        """)

    /// KEYS: the hash. ARGV: the first failure, percentage.
    static let markWarned = RedisScript(
        """
        if redis.call('HGET', KEYS[1], 'first') ~= ARGV[1] then return 0 end
        if tonumber(redis.call('HGET', KEYS[1], 'warned') or '0') >= tonumber(ARGV[2]) then return 0 end
        redis.call('HSET', KEYS[1], 'warned', ARGV[2])
        return 1
        """)
}
