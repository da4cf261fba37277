package import Model
package import Redis

/// When each app last had an attempt, and when it last had an event that was not sent.
///
/// The lists of the request log expire 30 days after their last row (docs/protocol.md 1.6), so that they do not tell
/// for how long nothing has been sent. Two sorted sets, whose members are ids of apps and whose scores are seconds
/// since the epoch, remember it longer. A time never goes back, except one that is ahead of the clock of Redis by more
/// than clocks differ. One object serves one thread.
package final class LastTimes: LastTimeReading {
    /// How long an app is remembered, in seconds: 400 days, more than the longest silence that can be set.
    package static let lifetimeSeconds: Int64 = 34_560_000
    /// One node of a Redis Cluster has all keys about silence.
    static let attemptsKey = "hookline:{silence}:attempts"
    static let unsentKey = "hookline:{silence}:unsent"

    /// How far the clocks of programs that note times may be ahead, in seconds. Later times are those of a wrong clock.
    package static let maximumSecondsAhead: Int64 = 300

    /// The apps of one call: Redis serves nobody else while a script runs.
    private static let batch = 256

    /// KEYS: a sorted set. ARGV: for each app the time and its id.
    ///
    /// Not `ZADD` with `GT`, which Redis has only since 6.2. What a wrong clock has left is replaced by the next time.
    private static let note = RedisScript(
        """
        local latest = redis.call('TIME')[1] + \(maximumSecondsAhead)
        for i = 1, #ARGV, 2 do
            local last = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i + 1]))
            if not last or last < tonumber(ARGV[i]) or last > latest then
                redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1])
            end
        end
        return 1
        """)

    /// KEYS: attempts, unsent events, rounds. ARGV: ids of apps. Returns since when workers note what is not sent, then
    /// both times of each app; what is not known is empty.
    private static let read = RedisScript(
        """
        local result = { redis.call('HGET', KEYS[3], 'since') or '' }
        for i = 1, #ARGV do
            result[2 * i] = redis.call('ZSCORE', KEYS[1], ARGV[i]) or ''
            result[2 * i + 1] = redis.call('ZSCORE', KEYS[2], ARGV[i]) or ''
        end
        return result
        """)

    private let connection: RedisConnection

    package init(connection: RedisConnection) {
        self.connection = connection
    }

    /// The calls that note attempts, to be sent with those that record them.
    static func calls(noting records: [WebhookRequestRecord]) -> [ScriptCall] {
        calls(noting: records.map { ($0.appID, $0.date) }, in: attemptsKey)
    }

    private static func calls(noting times: [(appID: Int64, date: Timestamp)], in key: String) -> [ScriptCall] {
        let newest = Dictionary(times.map { ($0.appID, $0.date) }, uniquingKeysWith: max).sorted { $0.key < $1.key }
        return stride(from: 0, to: newest.count, by: batch).map { start in
            var call = ScriptCall(note, keys: [key])
            for (appID, date) in newest[start..<min(start + batch, newest.count)] {
                call.append(date.seconds)
                call.append(appID)
            }
            return call
        }
    }

    /// Notes attempts that others have recorded.
    package func noteAttempts(_ times: [(appID: Int64, date: Timestamp)]) throws(RedisError) {
        try run(Self.calls(noting: times, in: Self.attemptsKey), key: Self.attemptsKey)
    }

    /// Notes events that were accepted and not sent.
    package func noteUnsent(_ times: [(appID: Int64, date: Timestamp)]) throws(RedisError) {
        try run(Self.calls(noting: times, in: Self.unsentKey), key: Self.unsentKey)
    }

    private func run(_ calls: [ScriptCall], key: String) throws(RedisError) {
        for reply in try connection.run(calls, isRepeatable: true) { _ = try reply.count(key: key) }
    }

    package func times(of appIDs: [Int64]) throws(RedisError) -> LastTimesPage {
        var call = ScriptCall(Self.read, keys: [Self.attemptsKey, Self.unsentKey, SilenceRounds.key])
        for id in appIDs { call.append(id) }
        let values = try connection.run(call, isRepeatable: true)
            .list(key: Self.attemptsKey, atLeast: 1 + 2 * appIDs.count)
        let dates = values.map { $0.number.map { Timestamp(seconds: $0) } }
        return LastTimesPage(
            observedSince: dates[0],
            apps: appIDs.indices.map { .init(attempt: dates[1 + 2 * $0], unsent: dates[2 + 2 * $0]) })
    }
}

/// What is remembered of some apps.
package struct LastTimesPage: Hashable, Sendable {
    package struct Times: Hashable, Sendable {
        /// The last attempt; nil = none is known.
        package var attempt: Timestamp?
        /// The last event that was accepted and not sent; nil = none is known.
        package var unsent: Timestamp?

        package init(attempt: Timestamp? = nil, unsent: Timestamp? = nil) {
            self.attempt = attempt
            self.unsent = unsent
        }
    }

    /// Since when workers note events that are not sent; nil = none has done so yet.
    package var observedSince: Timestamp?
    /// In the order of the ids.
    package var apps: [Times]

    package init(observedSince: Timestamp? = nil, apps: [Times]) {
        self.observedSince = observedSince
        self.apps = apps
    }
}

/// Reads what is remembered of apps. One object serves one thread.
package protocol LastTimeReading: AnyObject {
    /// The times of apps, in one round trip.
    func times(of appIDs: [Int64]) throws(RedisError) -> LastTimesPage
}
