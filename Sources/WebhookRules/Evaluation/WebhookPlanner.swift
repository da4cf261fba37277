package import Directory
package import Model
package import Queue

/// Makes webhooks of the events of the queue (docs/protocol.md 7.1 to 7.3).
package struct WebhookPlanner: Sendable {
    private let directory: any DeliveryDirectory
    private let settings: PlanSettings
    private let signing: any WebhookSigning

    /// - Parameter signing: makes the signatures; `Unsigned` for a planner that only explains.
    package init(directory: any DeliveryDirectory, settings: PlanSettings, signing: any WebhookSigning) {
        self.directory = directory
        self.settings = settings
        self.signing = signing
    }

    /// What to do with an entry.
    ///
    /// An entry for which the directory is inconsistent, such as two hooks of one installation, is refused: a retry
    /// would not help.
    ///
    /// - Throws: when the directory is unavailable.
    package func plan(_ entry: QueueEntry, now: Timestamp) throws(DirectoryError) -> DeliveryPlan {
        var evaluation = try evaluation(entry, now: now, isExplained: false)
        return try evaluation.run()
    }

    /// The same, with every evaluated step.
    package func explain(_ entry: QueueEntry, now: Timestamp) throws(DirectoryError) -> RuleExplanation {
        var evaluation = try evaluation(entry, now: now, isExplained: true)
        let plan = try evaluation.run()
        return RuleExplanation(steps: evaluation.steps ?? [], plan: plan)
    }

    /// What would be done with an event if it were enqueued now.
    ///
    /// - Parameter requestID: the `Request-ID` that it would get.
    package func explain(
        _ event: QueuedEvent, requestID: String, now: Timestamp
    ) throws(DirectoryError) -> RuleExplanation {
        let entry = QueueEntry(
            id: requestID, appID: 0, event: EventType(rawValue: event.event), enqueuedAt: now, payload: event.bytes,
            originalID: event.originalID)
        return try explain(entry, now: now)
    }

    private func evaluation(
        _ entry: QueueEntry, now: Timestamp, isExplained: Bool
    ) throws(DirectoryError) -> RuleEvaluation {
        RuleEvaluation(
            directory: directory, settings: settings, rules: try rules(), signing: signing, entry: entry, now: now,
            isExplained: isExplained)
    }

    /// The original's rules that are followed now: under `auto` an upgrade of the original changes them while this
    /// program runs.
    package func rules() throws(DirectoryError) -> ProtocolRules {
        switch settings.protocolChoice {
        case .release(let release): ProtocolRules(release)
        case .auto: ProtocolChoice.auto.rules(fitting: try directory.releases())
        }
    }
}

/// The settings that webhooks depend on.
package struct PlanSettings: Hashable, Sendable {
    /// Whose rules are followed.
    package var protocolChoice: ProtocolChoice
    /// Whether nothing is sent to apps that the platform has disabled: the original's option
    /// `sentry-apps.disabled-enforcement`.
    package var enforcesDisabling: Bool
    /// The events of the deployment.
    package var events: EventCatalogue
    /// For apps without a timeout of their own.
    package var timeout: Duration
    /// Limits of an app's own timeout.
    package var timeoutRange: ClosedRange<Duration>
    /// Whether the headers of Standard Webhooks are sent in addition to the original's.
    package var sendsStandardHeaders: Bool
    package var names = PlatformNames.default

    package init(
        events: EventCatalogue = .version23Dot7, timeout: Duration = .seconds(5),
        timeoutRange: ClosedRange<Duration> = .milliseconds(500) ... .seconds(30), sendsStandardHeaders: Bool = true,
        protocolChoice: ProtocolChoice = .release(.default), enforcesDisabling: Bool = false
    ) {
        self.protocolChoice = protocolChoice
        self.enforcesDisabling = enforcesDisabling
        self.events = events
        self.timeout = timeout
        self.timeoutRange = timeoutRange
        self.sendsStandardHeaders = sendsStandardHeaders
    }
}
