package import Model

/// A webhook that is ready to be sent: the flow up to the sending (contract 7.1 to 7.3), carried out.
///
/// An object, because it goes from thread to thread and into every account of the attempt: an app has thirty fields.
package final class PlannedWebhook: Sendable {
    package let app: SentryApp
    package let installation: Installation
    package let event: EventType
    /// Where to: the app's webhook URL.
    package let url: String
    /// As they are sent: the owner's own, then the contract's, then the Standard Webhooks ones.
    package let headers: [(name: String, value: String)]
    /// As they are logged: the same, with the values of the owner's own masked (design, D5).
    package let loggedHeaders: [(name: String, value: String)]
    /// The bytes that were signed.
    package let body: [UInt8]
    /// For everything: look-up, connection, TLS, answer.
    package let timeout: Duration
    /// The id of the event that this one sends again.
    package let originalID: String?

    package init(
        app: SentryApp, installation: Installation, event: EventType, url: String,
        headers: [(name: String, value: String)], loggedHeaders: [(name: String, value: String)], body: [UInt8],
        timeout: Duration, originalID: String? = nil
    ) {
        self.app = app
        self.installation = installation
        self.event = event
        self.url = url
        self.headers = headers
        self.loggedHeaders = loggedHeaders
        self.body = body
        self.timeout = timeout
        self.originalID = originalID
    }
}
