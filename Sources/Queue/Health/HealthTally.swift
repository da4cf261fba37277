package import Model

/// Outcomes that are to be added to one day of one integration.
package struct HealthCount: Hashable, Sendable {
    package var integration: IntegrationKey
    package var outcome: HealthOutcome
    /// Decides the day.
    package var date: Timestamp
    package var count: Int

    package init(_ integration: IntegrationKey, _ outcome: HealthOutcome, at date: Timestamp, count: Int = 1) {
        self.integration = integration
        self.outcome = outcome
        self.date = date
        self.count = count
    }
}

/// What one call added to one day of one integration, and what the day holds of the same outcomes since then.
///
/// Redis adds and answers in one step: of several writers exactly one sees a total reach a limit.
package struct HealthTally: Hashable, Sendable {
    package var integration: IntegrationKey
    package var added: [HealthOutcome: Int] = [:]
    /// Of the outcomes in `added` only.
    package var totals: [HealthOutcome: Int] = [:]

    init(integration: IntegrationKey) {
        self.integration = integration
    }

    package func total(_ outcome: HealthOutcome) -> Int { totals[outcome, default: 0] }

    /// Whether this call made the total of an outcome reach `limit`.
    package func reached(_ limit: Int, of outcome: HealthOutcome) -> Bool {
        total(outcome) >= limit && total(outcome) - added[outcome, default: 0] < limit
    }
}
