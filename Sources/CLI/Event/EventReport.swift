import Buffer
import Model
import Queue
import WireJSON

/// All that is known of one event, as text.
struct EventReport {
    let id: String
    let app: SentryApp
    let archived: ArchivedEvent?
    let deadLetter: DeadLetter?
    let attempts: AttemptList

    private var payload: [UInt8]? { archived?.payload ?? deadLetter?.entry.payload }

    /// For people.
    var text: String {
        var lines = [("event", id), ("app", app.slug)]
        if let event = archived?.event ?? deadLetter?.entry.event { lines.append(("type", event.rawValue)) }
        if let date = archived?.enqueuedAt ?? deadLetter?.entry.enqueuedAt {
            lines.append(("enqueued", date.truncatedToSeconds.iso8601Description))
        }
        if let queued = payload.flatMap(QueuedEvent.init(bytes:)) {
            lines.append(("installation", queued.installationUUID))
            if let project = queued.projectID { lines.append(("project", String(project))) }
            if let original = queued.originalID { lines.append(("sends again", original)) }
        }
        if let deadLetter {
            lines.append(("dead letter", deadLetter.reason + " ('hookline queue redrive \(id)')"))
        }
        let width = lines.map(\.0.count).max() ?? 0
        let head = lines.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
        }.joined()
        let body = payload.map { StoredPayload.json($0).prettyText } ?? "The payload is not kept (any more).\n"
        let tail = attempts.isEmpty ? "No attempt is in the log.\n" : attempts.table
        return head + "\n" + body + "\n" + tail
    }

    /// For programs.
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
            .init(name: "payload", value: payload.map { StoredPayload.json($0) } ?? .null),
        ]
        members.append(
            .init(name: "dead_letter_reason", value: deadLetter.map { .string($0.reason) } ?? .null))
        members.append(.init(name: "attempts", value: attempts.json))
        return .object(members)
    }
}
