package import Model
package import Queue

/// The failures at which the policy `standard` disables an app, counted over all organizations.
package struct FailureWindowRule: Hashable, Sendable {
    /// Age in days of the first failure since the last success at which a failed attempt disables the app.
    package var dayCount: Int
    /// Events that must have failed since, so that one event that is retried for long disables nothing.
    package var minimumEvents: Int
    /// Calendar days (UTC) with failures since, so that a single outage disables nothing.
    package var minimumDays: Int
    /// Timeouts on one day at which the app is disabled if there were at least as many as successes; nil = never.
    package var timeoutThreshold: Int?

    package init(dayCount: Int = 7, minimumEvents: Int = 3, minimumDays: Int = 2, timeoutThreshold: Int? = nil) {
        self.dayCount = dayCount
        self.minimumEvents = minimumEvents
        self.minimumDays = minimumDays
        self.timeoutThreshold = timeoutThreshold
    }

    /// The condition of the rule that is met.
    package enum Cause: Hashable, Sendable {
        case noSuccess(since: Timestamp)
        case timeouts
    }

    /// The condition that the counts meet after a failed attempt; nil when they meet none.
    package func cause(in window: FailureWindow) -> Cause? {
        if let threshold = timeoutThreshold, window.timeouts >= threshold, window.timeouts >= window.successes {
            return .timeouts
        }
        guard let failures = window.failures, isReached(percent: 100, by: failures),
            failures.eventCount >= minimumEvents, failures.dayCount >= minimumDays
        else { return nil }
        return .noSuccess(since: failures.first)
    }

    /// The highest of these percentages of the days that is reached and was not warned of; nil when there is none.
    ///
    /// By age alone: an app with few events is warned before its third event disables it.
    package func warning(among percents: [Int], in window: FailureWindow) -> Int? {
        guard let failures = window.failures else { return nil }
        return percents.filter { $0 > window.warnedPercent && isReached(percent: $0, by: failures) }.max()
    }

    /// From when on a failed attempt disables the app if nothing succeeds before.
    package func disablesAt(_ failures: FailureWindow.Failures) -> Timestamp {
        Timestamp(clamping: failures.first.adding(seconds: Int64(dayCount) * 86400).microseconds)
    }

    private func isReached(percent: Int, by failures: FailureWindow.Failures) -> Bool {
        let age = failures.last.microseconds - failures.first.microseconds
        return age >= Int64(dayCount) * 864_000_000 * Int64(percent)
    }
}
