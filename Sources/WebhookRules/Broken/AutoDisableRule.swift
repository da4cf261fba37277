package import Model

/// When an integration counts as broken (contract 7.6, `is_integration_broken`).
package struct AutoDisableRule: Hashable, Sendable {
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

    /// Which of the rule's ways an integration is broken in.
    package enum Diagnostic: Hashable, Sendable {
        case fatal, timeouts, errorDays
    }

    /// Whether any day was fatal or full of time-outs, or every day had errors and no success.
    ///
    /// - Parameter days: the outcomes of `dayCount` consecutive days, today first; a day without any is empty.
    package func isBroken(_ days: some Sequence<DailyOutcomes>) -> Bool { finding(in: days) != nil }

    /// In which way the integration is broken; nil when it is not.
    package func finding(in days: some Sequence<DailyOutcomes>) -> Diagnostic? {
        let verdicts = days.prefix(dayCount).map(verdict)
        if verdicts.contains(.fatal) { return .fatal }
        if verdicts.contains(.timeout) { return .timeouts }
        return verdicts.count == dayCount && verdicts.allSatisfy { $0 == .error } ? .errorDays : nil
    }

    /// Whether so many per cent of the rule are reached, by the time-outs of today or by days of errors in a row.
    ///
    /// Rounded towards the beginning, so that 90 % of seven days are six of them and not all seven. A day on which
    /// nothing has succeeded yet does not end a row of days of errors.
    package func isReached(percent: Int, in days: some Sequence<DailyOutcomes>) -> Bool {
        let days = Array(days.prefix(dayCount))
        let undecided = days.first.map { $0.successes == 0 && verdict($0) != .error } ?? false
        let row = days.dropFirst(undecided ? 1 : 0).prefix { verdict($0) == .error }.count
        return row >= share(percent, of: dayCount)
            || (days.first?.timeouts ?? 0) >= share(percent, of: timeoutThreshold)
    }

    /// At least 1.
    package func share(_ percent: Int, of limit: Int) -> Int {
        let (product, overflow) = limit.multipliedReportingOverflow(by: percent)
        return max(1, overflow ? limit / 100 * percent : product / 100)
    }

    /// The first that fits, in this order.
    private func verdict(_ day: DailyOutcomes) -> Verdict {
        if day.fatals > 0 { return .fatal }
        if day.timeouts >= timeoutThreshold { return .timeout }
        return day.errors > 0 && day.successes == 0 ? .error : .fine
    }
}
