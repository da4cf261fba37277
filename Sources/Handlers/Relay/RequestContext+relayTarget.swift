import Directory
import Management
import Model
import Queue
import WebhookRules

extension RequestContext {
    /// The target that the path names; fails with 404 when the app has none of this name.
    func relayTarget(
        of app: SentryApp
    ) throws(HTTPFailure) -> (relay: RelayDependencies, destination: WebhookDestination) {
        let relay = try relay()
        guard let targets = RelayTargets(of: app) else { throw .unreadableTargets(of: app) }
        guard let name = names.item, targets[name] != nil else {
            throw HTTPFailure(status: 404, detail: "The app has no target of this name.")
        }
        return (relay, WebhookDestination(appID: app.id, target: name))
    }

    /// Writes the entry of the audit log, before the change: what cannot be logged is not done.
    func record(
        _ event: Int, _ destination: WebhookDestination, of app: SentryApp
    ) throws(HTTPFailure) {
        try orUnavailable(
            directory.record(
                AuditEntry.Draft(
                    target: destination.target ?? "", of: app, event: event, actorID: author.userID,
                    actorLabel: author.label, date: now())))
    }
}
