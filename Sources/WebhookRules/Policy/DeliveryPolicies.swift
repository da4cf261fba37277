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

    /// The policy that applies to an app.
    package func policy(of app: SentryApp) -> DeliveryPolicy {
        guard let name = app.deliveryPolicy, name != deployment.name else { return deployment }
        return others[name] ?? DeliveryPolicy(name)
    }

    /// The circuit breakers of the apps whose policy has some; nil where none has. All that have some have the same
    /// settings.
    package var breaker: CircuitBreakerSettings? { all.lazy.compactMap(\.breaker).first }

    /// The policies that can apply to an app.
    package var all: [DeliveryPolicy] {
        [deployment]
            + DeliveryPolicy.Name.allCases.filter { $0 != deployment.name }.map { others[$0] ?? DeliveryPolicy($0) }
    }
}
