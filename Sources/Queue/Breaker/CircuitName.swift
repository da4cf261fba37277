/// Names the circuit breaker of an app, or of a target of its relay.
///
/// That of an app has the original's keys, which go by the app's slug. That of a target has keys of ours: a relay
/// changes nothing that the original reads.
package enum CircuitName: Hashable, Sendable {
    case app(slug: String)
    /// `destination.target` is not nil.
    case target(WebhookDestination)

    /// The name in its keys.
    var keyName: String {
        switch self {
        case .app(let slug): "sentry-app.webhook.\(slug).circuit_breaker"
        case .target(let destination): destination.keyPrefix + "breaker"
        }
    }

    /// The beginning of its counters' keys.
    var counterPrefix: String {
        switch self {
        case .app: "sliding-window-rate-limit:" + keyName
        case .target: keyName
        }
    }

    var mailKey: String {
        switch self {
        case .app(let slug): "sentry-app.webhook.circuit-breaker.notified.\(slug)"
        case .target: keyName + ".mail"
        }
    }
}

extension CircuitName: ExpressibleByStringLiteral {
    /// That of the app with this slug.
    package init(stringLiteral slug: String) { self = .app(slug: slug) }
}
