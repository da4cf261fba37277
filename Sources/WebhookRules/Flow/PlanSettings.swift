package import Model

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
