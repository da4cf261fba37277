/// What is to be done with one event of the queue.
package enum DeliveryPlan: Sendable {
    case send(PlannedWebhook)
    /// Nothing is sent, and that is right: the event ends here.
    case drop(DroppedEvent)
    /// The entry cannot be read, or the directory contradicts itself: it is kept among the dead letters.
    case refuse(reason: String)
}

/// An event that is not sent, with what is known of it by then.
package struct DroppedEvent: Hashable, Sendable {
    package var reason: DropReason
    package var installationUUID: String
    /// Nil when there is no such installation.
    package var installationID: Int64?
    /// Nil when the flow ended before the app was found.
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

/// Why an event is not sent (contract 7.1).
package enum DropReason: String, CaseIterable, Sendable {
    /// No such installation, not installed, or deleted.
    case missingInstallation = "missing-installation"
    case missingApp = "missing-app"
    /// The app is disabled because it was broken.
    case disabled
    case missingServiceHook = "missing-service-hook"
    /// The app or the installation's hook does not subscribe to the event.
    case notSubscribed = "not-subscribed"
    /// The hook is limited to projects, and the event's is not among them (design, D8).
    case projectNotListed = "project-not-listed"
    case missingWebhookURL = "missing-webhook-url"
}
