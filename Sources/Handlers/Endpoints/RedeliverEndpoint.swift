import Buffer
import Model
import Queue
import WebhookRules

/// `POST requests/{id}/redeliver/`: sends an event once more, as a new one that names the original.
enum RedeliverEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    static let permission: any Permission.Type = RedeliveryPermission.self

    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply {
        let original = try archivedEvent(of: call)
        guard var payload = QueuedEvent(bytes: original.payload) else { throw .unreadablePayload(original.id) }
        guard call.app.disablement == nil else { throw .disabledApp }
        var problems = FieldProblems()
        let key = call.request.idempotencyKey(scope: .redelivery(of: original.id), problems: &problems)
        guard problems.isEmpty else { throw .invalidFields(problems.messages) }

        payload.originalID = original.id
        let dependencies = call.dependencies
        let id = try dependencies.enqueue(
            QueueEntry(
                id: dependencies.eventIDs.next(), appID: call.app.id, event: original.event,
                enqueuedAt: dependencies.clock.now(), payload: payload.bytes, originalID: original.id),
            key: key)
        var json = JSONObjectWriter()
        json.append("id", text: id)
        json.append("originalId", text: original.id)
        return Reply(status: 202, body: json.finish())
    }

    /// The request's payload; fails with 404 for an id that is none, that no request of this app has, or whose payload is
    /// not kept any more: from here these look the same.
    private static func archivedEvent(of call: AppRequestContext) throws(HTTPFailure) -> ArchivedEvent {
        let settings = call.dependencies.delivery
        guard settings.payloadSeconds > 0 else { throw .payloadsNotKept }
        guard let id = call.names.item, QueueEntry.isID(id) else { throw .noPayload(keptFor: settings.payloadSeconds) }
        let found: ArchivedEvent?
        do {
            found = try call.dependencies.payloads.event(id: id, appID: call.app.id)
        } catch {
            throw .payloadsUnavailable(error)
        }
        guard let found else { throw .noPayload(keptFor: settings.payloadSeconds) }
        return found
    }
}
