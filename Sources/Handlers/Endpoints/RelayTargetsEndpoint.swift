import Model
import Queue
import WebhookRules
import WireJSON

/// `GET targets/` of an app: the targets of its relay with their state, and when the relay last received a webhook.
enum RelayTargetsEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let permission: any Permission.Type = LogPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let relay = try context.relay()
        guard let targets = RelayTargets(of: app) else { throw .unreadableTargets(of: app) }
        let disabled = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.disabled(appID: app.id))
        let received = try orUnavailable(HTTPFailure.stateUnavailable, relay.targets.lastReceived(appID: app.id))
        let breakers = breakers(of: targets, app, context)
        var json = JSONObjectWriter()
        json.append("path", text: "/relay/\(app.slug)/")
        json.append("lastReceived", text: received?.iso8601Description)
        json.append(
            "targets",
            objects: targets.list.enumerated().map { index, target in
                RelayTargetDocument.json(of: target, disabling: disabled[target.name], breaker: breakers?[index])
            })
        return EndpointResult(body: json.finish(), headers: [("Cache-Control", "no-store")])
    }

    /// Nil where the policy has none. A failing Redis closes them all, as everywhere.
    private static func breakers(
        of targets: RelayTargets, _ app: SentryApp, _ context: borrowing RequestContext
    ) -> [CircuitState]? {
        let policies = context.dependencies.diagnosis.policies
        guard policies.policyOfRelay(of: app).under(context.rules).breaker != nil,
            let breakers = context.dependencies.state.breakers
        else { return nil }
        let names = targets.list.map { CircuitName.target(WebhookDestination(appID: app.id, target: $0.name)) }
        return (try? breakers.states(of: names, at: context.now())) ?? names.map { _ in .closed }
    }
}

extension RequestContext {
    /// What the relay uses; fails with 404 where there is none.
    func relay() throws(HTTPFailure) -> RelayDependencies {
        guard let relay = dependencies.relay else { throw .notFound }
        return relay
    }
}

extension HTTPFailure {
    static func unreadableTargets(of app: SentryApp) -> HTTPFailure {
        var failure = HTTPFailure(status: 500, detail: "The targets of this app cannot be read.")
        failure.cause = "the targets of the app \(app.slug) are not valid in the directory"
        return failure
    }
}
