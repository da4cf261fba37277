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
        _ outcome: FailureKind, of integration: FailureCountKey, at now: Timestamp
    ) throws(RedisError) {
        for tally in try record([FailureCount(integration, outcome, at: now)]) { _ = try tally.get() }
    }

    /// The outcomes of `count` days, today's first; a day without any is empty.
    package func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int = 7
    ) throws(RedisError) -> [DailyOutcomes] {
        try days(of: [integration], upTo: now, count: count).first?.get() ?? []
    }

    /// Deletes the counts of the last 30 days, as the original does once an integration is disabled.
    package func clear(_ integration: FailureCountKey, at now: Timestamp) throws(RedisError) {
        let keys = integration.hashKeys(upTo: now, count: FailureCounts.clearedDayCount)
        var request = RedisRequest()
        for key in keys { request.append("DEL", key) }
        for (key, reply) in zip(keys, try connection.values(of: request, isRepeatable: false)) {
            _ = try reply.count(key: key)
        }
    }
}

/// Reads the daily failure counts of an app. One object serves one thread.
package protocol FailureCountReading: AnyObject {
    /// The outcomes of `count` days, today's first; a day without any is empty.
    func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int
    ) throws(RedisError) -> [DailyOutcomes]
}

extension FailureCounts: FailureCountReading {}

extension FailureCounts {
    /// Adds outcomes in one round trip, with one command for each integration, day and kind.
    ///
    /// After `.connectionLost` and `.timedOut` it is unknown which were counted.
    ///
    /// - Returns: one result for each integration and day, in the order of their first counts; a failure affects only
    ///   that one.
    package func record(_ counts: [FailureCount]) throws(RedisError) -> [Result<FailureTally, RedisError>] {
        var keys: [String] = []
        var tallies: [String: FailureTally] = [:]
        for count in counts {
            let key = count.integration.hashKey(at: count.date)
            if tallies[key] == nil { keys.append(key) }
            tallies[key, default: FailureTally(integration: count.integration)]
                .added[count.outcome, default: 0] += count.count
        }
        guard !keys.isEmpty else { return [] }
        let days = keys.compactMap { key in tallies[key].map { (key: key, tally: $0) } }
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

    /// As `days(of:upTo:count:)`, for several integrations in one round trip; a failure affects only that integration.
    package func days(
        of integrations: [FailureCountKey], upTo now: Timestamp, count: Int = 7
    ) throws(RedisError) -> [Result<[DailyOutcomes], RedisError>] {
        guard !integrations.isEmpty, count > 0 else { return integrations.map { _ in .success([]) } }
        var request = RedisRequest()
        for integration in integrations {
            for key in integration.hashKeys(upTo: now, count: count) {
                request.append("HMGET", key, "success_count", "error_count", "timeout_count", "fatal_count")
            }
        }
        var replies = try connection.values(of: request, isRepeatable: true)[...]
        return integrations.map { integration in
            let ownReplies = replies.prefix(count)
            replies = replies.dropFirst(count)
            return Result { () throws(RedisError) in
                var days: [DailyOutcomes] = []
                for (key, reply) in zip(integration.hashKeys(upTo: now, count: count), ownReplies) {
                    days.append(try DailyOutcomes(reply, key: key))
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
