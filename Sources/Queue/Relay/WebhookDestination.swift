/// What gets webhooks, and fails or succeeds: an app, or one target of its relay.
package struct WebhookDestination: Hashable, Sendable {
    package var appID: Int64
    /// The target's name; nil for the app itself.
    package var target: String?

    package init(appID: Int64, target: String? = nil) {
        self.appID = appID
        self.target = target
    }

    /// The beginning of the destination's keys, which share the slot of the app.
    var keyPrefix: String {
        target.map { "hookline:{app:\(appID)}:target:\($0):" } ?? "hookline:{app:\(appID)}:"
    }
}
