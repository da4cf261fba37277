import Management
import Model
import Queue
import WireJSON

/// `dead-letters/{id}/`: `GET` shows a dead letter with its event, `DELETE` deletes it.
enum DeadLetterEndpoint: AppEndpoint {
    static let acceptsPost = false
    static let acceptsDelete = true
    static let permission: any Permission.Type = DeadLetterPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        let letter = try context.namedDeadLetter(of: app)
        if context.method == .delete {
            let letters = try context.deadLetters()
            try context.record(
                .deadLettersDeleted(count: 1, id: letter.entry.id, of: app, by: context.author, at: context.now()))
            let count = try orUnavailable(
                HTTPFailure.stateUnavailable, letters.deleteDeadLetters(ids: [letter.entry.id], appID: app.id))
            guard count > 0 else { throw .noDeadLetter }
            return EndpointResult(status: 204, body: [])
        }
        var json = JSONObjectWriter()
        json.append(letter)
        json.append("event", json: event(of: letter))
        return EndpointResult(body: json.finish())
    }

    /// What the webhook is made of; `null` when it cannot be read.
    private static func event(of letter: DeadLetter) -> [UInt8] {
        if let relayed = RelayedWebhook(bytes: letter.entry.payload) {
            var json = JSONObjectWriter()
            json.append("requestId", text: relayed.requestID)
            json.append("target", text: relayed.target)
            json.append("body", text: String(decoding: relayed.body, as: UTF8.self))
            return json.finish()
        }
        guard let event = QueuedEvent(bytes: letter.entry.payload) else { return Array("null".utf8) }
        var json = JSONObjectWriter()
        json.append("installation", text: event.installationUUID)
        if let projectID = event.projectID {
            json.append("projectId", number: projectID)
        } else {
            json.append("projectId", text: nil)
        }
        json.append("data", json: event.data.bytes)
        json.append("actor", json: event.actor?.bytes ?? Array("null".utf8))
        return json.finish()
    }
}
