package import Model

/// Makes the two signatures of a webhook (contract 7.3): what sends has a library for that, what only explains does not
/// need one.
package protocol WebhookSigning: Sendable {
    /// `Sentry-Hook-Signature`: lower-case hexadecimal, over the body alone.
    func hexadecimal(of body: [UInt8], secret: Secret) -> String

    /// `webhook-signature` of Standard Webhooks, over `id.timestamp.body`.
    ///
    /// - Parameter timestamp: seconds since the epoch, as in `webhook-timestamp`.
    func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String
}

/// No signatures, for a planner that explains: what it makes is never sent.
package struct Unsigned: WebhookSigning {
    package init() {}

    package func hexadecimal(of body: [UInt8], secret: Secret) -> String { "" }

    package func standard(id: String, timestamp: Int64, body: [UInt8], secret: Secret) -> String { "" }
}
