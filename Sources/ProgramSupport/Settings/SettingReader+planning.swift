package import Model
package import WebhookRules

/// What becomes of events, which must mean the same to the worker that decides it and to programs that explain it.
extension SettingReader {
    /// How webhooks are made of events; with errors when something is wrong.
    ///
    /// - Parameter events: nil when these could not be read, of which there is an error already.
    package mutating func plan(events: EventCatalogue?) -> PlanSettings {
        var plan = PlanSettings(events: events ?? .version23Dot7, timeout: milliseconds(.webhookTimeoutMilliseconds))
        let least = milliseconds(.webhookMinimumTimeoutMilliseconds)
        let most = milliseconds(.webhookMaximumTimeoutMilliseconds)
        if least <= most {
            plan.timeoutRange = least...most
        } else {
            let least = Setting.webhookMinimumTimeoutMilliseconds.variable
            report(
                .refused(
                    setting: Setting.webhookMaximumTimeoutMilliseconds.variable, reason: "it is less than \(least)"))
        }
        return plan
    }

    /// When an integration counts as broken, and whose outcomes are counted; with errors when something is wrong.
    package mutating func broken() -> AutoDisableSettings {
        let apps = choice(.brokenApps, otherwise: AutoDisableSettings.Apps.internal)
        let rule = AutoDisableRule(timeoutThreshold: number(.brokenTimeouts), dayCount: number(.brokenDays))
        return AutoDisableSettings(rule: rule, apps: apps)
    }
}
