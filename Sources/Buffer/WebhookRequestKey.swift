import Model

/// The name of one list of the log (contract 1.2). The braces make all keys of one app share a slot of a Redis Cluster.
struct WebhookRequestKey {
    var appID: Int64
    var event: EventType
    var isErrors: Bool

    var text: String {
        let kind = isErrors ? "sentry-app-webhook-error" : "sentry-app-webhook-request"
        return "\(kind):{\(appID)}:\(event.rawValue)"
    }
}
