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
        guard let name = app.deliveryPolicy, name != deployment.name else { return deployment.under(rules) }
        return (others[name] ?? DeliveryPolicy(name)).under(rules)
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
