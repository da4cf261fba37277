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

/// When an integration counts as broken (contract 7.6, `is_integration_broken`).
package struct BrokenRule: Hashable, Sendable {
    /// So many time-outs on one day are enough (the original's `BROKEN_TIMEOUT_THRESHOLD`).
    package var timeoutThreshold: Int
    /// So many calendar days, today included, are looked at (the original's `BROKEN_RANGE_DAYS`).
    package var dayCount: Int

    package init(timeoutThreshold: Int = 1000, dayCount: Int = 7) {
        self.timeoutThreshold = timeoutThreshold
        self.dayCount = dayCount
    }

    private enum Verdict {
        case fatal, timeout, error, fine
    }

    /// Whether any day was fatal or full of time-outs, or every day had errors and no success.
    ///
    /// - Parameter days: the outcomes of `dayCount` consecutive days, today first; a day without any is empty.
    package func isBroken(_ days: some Sequence<DailyOutcomes>) -> Bool {
        let verdicts = days.prefix(dayCount).map(verdict)
        return verdicts.contains { $0 == .fatal || $0 == .timeout }
            || (verdicts.count == dayCount && verdicts.allSatisfy { $0 == .error })
    }

    /// The first that fits, in this order.
    private func verdict(_ day: DailyOutcomes) -> Verdict {
        if day.fatals > 0 { return .fatal }
        if day.timeouts >= timeoutThreshold { return .timeout }
        return day.errors > 0 && day.successes == 0 ? .error : .fine
    }
}
