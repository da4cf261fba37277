import Buffer
import Model

extension RequestContext {
    /// The events that the log of an app has: those of the deployment, and others that its relay has received.
    func events(of app: SentryApp) throws(HTTPFailure) -> EventCatalogue {
        guard app.relayTargets != nil, let relay = dependencies.relay else { return events }
        let seen = try orUnavailable(HTTPFailure.logUnavailable, relay.seenEvents.events(appID: app.id))
        return EventCatalogue(events.events + seen)
    }
}
