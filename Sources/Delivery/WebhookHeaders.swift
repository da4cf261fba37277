package import Model

/// The headers of a webhook in the order they are sent (contract 7.3).
package struct WebhookHeaders: Hashable, Sendable {
    /// 32 lower-case hexadecimal digits, the same for each attempt of one event.
    package var requestID: String
    package var resource: String
    /// Seconds since the epoch at the time of sending.
    package var timestamp: Int64
    package var signature: String

    package init(event: WebhookEvent, body: [UInt8], secret: Secret, requestID: String, now: Timestamp) {
        self.requestID = requestID
        resource = event.resource
        timestamp = now.seconds
        signature = WebhookSignature.hexadecimal(of: body, secret: secret)
    }

    package var list: [(name: String, value: String)] {
        [
            ("Content-Type", "application/json"), ("Request-ID", requestID), ("Sentry-Hook-Resource", resource),
            ("Sentry-Hook-Timestamp", String(timestamp)), ("Sentry-Hook-Signature", signature),
        ]
    }
}
