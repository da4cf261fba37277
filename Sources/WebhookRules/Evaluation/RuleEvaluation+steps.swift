import Buffer
import Directory
import Model
import Queue

/// The steps in the order of evaluation, named as in the original (docs/protocol.md 7.1).
extension RuleEvaluation {
    mutating func readPayload() throws(Rejection) -> EventPayload {
        guard let payload = EventPayload(entry.payload) else {
            throw refuse(.event, "the entry's payload is not a valid event")
        }
        guard payload.event == entry.event else {
            throw refuse(
                .event,
                "the entry is for \(entry.event.rawValue), but its payload for \(payload.event.rawValue)")
        }
        guard settings.events.contains(entry.event) else {
            throw refuse(.event, "\(entry.event.rawValue) is not enabled in this deployment (HOOKLINE_EVENTS)")
        }
        let name = payload.event.rawValue
        pass(.event, [RuleStep.Fact("event", name)])
        return payload
    }

    /// `send_resource_change_webhook`: the installation must exist and be confirmed, and its app must exist.
    ///
    /// Events about the installation itself are sent also while it is pending, since the app learns from them what to
    /// confirm, and `installation.deleted` also when it is marked as deleted.
    mutating func sendResourceChangeWebhook(
        _ payload: EventPayload
    ) throws(Rejection) -> (installation: Installation, app: SentryApp) {
        let uuid = payload.installationUUID
        let found = try lookUp(.installation) { directory throws(DirectoryError) in
            try directory.installation(uuid: uuid)
        }
        let status = found.map { $0.dateDeleted == nil ? $0.status.name : "deleted" }
        guard let installation = found, installation.isPresent(for: entry.event),
            installation.status == .installed || isAboutTheInstallation
        else {
            throw stop(
                .installation,
                DroppedEvent(
                    reason: .missingInstallation, installationUUID: uuid, installationID: found?.id),
                [.init("installation", uuid), .init("status", status ?? "missing")])
        }
        pass(
            .installation,
            [
                .init("installation", uuid), .init("id", String(installation.id)),
                .init("status", status ?? installation.status.name),
                .init("organization", String(installation.organizationID)),
            ])
        return (installation, try findApp(installation))
    }

    private var isAboutTheInstallation: Bool { entry.event.isAboutTheInstallation }

    private mutating func findApp(_ installation: Installation) throws(Rejection) -> SentryApp {
        let found = try lookUp(.app) { directory throws(DirectoryError) in try directory.app(id: installation.appID) }
        guard let app = found else {
            throw stop(.app, drop(.missingApp, installation), [.init("id", String(installation.appID))])
        }
        pass(
            .app, [.init("app", app.slug), .init("id", String(app.id)), .init("status", app.status.name)])
        return app
    }

    /// An event that arrived while the app was enabled becomes a dead letter, which can be redriven when it is enabled
    /// again; a later one is dropped.
    ///
    /// An app that only the platform has disabled gets everything, or with the option to enforce that only events about
    /// the installation itself.
    mutating func checkEnabled(_ app: SentryApp, _ installation: Installation) throws(Rejection) {
        if let disablement = app.disablement {
            if entry.enqueuedAt < disablement.date { throw refuse(.enabled, DeliveryPlan.disabledReason) }
            throw stop(
                .enabled, drop(.disabled, installation, app),
                [
                    .init("since", disablement.date.iso8601Description), .init("reason", disablement.reason),
                    .init("subscriptions before", list(disablement.events)),
                ])
        }
        guard app.isDisabledByPlatform else { return pass(.enabled, []) }
        guard isAboutTheInstallation || !settings.enforcesDisabling else {
            throw stop(.enabled, drop(.disabled, installation, app), [.init("platform", "enforced")])
        }
        let consequence = settings.enforcesDisabling ? "installation events only" : "not enforced"
        pass(.enabled, [.init("platform", consequence)])
    }

    /// `send_webhooks`: the installation's hook, the subscriptions, and the hook's projects.
    mutating func sendWebhooks(
        _ payload: EventPayload, _ app: SentryApp, _ installation: Installation
    ) throws(Rejection) {
        let hook = try findServiceHook(app, installation)
        try checkSubscription(.appSubscription, app.events, payload, app, installation)
        try checkSubscription(.hookSubscription, hook.events, payload, app, installation)
        try checkProjects(hook, payload, app, installation)
    }

    private mutating func findServiceHook(
        _ app: SentryApp, _ installation: Installation
    ) throws(Rejection) -> ServiceHook {
        let found = try lookUp(.serviceHook) { directory throws(DirectoryError) in
            try directory.serviceHook(
                installationID: installation.id, organizationID: installation.organizationID)
        }
        guard let hook = found else {
            throw stop(.serviceHook, drop(.missingServiceHook, installation, app), [])
        }
        pass(.serviceHook, [.init("hook", String(hook.id))])
        return hook
    }

    /// Subscriptions are names of events, or of resources for all their events. The latter are Hookline's: the original
    /// stores the events of a resource one by one.
    private mutating func checkSubscription(
        _ step: RuleStep.Name, _ events: [String], _ payload: EventPayload, _ app: SentryApp,
        _ installation: Installation
    ) throws(Rejection) {
        let name = payload.event.rawValue
        let alias = rules.includes(.archivedAlias) ? Self.aliases[payload.event] : nil
        let isSubscribed = events.contains { $0 == name || $0 == payload.resource || $0 == alias }
        guard isSubscribed else {
            throw stop(
                step, drop(.notSubscribed, installation, app),
                [.init("event", name), .init("subscribed", list(events))])
        }
        pass(step, [.init("subscribed", list(events))])
    }

    /// Subscriptions that stand for another event.
    private static let aliases: [EventType: String] = ["issue.ignored": "issue.archived"]

    /// A hook that is limited to projects gets only their events, and none without a project (docs/compatibility.md
    /// D8).
    private mutating func checkProjects(
        _ hook: ServiceHook, _ payload: EventPayload, _ app: SentryApp, _ installation: Installation
    ) throws(Rejection) {
        let isListed = hook.projectIDs.isEmpty || payload.projectID.map(hook.projectIDs.contains) ?? false
        let limits = { hook.projectIDs.isEmpty ? "all projects" : list(hook.projectIDs.map(String.init)) }
        guard isListed else {
            throw stop(
                .projects, drop(.projectNotListed, installation, app),
                [.init("limited to", limits()), .init("project", payload.projectID.map(String.init) ?? "none")])
        }
        pass(.projects, [.init("limited to", limits())])
    }

    func drop(_ reason: DropReason, _ installation: Installation, _ app: SentryApp? = nil) -> DroppedEvent {
        DroppedEvent(
            reason: reason, installationUUID: installation.uuid, installationID: installation.id,
            appSlug: app?.slug)
    }
}

private func list(_ values: [String]) -> String {
    values.isEmpty ? "nothing" : values.joined(separator: ", ")
}

extension RuleEvaluation {
    /// Makes the request with its body and signatures, once for each attempt.
    mutating func makeRequest(
        _ payload: EventPayload, _ app: SentryApp, _ installation: Installation
    ) throws(Rejection) -> PlannedWebhook {
        guard let url = app.webhookURL, !url.isEmpty else {
            throw stop(.webhookURL, drop(.missingWebhookURL, installation, app), [])
        }
        pass(.webhookURL, [.init("url", url)])
        try checkSecret(app, installation)
        if let problem = app.headerProblem { throw refuse(.request, "the app \(app.slug) \(problem)") }
        let body = WebhookBody.bytes(
            action: payload.action, installationUUID: installation.uuid, data: entry.payload[payload.data],
            actor: payload.actor.map { entry.payload[$0] } ?? settings.names.actorJSON[...])
        let originalID = payload.originalID ?? entry.originalID
        let key =
            rules.includes(.idempotencyKey)
            ? WebhookIdempotency.key(ofEvent: entry.id, installationID: installation.id) : nil
        let headers = WebhookHeaders(
            resource: payload.resource, body: body, secrets: app.signingSecrets(at: now),
            keys: app.signingKeys(at: now),
            requestID: entry.id, now: now, signing: signing, isStandard: settings.sendsStandardHeaders,
            custom: app.customHeaders,
            originalID: originalID, attempt: entry.attempt, idempotencyKey: key)
        let timeout = timeout(milliseconds: app.webhookTimeoutMilliseconds)
        pass(
            .request,
            [
                .init("headers", headers.logged.map(\.name).joined(separator: ", ")),
                .init("body", "\(body.count) bytes"), .init("timeout", "\(timeout)"),
            ])
        let sent = headers.sent
        return PlannedWebhook(
            app: app, installation: installation, event: entry.event, url: url, headers: sent,
            loggedHeaders: headers.custom.isEmpty ? sent : headers.logged, body: body, timeout: timeout,
            originalID: originalID, rules: rules, idempotencyKey: key,
            subject: rules.includes(.requestFields)
                ? WebhookSubject(ofResource: payload.resource, data: entry.payload[payload.data]) : nil)
    }

    /// Only an empty secret stops the event. With one that breaks the rule otherwise, the signatures that have a key
    /// are sent (docs/delivery.md).
    private mutating func checkSecret(_ app: SentryApp, _ installation: Installation) throws(Rejection) {
        if let problem = app.secretProblem { throw refuse(.clientSecret, "the app \(app.slug) \(problem)") }
        guard !app.clientSecret.exposed.isEmpty else {
            throw stop(.clientSecret, drop(.missingSecret, installation, app), [])
        }
        let now = now
        pass(.clientSecret, Self.secretFacts(app, now))
    }

    static func secretFacts(_ app: SentryApp, _ now: Timestamp) -> [RuleStep.Fact] {
        var facts: [RuleStep.Fact] = []
        if let problem = SigningKey.problem(of: app.clientSecret) {
            facts.append(.init("problem", "\(problem): \(SigningKey.consequence(of: problem))"))
        }
        // Sentry-Hook-Signature is made with the oldest.
        if let oldest = app.previousSecrets.last(where: { $0.isValid(at: now) && !$0.isPrivateKey }) {
            facts.append(.init("previous until", oldest.validUntil.truncatedToSeconds.iso8601Description))
        }
        return facts
    }

    /// The own timeout of an app or a target within the limits of the deployment.
    func timeout(milliseconds: Int?) -> Duration {
        guard let milliseconds else { return settings.timeout }
        let range = settings.timeoutRange
        return min(max(.milliseconds(milliseconds), range.lowerBound), range.upperBound)
    }
}
