/// What the answers to an inquiry depend on: settings of the worker's.
package struct ExplanationSettings: Hashable, Sendable {
    package var plan: PlanSettings
    package var broken: MonitorSettings

    package init(plan: PlanSettings = PlanSettings(), broken: MonitorSettings = MonitorSettings()) {
        self.plan = plan
        self.broken = broken
    }
}
