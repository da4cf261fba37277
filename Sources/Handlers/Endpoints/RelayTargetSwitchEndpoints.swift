import Directory
import Management
import Model
import Queue
import WebhookRules

/// `POST targets/{name}/enable/`: enables a target of the app's relay that is disabled, and forgets its failures. Its
/// dead letters stay: they can be redriven.
enum RelayTargetEnableEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for enabling an app: `org:write` in the organization that owns it.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let (relay, destination) = try context.relayTarget(of: app)
        let disabled = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.disabled(appID: app.id))
        guard disabled[destination.target ?? ""] != nil else {
            throw HTTPFailure(status: 409, detail: "The target is not disabled.")
        }
        try context.record(AuditEntry.targetEnabled, destination, of: app)
        _ = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.enable(destination))
        return try RelayTargetsEndpoint.respond(to: context, app: app)
    }
}

/// `POST targets/{name}/disable/`: sends nothing more to a target of the app's relay; its webhooks become dead letters.
enum RelayTargetDisableEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let (relay, destination) = try context.relayTarget(of: app)
        let disabled = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.disabled(appID: app.id))
        guard disabled[destination.target ?? ""] == nil else {
            throw HTTPFailure(status: 409, detail: "The target is disabled already.")
        }
        try context.record(AuditEntry.targetDisabled, destination, of: app)
        let disabling = TargetDisabling(date: context.now(), reason: "was disabled by \(context.author.label)")
        _ = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.disable(destination, disabling))
        return try RelayTargetsEndpoint.respond(to: context, app: app)
    }
}

extension RequestContext {
    /// The target that the path names; fails with 404 when the app has none of this name.
    fileprivate func relayTarget(
        of app: SentryApp
    ) throws(HTTPFailure) -> (relay: RelayDependencies, destination: WebhookDestination) {
        let relay = try relay()
        guard let targets = RelayTargets(of: app) else { throw .unreadableTargets(of: app) }
        guard let name = names.item, targets[name] != nil else {
            throw HTTPFailure(status: 404, detail: "The app has no target of this name.")
        }
        return (relay, WebhookDestination(appID: app.id, target: name))
    }

    /// Writes the entry of the audit log, before the change: what cannot be logged is not done.
    fileprivate func record(
        _ event: Int, _ destination: WebhookDestination, of app: SentryApp
    ) throws(HTTPFailure) {
        try orUnavailable(
            directory.record(
                AuditEntry.Draft(
                    target: destination.target ?? "", of: app, event: event, actorID: author.userID,
                    actorLabel: author.label, date: now())))
    }
}
