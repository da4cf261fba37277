/// When an integration is given up, and whose failures are counted.
package struct AutoDisableSettings: Hashable, Sendable {
    /// Whose outcomes are counted and judged by the rule. A receiver that asks for no more webhooks (410) is heard
    /// whatever this says.
    package enum Apps: String, Sendable, CaseIterable {
        /// As the original (contract 7.6).
        case `internal`
        case all
        case none
    }

    package var rule: AutoDisableRule
    package var apps: Apps
    /// Owners are warned when so many per cent of the rule are reached, each from 1 to 99; empty for never.
    package var warningPercents: [Int]
    /// An integration that stays between a warning and its end is warned of again after so long.
    package var warningLifetimeSeconds: Int

    package init(
        rule: AutoDisableRule = AutoDisableRule(), apps: Apps = .internal, warningPercents: [Int] = [],
        warningLifetimeSeconds: Int = 7 * 86400
    ) {
        self.rule = rule
        self.apps = apps
        self.warningPercents = warningPercents
        self.warningLifetimeSeconds = warningLifetimeSeconds
    }
}
