import Model
import Queue
import WireJSON

/// Dead letters as rows of a table and as JSON.
enum DeadLetterListing {
    static let header = ["ID", "APP", "EVENT", "ATTEMPTS", "AGE", "REASON"]

    static func row(_ letter: DeadLetter, app: String?, now: Timestamp) -> [String] {
        let entry = letter.entry
        return [
            entry.id, app ?? "#\(entry.appID)", entry.event.rawValue, String(entry.attempt),
            Age(from: letter.deadLetteredAt, to: now).description, letter.reason,
        ]
    }

    /// - Parameter payload: nil leaves it out.
    static func json(_ letter: DeadLetter, app: String?, payload: JSONValue? = nil) -> JSONValue {
        let entry = letter.entry
        var members: [JSONValue.Member] = [
            .init(name: "id", value: .string(entry.id)),
            .init(name: "app", value: app.map { .string($0) } ?? .null),
            .init(name: "app_id", value: .integer(entry.appID)),
            .init(name: "event", value: .string(entry.event.rawValue)),
            .init(name: "attempts", value: .integer(entry.attempt)),
            .init(name: "enqueued_at", value: .string(entry.enqueuedAt.iso8601Description)),
            .init(name: "due_at", value: .string(entry.dueAt.iso8601Description)),
            .init(name: "buried_at", value: .string(letter.deadLetteredAt.iso8601Description)),
            .init(name: "reason", value: .string(letter.reason)),
            .init(name: "payload_bytes", value: .integer(letter.payloadByteCount)),
        ]
        if let original = entry.originalID { members.append(.init(name: "original_id", value: .string(original))) }
        if let payload { members.append(.init(name: "payload", value: payload)) }
        return .object(members)
    }
}
