/// What is to be done with one event of the queue.
package enum DeliveryPlan: Sendable {
    case send(PlannedWebhook)
    /// Nothing is sent, and that is right: the event ends here.
    case drop(DropReason)
    /// The entry cannot be read, now or later: it is kept among the dead letters.
    case refuse(reason: String)
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
