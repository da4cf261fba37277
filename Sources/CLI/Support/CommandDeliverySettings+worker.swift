import Delivery
import Model
import ProgramSupport
import WebhookRules

/// What `hookline why` asks of the worker's settings.
extension CommandDeliverySettings {
    /// What `DeliveryDiagnosis` goes by.
    func explanation(events: EventCatalogue) throws(CommandFailure) -> DiagnosisSettings {
        DiagnosisSettings(plan: try plan(events: events), autoDisable: try brokenRule())
    }

    /// When an integration counts as broken, and whose outcomes are counted.
    func brokenRule() throws(CommandFailure) -> AutoDisableSettings {
        try read([.brokenApps, .brokenTimeouts, .brokenDays]) { $0.broken() }
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
        ]) { $0.plan(events: events) }
    }
}
