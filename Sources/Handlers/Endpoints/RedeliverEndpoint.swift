import Buffer
import Model
import Queue
import WebhookRules
import WireJSON

/// `POST requests/{id}/redeliver/`: enqueues a stored event again, as a new one that refers to the original.
enum RedeliverEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let original = try archivedEvent(of: app, context)
        let dependencies = context.dependencies
        guard let entry = original.redelivery(id: dependencies.eventIDs.next(), at: context.now()) else {
            throw .unreadablePayload(original.id)
        }
        guard app.disablement == nil else { throw .disabledApp }
        var problems = FieldProblems()
        let key = context.request.idempotencyKey(scope: .redelivery(of: original.id), problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }

        let id = try dependencies.enqueue(entry, key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        json.append("originalId", text: entry.originalID)
        return EndpointResult(status: 202, body: json.finish())
    }

    /// The event with its payload; fails with 404 when the id is invalid or unknown for this app, or the payload has
    /// expired: these cannot be distinguished.
    private static func archivedEvent(
        of app: SentryApp, _ context: borrowing RequestContext
    ) throws(HTTPFailure) -> ArchivedEvent {
        let limits = context.dependencies.eventLimits
        guard limits.payloadSeconds > 0 else { throw .payloadsNotStored }
        guard let id = context.names.item, QueueEntry.isID(id) else {
            throw .noPayload(storedFor: limits.payloadSeconds)
        }
        let found = try orUnavailable(
            HTTPFailure.payloadsUnavailable, context.dependencies.payloads.event(id: id, appID: app.id))
        guard let found else { throw .noPayload(storedFor: limits.payloadSeconds) }
        return found
    }
}
