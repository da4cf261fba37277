import Buffer
package import Directory
package import Model
package import Queue

/// The flow from an event of the queue to a webhook that is ready to be sent (contract 7.1 to 7.3).
package struct WebhookPlanner: Sendable {
    private let directory: any DeliveryDirectory
    private let settings: PlanSettings
    private let signing: any WebhookSigning

    /// - Parameter signing: what makes the signatures; `Unsigned` for one that only explains.
    package init(directory: any DeliveryDirectory, settings: PlanSettings, signing: any WebhookSigning) {
        self.directory = directory
        self.settings = settings
        self.signing = signing
    }

    /// What is to be done with an entry now.
    ///
    /// A directory that contradicts itself - two hooks for one installation - will do so again: such an entry is refused.
    ///
    /// - Throws: when the directory cannot be asked now.
    package func plan(_ entry: QueueEntry, now: Timestamp) throws(DirectoryError) -> DeliveryPlan {
        var walk = walk(entry, now: now, isTold: false)
        return try walk.end()
    }

    /// The same, with every step on the way there.
    package func explain(_ entry: QueueEntry, now: Timestamp) throws(DirectoryError) -> RuleExplanation {
        var walk = walk(entry, now: now, isTold: true)
        let plan = try walk.end()
        return RuleExplanation(steps: walk.steps ?? [], plan: plan)
    }

    /// What would become of an event if it were enqueued and its turn came now.
    ///
    /// - Parameter requestID: the `Request-ID` that it would have.
    package func explain(
        _ event: QueuedEvent, requestID: String, now: Timestamp
    ) throws(DirectoryError) -> RuleExplanation {
        let entry = QueueEntry(
            id: requestID, appID: 0, event: EventType(rawValue: event.event), enqueuedAt: now, payload: event.bytes,
            originalID: event.originalID)
        return try explain(entry, now: now)
    }

    private func walk(_ entry: QueueEntry, now: Timestamp, isTold: Bool) -> RuleEvaluation {
        RuleEvaluation(
            directory: directory, settings: settings, signing: signing, entry: entry, now: now, isTold: isTold)
    }
}
