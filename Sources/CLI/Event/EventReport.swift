import Buffer
import Model
import Queue
import Redis
import WebhookRules
import WireJSON

/// State, payload, dead letter and attempts of one event.
struct EventReport {
    let id: String
    let app: SentryApp
    let state: EventState
    let archived: ArchivedEvent?
    let deadLetter: DeadLetter?
    let attempts: AttemptList
    /// Nil when they are not to be shown.
    var details: AttemptReport?

    private var payload: [UInt8]? { archived?.payload ?? deadLetter?.entry.payload }

    /// The human-readable form.
    var text: String {
        var lines = [("event", id), ("app", app.slug)]
        if let event = archived?.event ?? deadLetter?.entry.event { lines.append(("type", event.rawValue)) }
        if let date = archived?.enqueuedAt ?? deadLetter?.entry.enqueuedAt {
            lines.append(("enqueued", date.truncatedToSeconds.iso8601Description))
        }
        if let queued = payload.flatMap(QueuedEvent.init(bytes:)) {
            lines.append(("installation", queued.installationUUID))
            if let project = queued.projectID { lines.append(("project", String(project))) }
            if let original = queued.originalID { lines.append(("redelivery of", original)) }
        }
        lines += state.lines(now: .now())
        if let deadLetter {
            lines.append(("dead letter", deadLetter.reason + " ('hookline queue redrive \(id)')"))
        }
        let payload =
            payload.map { StoredPayload.json($0).prettyText } ?? "The payload has expired or was not stored.\n"
        let attempts = attempts.isEmpty ? "The log has no attempts.\n" : attempts.table
        return TextTable.fields(lines) + "\n" + payload + "\n" + attempts + (details.map { "\n" + $0.text } ?? "")
    }

    /// The JSON form.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init(name: "id", value: .string(id)), .init(name: "app", value: .string(app.slug)),
            .init(
                name: "event",
                value: (archived?.event ?? deadLetter?.entry.event).map { .string($0.rawValue) } ?? .null),
            .init(
                name: "enqueued_at",
                value: (archived?.enqueuedAt ?? deadLetter?.entry.enqueuedAt).map { .string($0.iso8601Description) }
                    ?? .null),
            .init(name: "state", value: state.json),
            .init(name: "payload", value: payload.map { StoredPayload.json($0) } ?? .null),
        ]
        members.append(
            .init(name: "dead_letter_reason", value: deadLetter.map { .string($0.reason) } ?? .null))
        members.append(.init(name: "attempts", value: details?.json(attempts) ?? attempts.json))
        if let details { members.append(.init(name: "redeliveries", value: details.redeliveries)) }
        return .object(members)
    }
}
