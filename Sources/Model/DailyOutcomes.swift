/// What became of an app's webhooks on one calendar day (contract 7.6).
package struct DailyOutcomes: Hashable, Sendable {
    /// Answers below 300.
    package var successes: Int
    /// Answers from 400 to 499 but 429.
    package var errors: Int
    /// Time-outs and broken connections.
    package var timeouts: Int
    /// What only integrations other than apps count.
    package var fatals: Int

    package init(successes: Int = 0, errors: Int = 0, timeouts: Int = 0, fatals: Int = 0) {
        self.successes = successes
        self.errors = errors
        self.timeouts = timeouts
        self.fatals = fatals
    }
}
