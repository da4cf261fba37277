package import Model

/// The outcomes of attempts that are counted (docs/protocol.md 7.6).
package enum FailureKind: String, CaseIterable, Sendable {
    case success, error, timeout

    /// The hash's field, as the original names it.
    var field: String { rawValue + "_count" }
}

/// Whose outcomes are counted: an app at one organization (the original's integration).
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

    /// The hashes of `count` days, that of `time` first.
    func hashKeys(upTo time: Timestamp, count: Int) -> [String] {
        (0..<max(0, count)).map { hashKey(at: time.adding(seconds: -86400 * Int64($0))) }
    }
}

/// A number of outcomes to add to one day of one key.
package struct FailureCount: Hashable, Sendable {
    package var key: FailureCountKey
    package var outcome: FailureKind
    /// Selects the day.
    package var date: Timestamp
    package var count: Int

    package init(_ key: FailureCountKey, _ outcome: FailureKind, at date: Timestamp, count: Int = 1) {
        self.key = key
        self.outcome = outcome
        self.date = date
        self.count = count
    }
}

/// What one call added to one day of one key, and the day's totals of the same outcomes after that.
///
/// Redis adds and returns atomically: of several writers exactly one sees a total reach a limit.
package struct FailureTally: Hashable, Sendable {
    package var key: FailureCountKey
    package var added: [FailureKind: Int] = [:]
    /// Of the outcomes in `added` only.
    package var totals: [FailureKind: Int] = [:]

    init(key: FailureCountKey) {
        self.key = key
    }

    package func total(_ outcome: FailureKind) -> Int { totals[outcome, default: 0] }

    /// Whether this call made the total of an outcome reach `limit`.
    package func reached(_ limit: Int, of outcome: FailureKind) -> Bool {
        total(outcome) >= limit && total(outcome) - added[outcome, default: 0] < limit
    }
}
