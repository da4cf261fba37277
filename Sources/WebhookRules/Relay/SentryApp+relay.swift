package import Model

extension SentryApp {
    /// Whether its webhooks come from its relay alone: it has targets, and subscribes to nothing.
    package var isRelayOnly: Bool { relayTargets != nil && subscriptions.isEmpty }
}
