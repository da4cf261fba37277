package import Model

/// The failures at which an app is disabled (docs/protocol.md 7.6, `is_integration_broken`).
package struct AutoDisableRule: Hashable, Sendable {
    /// Timeouts on one day at which the app is disabled (the original's `BROKEN_TIMEOUT_THRESHOLD`); nil = never.
    package var timeoutThreshold: Int?
    /// Consecutive calendar days of errors at which the app is disabled, today included (the original's
    /// `BROKEN_RANGE_DAYS`).
    package var dayCount: Int

    package init(timeoutThreshold: Int? = 1000, dayCount: Int = 7) {
        self.timeoutThreshold = timeoutThreshold
        self.dayCount = dayCount
    }

    private enum Verdict {
        case fatal, timeout, error, good
    }

    /// The condition of the rule that is met.
    package enum Cause: Hashable, Sendable {
        case fatal, timeouts, errorDays
    }

    /// Whether a day has a fatal failure or too many timeouts, or every day has errors and no success.
    ///
    /// - Parameter days: the results of `dayCount` consecutive days, today first; a day without any is empty.
    package func isMet(by days: some Sequence<DailyOutcomes>) -> Bool { cause(in: days) != nil }

    /// The condition that is met; nil when none is.
    package func cause(in days: some Sequence<DailyOutcomes>) -> Cause? {
        let verdicts = days.prefix(dayCount).map(verdict)
        if verdicts.contains(.fatal) { return .fatal }
        if verdicts.contains(.timeout) { return .timeouts }
        return verdicts.count == dayCount && verdicts.allSatisfy { $0 == .error } ? .errorDays : nil
    }

    /// Whether a percentage of a limit is reached, by the timeouts of today or by consecutive days of errors.
    ///
    /// Rounded down, so that 90 % of seven days are six. Today does not interrupt the days of errors as long as nothing
    /// has succeeded.
    package func isReached(percent: Int, in days: some Sequence<DailyOutcomes>) -> Bool {
        let days = Array(days.prefix(dayCount))
        let undecided = days.first.map { $0.successes == 0 && verdict($0) != .error } ?? false
        let errorDays = days.dropFirst(undecided ? 1 : 0).prefix { verdict($0) == .error }.count
        if errorDays >= share(percent, of: dayCount) { return true }
        return timeoutThreshold.map { (days.first?.timeouts ?? 0) >= share(percent, of: $0) } ?? false
    }

    /// A percentage of a limit, rounded down; at least 1.
    package func share(_ percent: Int, of limit: Int) -> Int {
        let (product, overflow) = limit.multipliedReportingOverflow(by: percent)
        return max(1, overflow ? limit / 100 * percent : product / 100)
    }

    /// The first that applies.
    private func verdict(_ day: DailyOutcomes) -> Verdict {
        if day.fatals > 0 { return .fatal }
        if let timeoutThreshold, day.timeouts >= timeoutThreshold { return .timeout }
        return day.errors > 0 && day.successes == 0 ? .error : .good
    }
}

/// Settings of automatic disabling.
package struct AutoDisableSettings: Hashable, Sendable {
    /// The apps that the rule applies to. An app whose receiver responds with 410 is always disabled.
    package enum Apps: String, Sendable, CaseIterable {
        /// As the original (docs/protocol.md 7.6).
        case `internal`
        case all
        case none
    }

    /// The rule by which apps are disabled.
    package enum Rule: Hashable, Sendable {
        /// The original's, for each app at each organization.
        case daily(AutoDisableRule)
        /// That of the policy `standard`, for each app.
        case window(FailureWindowRule)

        /// Whether it needs the timeouts and successes of a failure window.
        package var countsTimeouts: Bool {
            switch self {
            case .daily: false
            case .window(let rule): rule.timeoutThreshold != nil
            }
        }

        /// The same rule with other limits.
        ///
        /// - Parameter timeoutThreshold: nil = no limit.
        package func with(dayCount: Int, timeoutThreshold: Int?) -> Rule {
            switch self {
            case .daily(var rule):
                rule.dayCount = dayCount
                rule.timeoutThreshold = timeoutThreshold
                return .daily(rule)
            case .window(var rule):
                rule.dayCount = dayCount
                rule.timeoutThreshold = timeoutThreshold
                return .window(rule)
            }
        }

        package var dayCount: Int {
            switch self {
            case .daily(let rule): rule.dayCount
            case .window(let rule): rule.dayCount
            }
        }

        package var timeoutThreshold: Int? {
            switch self {
            case .daily(let rule): rule.timeoutThreshold
            case .window(let rule): rule.timeoutThreshold
            }
        }
    }

    package var rule: Rule
    package var apps: Apps
    /// Percentages of the limits at which owners are warned, 1 to 99; empty for never.
    package var warningPercents: [Int]
    /// Time after which a warning of the original's rule is repeated while the app keeps failing.
    package var warningLifetimeSeconds: Int

    package init(
        rule: Rule = .daily(AutoDisableRule()), apps: Apps = .internal, warningPercents: [Int] = [],
        warningLifetimeSeconds: Int = 7 * 86400
    ) {
        self.rule = rule
        self.apps = apps
        self.warningPercents = warningPercents
        self.warningLifetimeSeconds = warningLifetimeSeconds
    }

    /// Whether failures of an app count towards the rule.
    package func covers(_ app: SentryApp) -> Bool {
        switch apps {
        case .internal: app.status == .internal
        case .all: true
        case .none: false
        }
    }
}
