package import Model
package import Redis

/// What counts for the health of an integration (contract 7.6).
package enum FailureKind: String, CaseIterable, Sendable {
    case success, error, timeout

    /// The hash's field, as the original names it.
    var field: String { rawValue + "_count" }
}

/// Whose health is counted: an app at one organization.
package struct FailureCountKey: Hashable, Sendable {
    package var appID: Int64
    package var organizationID: Int64

    package init(appID: Int64, organizationID: Int64) {
        self.appID = appID
        self.organizationID = organizationID
    }

    /// The hash of the calendar day (UTC) that `time` lies in.
    func hashKey(at time: Timestamp) -> String {
        let date = CivilDate(time)
        let month = date.month < 10 ? "0\(date.month)" : String(date.month)
        let day = date.day < 10 ? "0\(date.day)" : String(date.day)
        let year = String(repeating: "0", count: max(0, 4 - String(date.year).count)) + String(date.year)
        return "sentry-app-error:\(appID):\(organizationID):\(year)-\(month)-\(day)"
    }

    /// The hashes of so many days, that of `time` first.
    func hashKeys(upTo time: Timestamp, count: Int) -> [String] {
        (0..<max(0, count)).map { hashKey(at: time.adding(seconds: -86400 * Int64($0))) }
    }
}

/// The daily counts of what became of an integration's webhooks, in Redis: the original's integration error buffer, key
/// for key (contract 7.6). One object serves one thread.
///
/// The keys have no hash tag: each command is about one key, so that they may lie on several nodes.
package final class FailureCounts {
    /// Days that `clear` removes (the original's `BUFFER_SIZE`).
    static let clearedDayCount = 30
    /// 8 days (contract 7.6, later revision).
    package static let defaultLifetimeSeconds = 691_200

    let connection: RedisConnection
    let lifetimeSeconds: Int

    /// - Parameter lifetimeSeconds: how long a day's counts live after the last of them.
    package init(connection: RedisConnection, lifetimeSeconds: Int = FailureCounts.defaultLifetimeSeconds) {
        self.connection = connection
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Adds one outcome to the day of `now`.
    ///
    /// After `.connectionLost` and `.timedOut` it is not known whether it was counted.
    package func record(
        _ outcome: FailureKind, of integration: FailureCountKey, at now: Timestamp
    ) throws(RedisError) {
        for tally in try record([FailureCount(integration, outcome, at: now)]) { _ = try tally.get() }
    }

    /// The outcomes of so many days, today's first, as `AutoDisableRule` takes them; a day without any is empty.
    package func days(
        of integration: FailureCountKey, upTo now: Timestamp, count: Int = 7
    ) throws(RedisError) -> [DailyOutcomes] {
        try days(of: [integration], upTo: now, count: count).first?.get() ?? []
    }

    /// Forgets the last 30 days, as the original does once an integration is disabled.
    package func clear(_ integration: FailureCountKey, at now: Timestamp) throws(RedisError) {
        let keys = integration.hashKeys(upTo: now, count: FailureCounts.clearedDayCount)
        var request = RedisRequest()
        for key in keys { request.append("DEL", key) }
        for (key, answer) in zip(keys, try connection.values(of: request, isRepeatable: false)) {
            _ = try answer.count(key: key)
        }
    }
}
