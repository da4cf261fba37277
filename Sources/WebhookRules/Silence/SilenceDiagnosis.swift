package import Buffer
package import Directory
package import Model
package import Queue
package import Redis

/// Finds out whether an app is silent, and why: by the rules of delivery, which a worker follows, and by what Redis
/// knows. Does not use the network beyond that.
package struct SilenceDiagnosis: Sendable {
    /// The installations that are looked at; of an app with more, only causes that concern all of them are told.
    static let installationLimit = 10

    private let app: SentryApp
    private let settings: DiagnosisSettings
    private let rules: ProtocolRules
    private let audience: DiagnosisAudience
    private let now: Timestamp

    /// - Parameter rules: those of the original that are followed.
    package init(
        app: SentryApp, settings: DiagnosisSettings, rules: ProtocolRules, audience: DiagnosisAudience, now: Timestamp
    ) {
        self.app = app
        self.settings = settings
        self.rules = rules
        self.audience = audience
        self.now = now
    }

    /// What Redis knows of a silent app.
    package struct Facts: Sendable {
        package var lastRequest: Timestamp
        package var lastUnsentEvent: Timestamp?
        package var observedSince: Timestamp?
        package var breaker: Diagnostic?
        /// When the app's relay last received a webhook.
        package var lastReceived: Timestamp?
    }

    /// What Redis knows; nil when the app is not silent.
    ///
    /// - Parameter newestRow: `Silence.lastAttempt` of the rows of attempts in the app's log. Beside an original that
    ///   sends, only the rows show it; where they have expired, only what is remembered does.
    package func facts(newestRow: Timestamp?, from sources: StateSources) throws(RedisError) -> Facts? {
        let newestRow = Silence.lastAttempt(of: [newestRow], at: now)
        guard settings.silence.isOn, newestRow.map({ isSilent(since: $0) }) ?? true else { return nil }
        let remembered = try sources.lastTimes?.times(of: [app.id])
        var facts = facts(
            newestRow: newestRow, remembered?.apps.first ?? .init(), observedSince: remembered?.observedSince,
            breakers: sources.breakers)
        if app.isRelayOnly { facts?.lastReceived = try sources.relayTargets?.lastReceived(appID: app.id) }
        return facts
    }

    /// The same with what is remembered of the app.
    package func facts(
        newestRow: Timestamp?, _ remembered: LastTimesPage.Times, observedSince: Timestamp?,
        breakers: (any CircuitBreakerReading)?
    ) -> Facts? {
        guard let last = Silence.lastAttempt(of: [newestRow, remembered.attempt], at: now), isSilent(since: last)
        else { return nil }
        let state = StateDiagnostics(app: app, audience: audience, now: now)
        let breaker = state.breaker(settings.policies.policy(of: app, under: rules).breaker, breakers)
        return Facts(
            lastRequest: last, lastUnsentEvent: remembered.unsent.flatMap { $0 > last ? $0 : nil },
            observedSince: observedSince, breaker: breaker?.result == .warning ? breaker : nil)
    }

    private func isSilent(since last: Timestamp) -> Bool { settings.silence.isSilent(last, at: now) }

    /// The silence with its causes.
    package func silence(
        _ facts: Facts, in directory: any DeliveryDirectory & AppListing
    ) throws(DirectoryError) -> Silence {
        guard !app.isRelayOnly else { return silenceOfRelay(facts) }
        var causes = try ruleCauses(in: directory)
        if let breaker = facts.breaker { causes.append(SilenceCause(.breakerOpen, breaker.text)) }
        if facts.lastUnsentEvent == nil, let observed = facts.observedSince {
            let start = max(facts.lastRequest, observed).truncatedToSeconds.iso8601Description
            causes.append(
                SilenceCause(.noEventAccepted, "no event for the app has been accepted since \(start)"))
        }
        return Silence(
            lastRequest: facts.lastRequest, start: settings.silence.start(after: facts.lastRequest),
            lastUnsentEvent: facts.lastUnsentEvent, causes: causes)
    }

    /// Of an app whose webhooks come from its relay alone: tells a silent original from what is not sent.
    private func silenceOfRelay(_ facts: Facts) -> Silence {
        var causes = disablement
        if facts.lastUnsentEvent == nil {
            let last = max(facts.lastReceived ?? facts.lastRequest, facts.lastRequest)
            causes.append(
                SilenceCause(
                    .nothingReceived,
                    "the original has sent nothing to the relay since \(last.truncatedToSeconds.iso8601Description)"))
        }
        return Silence(
            lastRequest: facts.lastRequest, start: settings.silence.start(after: facts.lastRequest),
            lastUnsentEvent: facts.lastUnsentEvent, causes: causes)
    }

    // MARK: Rules

    /// What the rules have against every event of every installation: that of the installation which is nearest to
    /// getting events. Empty when one of them would get some.
    private func ruleCauses(in directory: any DeliveryDirectory & AppListing) throws(DirectoryError) -> [SilenceCause] {
        let installations = try directory.installations(appID: app.id, limit: Self.installationLimit + 1)
        guard !installations.isEmpty else {
            return [SilenceCause(.missingInstallation, "\(app.name) is not installed anywhere")] + disablement
        }
        var fewest: [RuleFailure]?
        for installation in installations.prefix(Self.installationLimit) {
            let failures = try failures(of: installation, in: directory)
            if failures.isEmpty { return [] }
            if failures.count < fewest?.count ?? .max { fewest = failures }
        }
        let concernAll = installations.count <= Self.installationLimit
        return (fewest ?? []).filter { concernAll || $0.step.concernsApp }.map(\.cause)
    }

    /// Without an installation no rule can be evaluated.
    private var disablement: [SilenceCause] {
        guard let disablement = app.disablement else { return [] }
        let since = disablement.date.truncatedToSeconds.iso8601Description
        let reason = disablement.reason.isEmpty ? "" : ": \(disablement.reason)"
        return [SilenceCause(.disabled, "\(app.slug) has been disabled since \(since)\(reason)")]
    }

    private struct RuleFailure {
        var step: RuleStep.Name
        var cause: SilenceCause
    }

    /// What keeps the event that is most likely to be sent to the installation from being sent.
    private func failures(
        of installation: Installation, in directory: any DeliveryDirectory
    ) throws(DirectoryError) -> [RuleFailure] {
        let target = DiagnosisTarget(
            app: app, installation: installation,
            organization: try directory.organization(id: installation.organizationID),
            owner: try directory.organization(id: app.ownerID))
        guard let event = try likeliestEvent(for: installation, in: directory) else { return [] }
        let sample = SampleEvent(
            app: app, installation: installation, organizationSlug: target.organization?.slug ?? "", now: now)
        let rules = try RuleDiagnostics(
            of: sample.queued(event), to: target, directory: directory, settings: settings.plan, audience: audience,
            now: now)
        var kinds = Set<SilenceCause.Kind>()
        return rules.failures.compactMap { step, diagnostic in
            guard let kind = SilenceCause.Kind(step), kinds.insert(kind).inserted else { return nil }
            return RuleFailure(step: step.name, cause: SilenceCause(kind, text(of: step, diagnostic)))
        }
    }

    /// An event that app and hook subscribe to, else one that the app, else one that the hook subscribes to, else any
    /// that needs a subscription; nil when the deployment has none.
    private func likeliestEvent(
        for installation: Installation, in directory: any DeliveryDirectory
    ) throws(DirectoryError) -> EventType? {
        let events = settings.plan.events.events.filter(\.needsSubscription)
        let subscribed = events.filter { isSubscribed($0, subscriptions) }
        let hook: ServiceHook?
        do throws(DirectoryError) {
            hook = try directory.serviceHook(
                installationID: installation.id, organizationID: installation.organizationID)
        } catch {
            // The rules tell what contradicts itself.
            guard case .corrupt = error else { throw error }
            hook = nil
        }
        let hooked = hook?.events ?? []
        return subscribed.first { isSubscribed($0, hooked) } ?? subscribed.first
            ?? events.first { isSubscribed($0, hooked) } ?? events.first
    }

    /// Those of a disabled app were cleared and are kept.
    private var subscriptions: [String] { app.events + (app.disablement?.events ?? []) }

    private func isSubscribed(_ event: EventType, _ names: [String]) -> Bool {
        names.contains { settings.plan.events.events(subscribedBy: $0).contains(event) }
    }

    /// The diagnostic's text is about one event, except for an app that subscribes to none.
    private func text(of step: RuleStep, _ diagnostic: Diagnostic) -> String {
        guard step.name == .appSubscription,
            !settings.plan.events.events.contains(where: {
                $0.needsSubscription && isSubscribed($0, subscriptions)
            })
        else { return diagnostic.text }
        return "the app subscribes to no event of this deployment: it gets only what needs no subscription"
    }
}

extension RuleStep.Name {
    /// Whether the step has the same result for all installations.
    fileprivate var concernsApp: Bool {
        switch self {
        case .app, .enabled, .appSubscription, .webhookURL, .clientSecret: true
        case .event, .installation, .serviceHook, .hookSubscription, .projects, .relayTarget, .request: false
        }
    }
}

extension SilenceDiagnosis {
    /// The finding of a diagnosis; nil when the app is not silent.
    package func diagnostic(
        _ facts: Facts?, in directory: any DeliveryDirectory & AppListing
    ) throws(DirectoryError) -> Diagnostic? {
        guard let facts else { return nil }
        return try silence(facts, in: directory).diagnostic
    }

    /// As `facts`, with the rows of the log.
    package func facts(
        from sources: StateSources, log: any WebhookRequestReading
    ) throws(RedisError) -> Facts? {
        guard settings.silence.isOn else { return nil }
        let events = settings.plan.events.events
        let newest = try [false, true].map { (errorsOnly) throws(RedisError) in
            let rows = try log.read(
                WebhookRequestQuery(
                    appID: app.id, events: events, errorsOnly: errorsOnly, ordering: .byDate, limit: .max)
            ).attemptRows
            return Silence.lastAttempt(of: rows.lazy.map(\.date), at: now)
        }
        return try facts(newestRow: Silence.lastAttempt(of: newest, at: now), from: sources)
    }
}
