import Management
import Model
import Queue

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
