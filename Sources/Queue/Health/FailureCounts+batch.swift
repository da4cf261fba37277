package import Model
package import Redis

extension FailureCounts {
    /// Adds outcomes in one round trip; those of the same integration, day and kind by one command.
    ///
    /// After `.connectionLost` and `.timedOut` it is not known which were counted.
    ///
    /// - Returns: one for each integration and day, in the order of their first counts; a failure is about that one
    ///   alone.
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
        var answers = try connection.values(of: request, isRepeatable: false)[...]
        return days.map { key, tally in
            let count = tally.outcomes.count + 3
            defer { answers = answers.dropFirst(count) }
            let own = answers.prefix(count)
            return Result { () throws(RedisError) in try self.tally(tally, key: key, answers: own) }
        }
    }

    /// Each key by itself: the keys may lie on several nodes, and a day must not stay without its end.
    private func append(_ tally: FailureTally, key: String, to request: inout RedisRequest) {
        request.append("MULTI")
        for (outcome, count) in tally.outcomes {
            request.append("HINCRBY", key, outcome.field, String(count))
        }
        request.append("EXPIRE", key, String(lifetimeSeconds))
        request.append("EXEC")
    }

    private func tally(
        _ tally: FailureTally, key: String, answers: ArraySlice<ReplyValue>
    ) throws(RedisError) -> FailureTally {
        var tally = tally
        // A command that is refused when it is queued comes before the EXEC that fails because of it.
        for answer in answers { _ = try answer.checked(key: key) }
        let outcomes = tally.outcomes
        let results = try (answers.last ?? .null).list(key: key, atLeast: outcomes.count + 1)
        for (outcome, result) in zip(outcomes, results) { tally.totals[outcome.0] = try result.count(key: key) }
        _ = try results[outcomes.count].count(key: key)
        return tally
    }

    /// The outcomes of so many days of several integrations in one round trip, each as `days(of:upTo:count:)` of one; a
    /// failure is about that integration alone.
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
        var answers = try connection.values(of: request, isRepeatable: true)[...]
        return integrations.map { integration in
            let own = answers.prefix(count)
            answers = answers.dropFirst(count)
            return Result { () throws(RedisError) in
                var days: [DailyOutcomes] = []
                for (key, answer) in zip(integration.hashKeys(upTo: now, count: count), own) {
                    days.append(try DailyOutcomes(answer, key: key))
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
    /// What is no number, or missing, counts as none.
    fileprivate init(_ answer: ReplyValue, key: String) throws(RedisError) {
        let counts = try answer.list(key: key, atLeast: 4).map { Int($0.number ?? 0) }
        self.init(successes: counts[0], errors: counts[1], timeouts: counts[2], fatals: counts[3])
    }
}
