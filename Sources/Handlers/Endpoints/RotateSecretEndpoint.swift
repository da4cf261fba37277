import Directory
import Management
import Model
import WebhookRules
import WireJSON

/// `POST rotate-secret/`: gives an app a new client secret and keeps the old one valid for a while, as `hookline app
/// rotate-secret` does. With `finish` it makes no new secret, and ends the old one's time.
enum RotateSecretEndpoint: Endpoint {
    static let acceptsGet = false
    static let acceptsPost = true

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try ManagementPermission.admit(caller)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let app = try AppManagement.managedApp(context)
        let (rules, now) = (try context.appRules(in: app.ownerID), context.now())
        let value = try context.fields(for: Self.self)
        let fields = try context.orRefused(RotationFields(value))
        let outcome = try context.change(at: now) { (rows) throws(ManagementRefusal) in
            let changes = context.appChanges(rows, rules: rules, at: now)
            if fields.finishes { return try changes.finishRotation(appID: app.id) }
            return try changes.rotateSecret(
                appID: app.id, keepingUntil: now.adding(seconds: fields.overlapSeconds))
        }
        var json = JSONObjectWriter()
        if !fields.finishes {
            json.append("clientSecret", text: outcome.app.clientSecret.exposed)
            json.append("standardWebhooksSecret", text: SigningKey.standardForm(of: outcome.app.clientSecret).exposed)
        }
        json.append(
            "previousSecretValidUntil",
            text: outcome.app.previousSecrets.first { !$0.isPrivateKey }?.validUntil.truncatedToSeconds
                .iso8601Description)
        return EndpointResult(
            body: json.finish(), headers: [("ETag", outcome.version.tag), ("Cache-Control", "no-store")])
    }
}
