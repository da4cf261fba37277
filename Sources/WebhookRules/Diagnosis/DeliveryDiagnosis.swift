package import Buffer
package import Directory
package import Model
package import Queue
package import Redis

/// Finds out whether an event would be delivered, and why not, from what the directory and Redis know. Does not use the
/// network beyond that.
package struct DeliveryDiagnosis: Sendable {
    private let target: DiagnosisTarget
    private let event: EventType
    private let project: Project?
    private let settings: DiagnosisSettings
    private let audience: DiagnosisAudience
    private let now: Timestamp

    /// - Parameter project: the event's project; service hooks can be limited to projects.
    package init(
        target: DiagnosisTarget, event: EventType, project: Project?, settings: DiagnosisSettings,
        audience: DiagnosisAudience, now: Timestamp
    ) {
        self.target = target
        self.event = event
        self.project = project
        self.settings = settings
        self.audience = audience
        self.now = now
    }

    /// The result of the rules.
    package struct RuleOutcome: Sendable {
        package var diagnostics: [Diagnostic]
        /// A test event that the same rules apply to; nil when the app is not installed.
        package var sample: QueuedEvent?
        /// The webhook of the event once every problem is fixed; nil when it cannot be made even then.
        package var webhook: PlannedWebhook?
    }

    /// Evaluates the rules as a worker does, and reports every step that would stop the event, not only the first.
    package func evaluateRules(in directory: any DeliveryDirectory) throws(DirectoryError) -> RuleOutcome {
        // The rules for events and installations do not matter then.
        if target.app.isRelayOnly { return RuleOutcome(diagnostics: []) }
        if let problem = target.problem(for: event) { return RuleOutcome(diagnostics: [problem]) }
        guard let installation = target.installation else { return RuleOutcome(diagnostics: []) }
        let sample = SampleEvent(
            app: target.app, installation: installation, organizationSlug: target.organization?.slug ?? "", now: now
        ).queued(event, project: project)
        let rules = try RuleDiagnostics(
            of: sample, to: target, directory: directory, settings: settings.plan, audience: audience, now: now)
        return RuleOutcome(diagnostics: rules.diagnostics, sample: sample, webhook: rules.webhook)
    }

    /// Why a worker would not deliver the event, as one line; nil when it would.
    package func firstProblem(in directory: any DeliveryDirectory) throws(DirectoryError) -> String? {
        try evaluateRules(in: directory).diagnostics.problems.first.map { "\($0.step): \($0.text)" }
    }

    /// What is known of the app's relay; empty where it has none.
    ///
    /// - Parameter rules: those of the original that are followed.
    package func relay(from sources: StateSources, under rules: ProtocolRules) throws(RedisError) -> [Diagnostic] {
        guard target.app.relayTargets != nil, let states = sources.relayTargets else { return [] }
        guard let targets = RelayTargets(of: target.app) else {
            return [.problem("relay", "the app's targets cannot be read from the directory")]
        }
        let state = try RelayState(
            of: target.app, targets, policies: settings.policies, rules: rules, states: states,
            windows: sources.windows, breakers: sources.breakers, now: now)
        return state.diagnostics(of: event, app: target.app, audience: audience)
    }

    /// Reports the state in Redis: failure counts, workers, queue, dead letters, log.
    ///
    /// - Parameter rules: those of the original that are followed.
    package func state(
        from sources: StateSources, log: any WebhookRequestReading, under rules: ProtocolRules
    ) throws(RedisError) -> [Diagnostic] {
        let state = StateDiagnostics(app: target.app, audience: audience, now: now)
        let policy = settings.policies.policy(of: target.app, under: rules)
        var diagnostics = [state.policy(policy)]
        let disabling = try sources.pendingDisablings.map { (apps) throws(RedisError) in
            try apps.disabling(appID: target.app.id)
        }
        if let pending = state.pending(disabling ?? nil) { diagnostics.append(pending) }
        if let organization = target.organization {
            diagnostics += try state.health(
                organizationID: organization.id, in: sources, settings: policy.autoDisable)
        }
        if let breaker = state.breaker(policy.breaker, sources.breakers) { diagnostics.append(breaker) }
        let writes = try sources.checkWrites.map { (check) throws(RedisError) in try state.writes(check) }
        if let writes { diagnostics.append(writes) }
        let statistics = try sources.backlog?.statistics()
        if let metrics = sources.metrics {
            diagnostics.append(
                state.workers(
                    try metrics.workers(), readers: statistics?.readers ?? 0,
                    refusesReports: writes?.result == .problem))
        }
        if let backlog = sources.backlog, let statistics {
            diagnostics += try state.backlog(statistics, in: backlog)
        }
        diagnostics.append(try state.log(of: event, in: log))
        return diagnostics
    }
}

/// The worker's settings that a diagnosis depends on.
package struct DiagnosisSettings: Hashable, Sendable {
    package var plan: PlanSettings
    /// Of their retries only the apps are used: the responder does not know the delays.
    package var policies: DeliveryPolicies
    /// When an app counts as silent.
    package var silence: SilenceRule

    /// The policy of apps without one of their own.
    package var policy: DeliveryPolicy {
        get { policies.deployment }
        set { policies.deployment = newValue }
    }

    package init(
        plan: PlanSettings = PlanSettings(), policies: DeliveryPolicies = DeliveryPolicies(.sentry),
        silence: SilenceRule = SilenceRule()
    ) {
        self.plan = plan
        self.policies = policies
        self.silence = silence
    }
}

/// Where a diagnosis reads the state in Redis, apart from the log. Not thread-safe; what is nil is not reported.
package struct StateSources {
    package var health: (any FailureCountReading)?
    package var windows: (any FailureWindowKeeping)?
    package var breakers: (any CircuitBreakerReading)?
    package var pendingDisablings: (any PendingDisablingKeeping)?
    package var metrics: (any MetricReading)?
    package var backlog: (any BacklogReading)?
    /// Where events are looked for.
    package var places: (any EventLocating)?
    package var lastTimes: (any LastTimeReading)?
    /// How attempts ended, by the hour.
    package var deliveries: (any DeliveryHourReading)?
    /// The targets of relays.
    package var relayTargets: (any RelayTargetKeeping)?
    /// Tries what the programs write.
    package var checkWrites: (() throws(RedisError) -> Void)?

    package init(
        health: (any FailureCountReading)? = nil, windows: (any FailureWindowKeeping)? = nil,
        breakers: (any CircuitBreakerReading)? = nil,
        pendingDisablings: (any PendingDisablingKeeping)? = nil,
        metrics: (any MetricReading)? = nil, backlog: (any BacklogReading)? = nil,
        places: (any EventLocating)? = nil,
        lastTimes: (any LastTimeReading)? = nil, deliveries: (any DeliveryHourReading)? = nil,
        relayTargets: (any RelayTargetKeeping)? = nil,
        checkWrites: (() throws(RedisError) -> Void)? = nil
    ) {
        self.health = health
        self.windows = windows
        self.breakers = breakers
        self.pendingDisablings = pendingDisablings
        self.metrics = metrics
        self.backlog = backlog
        self.places = places
        self.lastTimes = lastTimes
        self.deliveries = deliveries
        self.relayTargets = relayTargets
        self.checkWrites = checkWrites
    }
}

/// Who reads a diagnosis: what one can do about a problem, and is permitted to know, differs.
package enum DiagnosisAudience: Hashable, Sendable {
    /// Has the command line and the settings, and may know everything.
    case `operator`
    /// A user of the API or the dashboard who may read the app's request log.
    ///
    /// - Parameter seesProjects: whether the user may know the projects of the organization that installed the app.
    case user(seesProjects: Bool)

    var seesProjects: Bool {
        switch self {
        case .operator: true
        case .user(let seesProjects): seesProjects
        }
    }

    /// The text for this audience.
    func choose(forOperator: @autoclosure () -> String, forUser: @autoclosure () -> String) -> String {
        self == .operator ? forOperator() : forUser()
    }
}
