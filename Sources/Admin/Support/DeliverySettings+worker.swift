import Delivery
import Model
import Planning
import ProgramSupport

/// What `hookline why` asks of the worker's settings.
extension DeliverySettings {
    /// When an integration counts as broken, and whose outcomes are counted.
    func brokenRule() throws(CommandFailure) -> (rule: BrokenRule, apps: MonitorSettings.Apps) {
        try read([.brokenApps, .brokenTimeouts, .brokenDays]) { reader in
            let apps = reader.choice(.brokenApps, otherwise: MonitorSettings.Apps.internal)
            let rule = BrokenRule(
                timeoutThreshold: reader.number(.brokenTimeouts), dayCount: reader.number(.brokenDays))
            return (rule, apps)
        }
    }

    /// How the worker connects.
    func sender() throws(CommandFailure) -> SenderSettings {
        try read([.webhookTimeoutMilliseconds, .authoritiesFile, .proxy, .allowedNetworks]) { reader in
            var settings = SenderSettings()
            settings.timeout = reader.milliseconds(.webhookTimeoutMilliseconds)
            settings.extraAuthorities = reader.text(.authoritiesFile)
            if reader.serverURL(.proxy, schemes: ["http", "https", "socks5h"]) != nil {
                settings.proxy = Secret(reader.values[.proxy].text)
            }
            do throws(CIDRError) {
                settings.addresses = try AddressPolicy(parsing: reader.values[.allowedNetworks].text)
            } catch {
                return reader.refuse(.allowedNetworks, error.description)
            }
            return settings
        }
    }

    /// How the worker makes webhooks of events.
    func plan(events: EventCatalogue) throws(CommandFailure) -> PlanSettings {
        try read([
            .webhookTimeoutMilliseconds, .webhookMinimumTimeoutMilliseconds, .webhookMaximumTimeoutMilliseconds,
        ]) { reader in
            let least = reader.milliseconds(.webhookMinimumTimeoutMilliseconds)
            let most = reader.milliseconds(.webhookMaximumTimeoutMilliseconds)
            let timeout = reader.milliseconds(.webhookTimeoutMilliseconds)
            guard least <= most else {
                return reader.refuse(
                    .webhookMaximumTimeoutMilliseconds,
                    "it is less than \(Setting.webhookMinimumTimeoutMilliseconds.variable)")
            }
            return PlanSettings(events: events, timeout: timeout, timeoutRange: least...most)
        }
    }
}
