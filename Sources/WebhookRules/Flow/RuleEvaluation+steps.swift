import Buffer
import Directory
import Model
import Queue

/// The steps, in the order they are taken and named as in the original (contract 7.1).
extension RuleEvaluation {
    mutating func readPayload() throws(Rejection) -> EventPayload {
        guard let payload = EventPayload(entry.payload) else {
            throw refuse(.event, "the entry's payload is not an event's")
        }
        guard payload.event == entry.event else {
            throw refuse(
                .event,
                "the entry is for \(entry.event.rawValue), its payload for \(payload.event.rawValue)")
        }
        guard settings.events.contains(entry.event) else {
            throw refuse(.event, "\(entry.event.rawValue) is not among the events of this deployment (HOOKLINE_EVENTS)")
        }
        let name = payload.event.rawValue
        pass(.event, [PlanStep.Fact("event", name)])
        return payload
    }

    /// `send_resource_change_webhook`: the installation must be there and installed, and its app, too.
    ///
    /// An app is told of its own installation while that is still pending: by this it learns what to confirm. Of the end
    /// of its installation it is told when that is marked as deleted already.
    mutating func sendResourceChangeWebhook(
        _ payload: EventPayload
    ) throws(Rejection) -> (installation: Installation, app: SentryApp) {
        let uuid = payload.installationUUID
        let found = try ask(.installation) { directory throws(DirectoryError) in
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
                [.init("installation", uuid), .init("status", status ?? "not there")])
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

    private var isAboutTheInstallation: Bool { entry.event.rawValue.hasPrefix("installation.") }

    private mutating func findApp(_ installation: Installation) throws(Rejection) -> SentryApp {
        let found = try ask(.app) { directory throws(DirectoryError) in try directory.app(id: installation.appID) }
        guard let app = found else {
            throw stop(.app, drop(.missingApp, installation), [.init("id", String(installation.appID))])
        }
        pass(
            .app, [.init("app", app.slug), .init("id", String(app.id)), .init("status", app.status.name)])
        return app
    }

    mutating func checkEnabled(_ app: SentryApp, _ installation: Installation) throws(Rejection) {
        if let disablement = app.disablement {
            throw stop(
                .enabled, drop(.disabled, installation, app),
                [
                    .init("since", disablement.date.iso8601Description), .init("reason", disablement.reason),
                    .init("subscriptions before", list(disablement.events)),
                ])
        }
        pass(.enabled, [])
    }

    /// `send_webhooks`: the installation's hook, who subscribes to the event, and the hook's projects.
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
        let found = try ask(.serviceHook) { directory throws(DirectoryError) in
            try directory.serviceHook(
                installationID: installation.id, organizationID: installation.organizationID)
        }
        guard let hook = found else {
            throw stop(.serviceHook, drop(.missingServiceHook, installation, app), [])
        }
        pass(.serviceHook, [.init("hook", String(hook.id))])
        return hook
    }

    /// Subscriptions are stored as names of events or of whole resources.
    private mutating func checkSubscription(
        _ step: PlanStep.Name, _ events: [String], _ payload: EventPayload, _ app: SentryApp,
        _ installation: Installation
    ) throws(Rejection) {
        let name = payload.event.rawValue
        let isSubscribed = events.contains { $0 == name || $0 == payload.resource }
        guard isSubscribed else {
            throw stop(
                step, drop(.notSubscribed, installation, app),
                [.init("event", name), .init("subscribed", list(events))])
        }
        pass(step, [.init("subscribed", list(events))])
    }

    /// A hook that is limited to projects gets the events of these only, and none that belong to no project (D8).
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
