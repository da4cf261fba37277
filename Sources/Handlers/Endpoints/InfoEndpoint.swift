import Buffer
import Directory
import Model
import System
import WebhookRules
import WireJSON

/// `GET /api/0/hookline/info/`: what this deployment is, which events it knows, and who asks, for pages and programs of
/// any caller that is signed in or has a token.
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
        json.append("managedBy", text: try isManagedHere(context) ? "hookline" : "sentry")
        json.append("limits", json: limits(dependencies))
        json.append("signOutUrl", text: dependencies.signOutURL)
        json.append("user", json: user(context.caller))
        // It names the caller: no other user of a cache may get it.
        return EndpointResult(body: json.finish(), headers: [("Cache-Control", "private, no-cache")])
    }

    /// What is kept, and for how long, and the range of an app's own timeout.
    private static func limits(_ dependencies: Dependencies) -> [UInt8] {
        let (limits, plan) = (dependencies.eventLimits, dependencies.diagnosis.plan)
        var json = JSONObjectWriter()
        json.append("logRows", number: Int64(WebhookRequestBuffer.capacity))
        json.append("logSeconds", number: Int64(WebhookRequestBuffer.lifetimeSeconds))
        json.append("eventBytes", number: Int64(limits.maximumEventBytes))
        json.append("payloadSeconds", number: Int64(limits.payloadSeconds))
        json.append("detailsBytes", number: Int64(limits.detailsBytes))
        json.append("timeoutMs", number: Int64(plan.timeout.milliseconds))
        json.append("minimumTimeoutMs", number: Int64(plan.timeoutRange.lowerBound.milliseconds))
        json.append("maximumTimeoutMs", number: Int64(plan.timeoutRange.upperBound.milliseconds))
        return json.finish()
    }

    /// Whether apps are changed here, and not by the original.
    private static func isManagedHere(_ context: borrowing RequestContext) throws(HTTPFailure) -> Bool {
        guard context.dependencies.management != nil else { return false }
        return try orUnavailable(context.directory.releases()) == nil
    }

    /// Null for tokens and keys: programs need no name, and a token may have fewer rights than its user.
    private static func user(_ caller: Caller) -> [UInt8] {
        guard case .user(let user, let isActiveSuperuser) = caller else { return Array("null".utf8) }
        var json = JSONObjectWriter()
        json.append("username", text: user.username.isEmpty ? user.email : user.username)
        json.append("name", text: user.name)
        json.append("isSuperuser", bool: isActiveSuperuser)
        return json.finish()
    }
}
