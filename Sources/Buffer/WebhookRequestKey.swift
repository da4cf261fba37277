package import Model

/// The name of one list of the log (contract 1.2). The braces make all keys of one app share a slot of a Redis Cluster.
package struct WebhookRequestKey: Hashable, Sendable {
    private static let requests = "sentry-app-webhook-request:{"
    private static let errors = "sentry-app-webhook-error:{"

    package var appID: Int64
    package var event: EventType
    package var isErrors: Bool

    package init(appID: Int64, event: EventType, isErrors: Bool) {
        self.appID = appID
        self.event = event
        self.isErrors = isErrors
    }

    /// Reads a key's text; nil when it is not a list of the log.
    init?(parsing bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let prefix = text.utf8.starts(with: Self.errors.utf8) ? Self.errors : Self.requests
        guard text.utf8.starts(with: prefix.utf8), let brace = text.utf8.firstIndex(of: UInt8(ascii: "}")),
            let appID = Int64(text[text.utf8.index(text.startIndex, offsetBy: prefix.utf8.count)..<brace])
        else { return nil }
        let rest = text[brace...].utf8.dropFirst()
        guard rest.first == UInt8(ascii: ":") else { return nil }
        self.init(
            appID: appID, event: EventType(rawValue: String(decoding: rest.dropFirst(), as: UTF8.self)),
            isErrors: prefix == Self.errors)
    }

    package var text: String {
        "\(isErrors ? Self.errors : Self.requests)\(appID)}:\(event.rawValue)"
    }
}
