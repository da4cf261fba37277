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
        let sources = context.dependencies.state
        let state = try orUnavailable(
            HTTPFailure.stateUnavailable,
            RelayState(
                of: app, targets, policies: context.dependencies.diagnosis.policies, rules: context.rules,
                states: relay.targets, windows: sources.windows, breakers: sources.breakers, now: context.now()))
        return EndpointResult(
            body: RelayTargetDocument.json(of: state, app), headers: [("Cache-Control", "no-store")])
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
