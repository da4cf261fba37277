package import Model

/// Outcomes that are to be added to one day of one integration.
package struct FailureCount: Hashable, Sendable {
    package var integration: FailureCountKey
    package var outcome: FailureKind
    /// Decides the day.
    package var date: Timestamp
    package var count: Int

    package init(_ integration: FailureCountKey, _ outcome: FailureKind, at date: Timestamp, count: Int = 1) {
        self.integration = integration
        self.outcome = outcome
        self.date = date
        self.count = count
    }
}

/// What one call added to one day of one integration, and what the day holds of the same outcomes since then.
///
/// Redis adds and answers in one step: of several writers exactly one sees a total reach a limit.
package struct FailureTally: Hashable, Sendable {
    package var integration: FailureCountKey
    package var added: [FailureKind: Int] = [:]
    /// Of the outcomes in `added` only.
    package var totals: [FailureKind: Int] = [:]

    init(integration: FailureCountKey) {
        self.integration = integration
    }

    package func total(_ outcome: FailureKind) -> Int { totals[outcome, default: 0] }

    /// Whether this call made the total of an outcome reach `limit`.
    package func reached(_ limit: Int, of outcome: FailureKind) -> Bool {
        total(outcome) >= limit && total(outcome) - added[outcome, default: 0] < limit
    }
}
