import Directory
import Model
import WireJSON

/// `POST enable/`: gives a disabled app its subscriptions back, as `hookline app enable` does.
enum EnableEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    /// As for sending a request again: `org:write` in the organization that owns the app.
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let isDone: Bool
        do {
            isDone = try call.dependencies.directory.enable(appID: call.app.id, audit: audit(of: call))
        } catch {
            throw .unavailable(error)
        }
        guard isDone else { throw HTTPFailure(status: 409, detail: "The app is not disabled.") }
        return Reply(body: Array(#"{"status":"enabled"}"#.utf8))
    }

    private static func audit(of call: AppRequestContext) -> AuditEntry.Draft {
        var data = JSONObjectWriter()
        data.append("name", text: call.app.name)
        let user = call.caller.user
        return AuditEntry.Draft(
            organizationID: call.app.ownerID, event: AuditEntry.appEnabled, actorID: user?.id,
            actorLabel: user.map { $0.username.isEmpty ? $0.email : $0.username } ?? "",
            targetObject: call.app.ownerID, dataJSON: String(decoding: data.finish(), as: UTF8.self),
            date: call.dependencies.clock.now())
    }
}
