package import Buffer
package import Directory
package import Model

/// The flow from an event of the queue to a webhook that is ready to be sent (contract 7.1 to 7.3).
package struct WebhookPlanner: Sendable {
    private let directory: any DeliveryDirectory
    private let settings: PlanSettings

    package init(directory: any DeliveryDirectory, settings: PlanSettings) {
        self.directory = directory
        self.settings = settings
    }

    /// What is to be done with an entry now.
    package func plan(_ entry: QueueEntry, now: Timestamp) throws(DirectoryError) -> DeliveryPlan {
        .refuse(reason: "not implemented")
    }
}

/// What the flow needs to know of the deployment.
package struct PlanSettings: Hashable, Sendable {
    /// Events that can be sent and stored.
    package var events: EventCatalogue
    /// For apps that name none of their own.
    package var timeout: Duration
    /// Bounds of an app's own time-out.
    package var timeoutRange: ClosedRange<Duration>
    /// Whether the Standard Webhooks headers go beside the original's.
    package var sendsStandardHeaders: Bool

    package init(
        events: EventCatalogue = .version23Dot7, timeout: Duration = .seconds(5),
        timeoutRange: ClosedRange<Duration> = .milliseconds(500) ... .seconds(30), sendsStandardHeaders: Bool = true
    ) {
        self.events = events
        self.timeout = timeout
        self.timeoutRange = timeoutRange
        self.sendsStandardHeaders = sendsStandardHeaders
    }
}
