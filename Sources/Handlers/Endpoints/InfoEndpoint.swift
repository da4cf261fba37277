import Model
import WebhookRules

/// `GET /api/0/hookline/info/`: what this deployment is and which events it knows, for pages and programs of any caller
/// that is signed in or has a token.
enum InfoEndpoint: Endpoint {
    static let acceptsPost = false
    static let isConditional = true

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        switch caller {
        case .anonymous: throw .notAuthenticated
        case .organizationToken: throw .forbidden
        case .user, .token, .apiKey: return
        }
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        let dependencies = context.dependencies
        var json = JSONObjectWriter()
        json.append("name", text: dependencies.diagnosis.plan.names.product)
        json.append("version", text: dependencies.version)
        json.append("protocol", text: context.rules.description)
        json.append("policy", text: dependencies.diagnosis.policy.name.rawValue)
        json.append("events", texts: context.events.events.map(\.rawValue))
        return EndpointResult(body: json.finish())
    }
}
