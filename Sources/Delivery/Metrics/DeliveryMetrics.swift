package import Model

/// What delivery counts. Called from several threads, once or a few times for each attempt: it must be quick and must
/// not wait.
package protocol DeliveryMetrics: Sendable {
    /// `integration-platform.http_response` (contract 7.4): one attempt and what came of it.
    ///
    /// - Parameters:
    ///   - status: the answer's code, or the name of the failure: `timeout`, `blocked-address`.
    ///   - integration: `internal`, `unpublished` or the app's slug (contract 7.4).
    func countResponse(status: String, integration: String, event: EventType)

    /// `resource_change.processed` (contract 7.1): an event that the flow has dealt with, sent or not.
    func countProcessed(event: EventType)

    /// A delivery that was scheduled for another attempt.
    func countRetry()

    /// A delivery that was given up and kept.
    func countDeadLetter()

    /// An app that was disabled because it is broken.
    func countDisabled()

    /// What one attempt took, from the moment it was sent to its end.
    func recordDuration(milliseconds: Int)

    /// How long an event was on its way, from the queue's acceptance to the end of its first attempt.
    func recordDelay(milliseconds: Int)
}

/// Counts nothing.
package struct NoMetrics: DeliveryMetrics {
    package init() {}
    package func countResponse(status: String, integration: String, event: EventType) {}
    package func countProcessed(event: EventType) {}
    package func countRetry() {}
    package func countDeadLetter() {}
    package func countDisabled() {}
    package func recordDuration(milliseconds: Int) {}
    package func recordDelay(milliseconds: Int) {}
}
