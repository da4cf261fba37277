/// The headers of a webhook of the original that only its relay reads.
package struct RelayHeaders: Hashable, Sendable {
    /// `Sentry-Hook-Resource`.
    package var resource: String?
    /// `Sentry-Hook-Signature`: lower-case hexadecimal HMAC-SHA256 of the body.
    package var signature: String
    /// `Request-ID`: 32 hexadecimal digits in the original.
    package var requestID: String?

    package init(resource: String?, signature: String, requestID: String?) {
        self.resource = resource
        self.signature = signature
        self.requestID = requestID
    }
}
