package import Buffer
package import Directory
package import Model
package import Queue
package import Redis

/// Asks every question about an event's way that the directory and Redis can answer. The network is left out.
package struct DeliveryDiagnosis: Sendable {
    private let target: DiagnosisTarget
    private let event: EventType
    private let project: Project?
    private let settings: DiagnosisSettings
    private let audience: Audience
    private let now: Timestamp

    /// - Parameter project: where the event happens; hooks that are limited to projects want one of theirs.
    package init(
        target: DiagnosisTarget, event: EventType, project: Project?, settings: DiagnosisSettings, audience: Audience,
        now: Timestamp
    ) {
        self.target = target
        self.event = event
        self.project = project
        self.settings = settings
        self.audience = audience
        self.now = now
    }

    /// What the directory decides of an event's way.
    package struct Steps: Sendable {
        package var findings: [Diagnostic]
        /// A test event that would go this way; nil when there is no such installation.
        package var sample: QueuedEvent?
        /// The webhook that the event becomes once every problem is mended; nil when one cannot be thought away.
        package var webhook: PlannedWebhook?
    }

    /// Walks the event's way as a worker does, and tells every step that would stop it.
    package func way(in directory: any DeliveryDirectory) throws(DirectoryError) -> Steps {
        if let problem = target.problem(for: event) { return Steps(findings: [problem]) }
        guard let installation = target.installation else { return Steps(findings: []) }
        let sample = SampleEvent(
            app: target.app, installation: installation, organizationSlug: target.organization?.slug ?? "", now: now
        ).queued(event, project: project)
        let plan = try RuleDiagnostics(
            of: sample, to: target, directory: directory, settings: settings.plan, audience: audience, now: now)
        return Steps(findings: plan.findings, sample: sample, webhook: plan.webhook)
    }

    /// What Redis knows: health, workers, queue, dead letters, log.
    package func state(
        from sources: StateSources, log: any WebhookRequestReading
    ) throws(RedisError) -> [Diagnostic] {
        let state = StateDiagnostics(app: target.app, audience: audience, now: now)
        var findings: [Diagnostic] = []
        if let health = sources.health, let organization = target.organization {
            findings.append(
                try state.health(
                    organizationID: organization.id, in: health, rule: settings.broken.rule,
                    apps: settings.broken.apps))
        }
        if let metrics = sources.metrics { findings.append(state.workers(try metrics.workers())) }
        if let backlog = sources.backlog { findings += try state.backlog(in: backlog) }
        findings.append(try state.log(of: event, in: log))
        return findings
    }
}
