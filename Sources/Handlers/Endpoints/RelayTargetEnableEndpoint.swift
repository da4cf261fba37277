import Model
import Queue

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
