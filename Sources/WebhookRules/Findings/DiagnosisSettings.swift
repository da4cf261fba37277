/// What the answers to an inquiry depend on: settings of the worker's.
package struct DiagnosisSettings: Hashable, Sendable {
    package var plan: PlanSettings
    package var broken: AutoDisableSettings

    package init(plan: PlanSettings = PlanSettings(), broken: AutoDisableSettings = AutoDisableSettings()) {
        self.plan = plan
        self.broken = broken
    }
}
