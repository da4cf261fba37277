/// What became of an app's webhooks on one calendar day (contract 7.6).
package struct DailyOutcomes: Hashable, Sendable {
    package var successes: Int
    package var errors: Int
    package var timeouts: Int
    package var fatals: Int

    package init(successes: Int = 0, errors: Int = 0, timeouts: Int = 0, fatals: Int = 0) {
        self.successes = successes
        self.errors = errors
        self.timeouts = timeouts
        self.fatals = fatals
    }
}
