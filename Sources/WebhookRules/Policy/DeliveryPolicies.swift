package import Model
package import Queue

/// The delivery policies of a deployment: the one that applies to its apps, and those that apps may have instead.
package struct DeliveryPolicies: Hashable, Sendable {
    /// That of `HOOKLINE_POLICY`, for apps without one of their own.
    package var deployment: DeliveryPolicy
    /// The others, with what single settings override in them.
    private var others: [DeliveryPolicy.Name: DeliveryPolicy]

    /// - Parameter others: of the other names; a policy that is not among them is as it is without settings.
    package init(_ deployment: DeliveryPolicy, others: [DeliveryPolicy] = []) {
        self.deployment = deployment
        self.others = Dictionary(others.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The policy that applies to an app under the original's rules.
    package func policy(of app: SentryApp, under rules: ProtocolRules) -> DeliveryPolicy {
        named(app.deliveryPolicy ?? deployment.name).under(rules)
    }

    /// The policy that applies to a webhook. To one that is relayed: that of its app, or else `standard`, whatever the
    /// deployment's is, since the original neither retries nor disables it.
    package func policy(of webhook: PlannedWebhook) -> DeliveryPolicy {
        guard webhook.relay != nil else { return policy(of: webhook.app, under: webhook.rules) }
        return policyOfRelay(of: webhook.app).under(webhook.rules)
    }

    /// The policy that applies to what is relayed for an app.
    package func policyOfRelay(of app: SentryApp) -> DeliveryPolicy { named(app.deliveryPolicy ?? .standard) }

    /// The policy with this name, with what single settings override in it.
    package func named(_ name: DeliveryPolicy.Name) -> DeliveryPolicy {
        name == deployment.name ? deployment : others[name] ?? DeliveryPolicy(name)
    }

    /// The circuit breakers of the apps whose policy has some, or has some under the rules of some releases; nil where
    /// none has. All that have some have the same settings.
    package var breaker: CircuitBreakerSettings? { all.lazy.compactMap(\.breaker).first }

    /// The policies that can apply to an app, before they follow any rules.
    package var all: [DeliveryPolicy] {
        [deployment]
            + DeliveryPolicy.Name.allCases.filter { $0 != deployment.name }.map { others[$0] ?? DeliveryPolicy($0) }
    }
}
