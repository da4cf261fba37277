import Directory
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST enable/`: restores the subscriptions of a disabled app, as `hookline app enable` does, and returns them as the
/// app's details do: other responders may still have the app's former state in their caches.
enum EnableEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for redelivery: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        // Otherwise failures from before could disable the app again at once. A failing Redis does not keep it
        // disabled.
        if app.disablement != nil { try? context.dependencies.state.windows?.clear(appID: app.id) }
        let isDone = try orUnavailable(context.directory.enable(appID: app.id, audit: audit(of: app, by: context)))
        guard isDone else { throw HTTPFailure(status: 409, detail: "The app is not disabled.") }
        var json = JSONObjectWriter()
        json.append("status", text: "enabled")
        // An app that was disabled after this responder has read it still has its subscriptions.
        json.append("events", texts: AppDocument.resources(of: app.disablement?.events ?? app.events))
        return EndpointResult(body: json.finish())
    }

    private static func audit(of app: SentryApp, by context: borrowing RequestContext) -> AuditEntry.Draft {
        var data = JSONObjectWriter()
        data.append("name", text: app.name)
        let user = context.caller.user
        return AuditEntry.Draft(
            organizationID: app.ownerID, event: AuditEntry.appEnabled, actorID: user?.id,
            actorLabel: user.map { $0.username.isEmpty ? $0.email : $0.username } ?? context.caller.logIdentity ?? "",
            targetObject: app.ownerID, dataJSON: String(decoding: data.finish(), as: UTF8.self),
            date: context.now())
    }
}
