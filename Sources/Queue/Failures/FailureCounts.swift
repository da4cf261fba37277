package import Model
package import Redis

/// Daily counts of the outcomes of an integration's webhooks, in Redis: the original's integration error buffer, key
/// for key (docs/protocol.md 7.6). One object serves one thread.
///
/// The keys have no hash tag and may be on several nodes: each command is about one key.
package final class FailureCounts {
    /// The number of days that `clear` removes (the original's `BUFFER_SIZE`).
    static let clearedDayCount = 30
    /// 8 days (docs/protocol.md 7.6).
    package static let defaultLifetimeSeconds = 691_200

    let connection: RedisConnection
    let lifetimeSeconds: Int

    /// - Parameter lifetimeSeconds: lifetime of a day's counts after the last change.
    package init(connection: RedisConnection, lifetimeSeconds: Int = FailureCounts.defaultLifetimeSeconds) {
        self.connection = connection
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Adds one outcome to the day of `now`.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown whether it was counted.
    package func record(
        _ outcome: FailureKind, of key: FailureCountKey, at now: Timestamp
    ) throws(RedisError) {
        for tally in try record([FailureCount(key, outcome, at: now)]) { _ = try tally.get() }
    }

    /// The outcomes of `count` days, today's first; a day without any is empty.
    package func days(
        of key: FailureCountKey, upTo now: Timestamp, count: Int = 7
    ) throws(RedisError) -> [DailyOutcomes] {
        try days(of: [key], upTo: now, count: count).first?.get() ?? []
    }

    /// Deletes the counts of the last 30 days, as the original does once an integration is disabled.
    package func clear(_ key: FailureCountKey, at now: Timestamp) throws(RedisError) {
        let hashKeys = key.hashKeys(upTo: now, count: FailureCounts.clearedDayCount)
        var request = RedisRequest()
        for hashKey in hashKeys { request.append("DEL", hashKey) }
        for (hashKey, reply) in zip(hashKeys, try connection.values(of: request, isRepeatable: false)) {
            _ = try reply.count(key: hashKey)
        }
    }
}

/// Reads the daily failure counts of an app. One object serves one thread.
package protocol FailureCountReading: AnyObject {
    /// The outcomes of `count` days, today's first; a day without any is empty.
    func days(
        of key: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes]
}

extension FailureCounts: FailureCountReading {}

extension FailureCounts {
    /// Adds outcomes in one round trip, with one command for each key, day and kind.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were counted.
    ///
    /// - Returns: one result for each key and day, in the order of their first counts; a failure affects only that one.
    package func record(_ counts: [FailureCount]) throws(RedisError) -> [Result<FailureTally, RedisError>] {
        var hashKeys: [String] = []
        var tallies: [String: FailureTally] = [:]
        for count in counts {
            let hashKey = count.key.hashKey(at: count.date)
            if tallies[hashKey] == nil { hashKeys.append(hashKey) }
            tallies[hashKey, default: FailureTally(key: count.key)]
                .added[count.outcome, default: 0] += count.count
        }
        guard !hashKeys.isEmpty else { return [] }
        let days = hashKeys.compactMap { hashKey in tallies[hashKey].map { (key: hashKey, tally: $0) } }
        var request = RedisRequest()
        for (key, tally) in days { append(tally, key: key, to: &request) }
        var replies = try connection.values(of: request, isRepeatable: false)[...]
        return days.map { key, tally in
            let count = tally.outcomes.count + 3
            defer { replies = replies.dropFirst(count) }
            let ownReplies = replies.prefix(count)
            return Result { () throws(RedisError) in try self.tally(tally, key: key, replies: ownReplies) }
        }
    }

    /// A transaction for each key: the keys may be on several nodes, and each must have an expiry.
    private func append(_ tally: FailureTally, key: String, to request: inout RedisRequest) {
        request.append("MULTI")
        for (outcome, count) in tally.outcomes {
            request.append("HINCRBY", key, outcome.field, String(count))
        }
        request.append("EXPIRE", key, String(lifetimeSeconds))
        request.append("EXEC")
    }

    private func tally(
        _ tally: FailureTally, key: String, replies: ArraySlice<ReplyValue>
    ) throws(RedisError) -> FailureTally {
        var tally = tally
        // The error of a command that is refused when it is queued comes before that of the EXEC which fails because of
        // it.
        for reply in replies { _ = try reply.checked(key: key) }
        let outcomes = tally.outcomes
        let results = try (replies.last ?? .null).list(key: key, atLeast: outcomes.count + 1)
        for (outcome, result) in zip(outcomes, results) { tally.totals[outcome.0] = try result.count(key: key) }
        _ = try results[outcomes.count].count(key: key)
        return tally
    }

    /// As `days(of:upTo:count:)`, for several keys in one round trip; a failure affects only that key.
    package func days(
        of keys: [FailureCountKey], upTo now: Timestamp, count: Int = 7
    ) throws(RedisError) -> [Result<[DailyOutcomes], RedisError>] {
        guard !keys.isEmpty, count > 0 else { return keys.map { _ in .success([]) } }
        var request = RedisRequest()
        for key in keys {
            for hashKey in key.hashKeys(upTo: now, count: count) {
                request.append("HMGET", hashKey, "success_count", "error_count", "timeout_count", "fatal_count")
            }
        }
        var replies = try connection.values(of: request, isRepeatable: true)[...]
        return keys.map { key in
            let ownReplies = replies.prefix(count)
            replies = replies.dropFirst(count)
            return Result { () throws(RedisError) in
                var days: [DailyOutcomes] = []
                for (hashKey, reply) in zip(key.hashKeys(upTo: now, count: count), ownReplies) {
                    days.append(try DailyOutcomes(reply, key: hashKey))
                }
                return days
            }
        }
    }
}

extension FailureTally {
    /// In the order of the commands.
    fileprivate var outcomes: [(FailureKind, Int)] {
        FailureKind.allCases.compactMap { outcome in added[outcome].map { (outcome, $0) } }
    }
}

extension DailyOutcomes {
    /// Missing or invalid counts are 0.
    fileprivate init(_ reply: ReplyValue, key: String) throws(RedisError) {
        let counts = try reply.list(key: key, atLeast: 4).map { $0.count ?? 0 }
        self.init(successes: counts[0], errors: counts[1], timeouts: counts[2], fatals: counts[3])
    }
}
