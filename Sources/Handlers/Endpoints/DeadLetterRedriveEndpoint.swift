import Model
import Queue
import WireJSON

/// `POST dead-letters/{id}/redrive/`: puts a dead letter back into the queue, due at once.
enum DeadLetterRedriveEndpoint: AppEndpoint {
    static let acceptsGet = false
    static let acceptsPost = true
    static let permission: any Permission.Type = DeadLetterPermission.self

    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult {
        guard app.disablement == nil else { throw .disabledApp }
        let letter = try context.namedDeadLetter(of: app)
        let (letters, now) = (try context.deadLetters(), context.now())
        let redrive = try orUnavailable(
            HTTPFailure.queueUnavailable, letters.redrive(ids: [letter.entry.id], now: now))
        if redrive.damagedCount > 0 { throw .damagedDeadLetter }
        if redrive.isFull || redrive.heldCount > 0 { throw .noRoomForRedrive(name: context.dependencies.queue.name) }
        guard redrive.count > 0 else { throw .noDeadLetter }
        var json = JSONObjectWriter()
        json.append("id", text: letter.entry.id)
        return EndpointResult(status: 202, body: json.finish())
    }
}

extension HTTPFailure {
    fileprivate static let damagedDeadLetter = HTTPFailure(
        status: 409, detail: "The dead letter is damaged, so it cannot be sent. It can only be deleted.")

    fileprivate static func noRoomForRedrive(name: String) -> HTTPFailure {
        unavailable(
            detail: "The queue \"\(name)\" has no room for the dead letter. Try again in a few seconds.",
            cause: "queue \(name) has no room for a redriven dead letter")
    }
}
