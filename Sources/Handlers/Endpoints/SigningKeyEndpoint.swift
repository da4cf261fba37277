import Management
import Model
import WebhookRules
import WireJSON

/// `POST` and `DELETE signing-key/`: gives an app an Ed25519 key pair, or removes it, as `hookline app signing-key`
/// does; with `finish` it makes none, and ends the time of former ones. No response has a private key: receivers need
/// the public one.
enum SigningKeyEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    static let acceptsDelete = true

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try ManagementPermission.admit(caller)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let app = try AppManagement.managedApp(context)
        let (rules, now) = (try context.appRules(in: app.ownerID), context.now())
        switch context.method {
        case .delete:
            try context.change(at: now) { (rows) throws(ManagementRefusal) in
                _ = try context.appChanges(rows, rules: rules, at: now)
                    .changeKey(appID: app.id, to: nil, keepingUntil: now)
            }
            return EndpointResult(status: 204, body: [])
        case .get, .post, .put: return try make(app, rules, at: now, context)
        }
    }

    private static func make(
        _ app: SentryApp, _ rules: AppRules, at now: Timestamp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> EndpointResult {
        let value = try context.fields(for: Self.self)
        let fields = try context.orRefused(RotationFields(value))
        let outcome = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            let changes = context.appChanges(rows, rules: rules, at: now)
            if fields.finishes { return try changes.finishKeys(appID: app.id) }
            return try changes.changeKey(
                appID: app.id, to: SigningKeyPair(), keepingUntil: now.adding(seconds: fields.overlapSeconds))
        }
        var json = JSONObjectWriter()
        AppDocument.append(publicKeysOf: outcome.app, to: &json, at: now)
        return EndpointResult(
            status: fields.finishes ? 200 : 201, body: json.finish(),
            headers: [("ETag", outcome.version.tag), ("Cache-Control", "no-store")])
    }
}
