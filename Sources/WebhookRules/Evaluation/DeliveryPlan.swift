package import Buffer
package import Model
package import Queue

/// What to do with one event of the queue.
package enum DeliveryPlan: Sendable {
    case send(PlannedWebhook)
    /// Nothing is to be sent.
    case drop(DroppedEvent)
    /// The entry is invalid, or the directory is inconsistent: it becomes a dead letter.
    case refuse(reason: String)

    /// The reason of dead letters that were waiting when their app was disabled.
    package static let disabledReason = "app disabled"
    /// The reason of dead letters of a relay whose target is disabled.
    package static let disabledTargetReason = "target disabled"
}

/// An event that is not sent, with what is known about it.
package struct DroppedEvent: Hashable, Sendable {
    package var reason: DropReason
    package var installationUUID: String
    /// Nil when the installation does not exist.
    package var installationID: Int64?
    /// Nil when the app was not looked up.
    package var appSlug: String?

    package init(
        reason: DropReason, installationUUID: String, installationID: Int64? = nil, appSlug: String? = nil
    ) {
        self.reason = reason
        self.installationUUID = installationUUID
        self.installationID = installationID
        self.appSlug = appSlug
    }
}

/// Why an event is not sent (docs/protocol.md 7.1).
package enum DropReason: String, CaseIterable, Sendable {
    /// The installation does not exist, is not confirmed, or is deleted.
    case missingInstallation = "missing-installation"
    case missingApp = "missing-app"
    /// The app is disabled.
    case disabled
    case missingServiceHook = "missing-service-hook"
    /// The app or the installation's hook does not subscribe to the event.
    case notSubscribed = "not-subscribed"
    /// The hook is limited to projects, and the event's is not among them (docs/compatibility.md D8).
    case projectNotListed = "project-not-listed"
    case missingWebhookURL = "missing-webhook-url"
    /// The app has no client secret: an empty key signs nothing.
    case missingSecret = "missing-secret"
}

/// A webhook that is ready to be sent, as a POST request (docs/protocol.md 7.1 to 7.3).
///
/// An object, because it is passed between threads and stored in several places: an app alone has thirty fields.
package final class PlannedWebhook: Sendable {
    package let app: SentryApp
    /// Nil for a webhook that is relayed: it is no installation's.
    package let installation: Installation?
    /// The target of a webhook that is relayed; nil for all others.
    package let relay: Relay?
    package let event: EventType
    /// The URL of the app's webhooks, or of the target, as it is in the directory; `WebhookURL` decides whether and how
    /// it is used.
    package let url: String
    /// Sent in this order after `Host`, `User-Agent` and `Accept`, and before `Content-Length`: custom headers, the
    /// original's, those of Standard Webhooks.
    package let headers: [(name: String, value: String)]
    /// As they are logged: with the values of custom headers masked (docs/compatibility.md D5).
    package let loggedHeaders: [(name: String, value: String)]
    /// The signed bytes.
    package let body: [UInt8]
    /// Deadline from the lookup of the name to the last byte of the response; time spent waiting in the sender is not
    /// included.
    package let timeout: Duration
    /// The id of the redelivered event.
    package let originalID: String?
    /// The original's rules by which it was made, and by which its result is recorded and retried.
    package let rules: ProtocolRules
    /// The value of its header `Idempotency-Key`; nil in releases without that.
    package let idempotencyKey: String?
    /// What it is about; nil in releases whose rows have no subject, too.
    package let subject: WebhookSubject?

    /// What is known of a webhook that is relayed.
    package struct Relay: Hashable, Sendable {
        /// The target's name.
        package var target: String
        /// The header `Request-ID` of this attempt: that with which the webhook came, or of a redelivery its own.
        package var requestID: String

        package init(target: String, requestID: String) {
            self.target = target
            self.requestID = requestID
        }
    }

    /// What gets the webhook: the app, or one target of its relay.
    package var destination: WebhookDestination { WebhookDestination(appID: app.id, target: relay?.target) }

    package init(
        app: SentryApp, installation: Installation?, event: EventType, url: String,
        headers: [(name: String, value: String)], loggedHeaders: [(name: String, value: String)], body: [UInt8],
        timeout: Duration, originalID: String? = nil, rules: ProtocolRules = .default, idempotencyKey: String? = nil,
        subject: WebhookSubject? = nil, relay: Relay? = nil
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
        self.rules = rules
        self.idempotencyKey = idempotencyKey
        self.subject = subject
        self.relay = relay
    }
}
