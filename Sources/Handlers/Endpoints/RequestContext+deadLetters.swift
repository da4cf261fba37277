import Model
import Queue
import WireJSON

extension RequestContext {
    func deadLetters() throws(HTTPFailure) -> any DeadLetterManaging {
        guard let letters = dependencies.deadLetters else { throw .notFound }
        return letters
    }

    /// The app's dead letter that the path names; fails with 404 when there is none.
    func namedDeadLetter(of app: SentryApp) throws(HTTPFailure) -> DeadLetter {
        guard let id = names.item, DeadLetter.isID(id) else { throw .noDeadLetter }
        let letters = try deadLetters()
        let found = try orUnavailable(HTTPFailure.stateUnavailable, letters.deadLetter(id: id, appID: app.id))
        guard let found else { throw .noDeadLetter }
        return found
    }
}

extension JSONObjectWriter {
    /// What lists show of a dead letter.
    mutating func append(_ letter: DeadLetter) {
        let entry = letter.entry
        append("id", text: entry.id)
        append("eventType", text: entry.event.rawValue)
        append("date", text: letter.deadLetteredAt.iso8601Description)
        append("enqueuedAt", text: entry.enqueuedAt.iso8601Description)
        append("attempts", number: Int64(entry.attempt))
        append("reason", text: letter.reason)
        append("originalId", text: entry.originalID)
        append("payloadBytes", number: Int64(letter.payloadByteCount))
    }
}

extension HTTPFailure {
    static let noDeadLetter = HTTPFailure(status: 404, detail: "The app has no dead letter with this id.")
}
