import Directory
import Management
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// `POST enable/`: restores the subscriptions of a disabled app, as `hookline app enable` does, and returns them as the
/// app's details do: other responders may still have the app's former state in their caches.
///
/// Of an app that is only to be disabled, that is taken back. What the platform has disabled, only a superuser enables
/// here: there its staff decides.
enum EnableEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for redelivery: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        if app.disablement == nil, app.isDisabledByPlatform, !context.caller.isActiveSuperuser {
            throw HTTPFailure(
                status: 409, detail: "The platform has disabled this app. Its staff can enable it there.")
        }
        let state = context.dependencies.state
        let pending = Result { () throws(RedisError) in try state.pendingDisablings?.disabling(appID: app.id) }
        // Otherwise failures from before could disable the app again at once. A failing Redis does not keep it
        // disabled.
        if app.disablement != nil { try? state.windows?.clear(appID: app.id) }
        let audit = AuditEntry.Draft(event: AuditEntry.appEnabled, by: context.author, on: app, at: context.now())
        let isDone = try orUnavailable(context.directory.enable(appID: app.id, audit: audit))
        if !isDone {
            guard try orUnavailable(HTTPFailure.stateUnavailable, pending.get()) != nil else {
                throw HTTPFailure(status: 409, detail: "The app is not disabled.")
            }
            try takeBack(app, audit, context)
        }
        var json = JSONObjectWriter()
        json.append("status", text: "enabled")
        // An app that was disabled after this responder has read it still has its subscriptions.
        json.append("events", texts: AppDocument.resources(of: app.subscriptions))
        return EndpointResult(body: json.finish())
    }

    /// Takes back that the app is to be disabled. What the directory refuses changes nothing in Redis either.
    private static func takeBack(
        _ app: SentryApp, _ audit: AuditEntry.Draft, _ context: borrowing RequestContext
    ) throws(HTTPFailure) {
        let state = context.dependencies.state
        try orUnavailable(context.directory.record(audit))
        _ = try orUnavailable(HTTPFailure.stateUnavailable, state.pendingDisablings?.remove(appID: app.id))
        try? state.windows?.clear(appID: app.id)
        // A worker may have disabled it meanwhile.
        _ = try orUnavailable(context.directory.enable(appID: app.id, audit: audit))
    }
}
