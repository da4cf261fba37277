import Model
import WireJSON

/// The payload of a queue entry, as written by `QueuedEvent`, decoded without building a tree.
///
/// `data` and `actor` are ranges of the payload: they are stored as compact ASCII, which is how they are sent.
struct EventPayload {
    private static let names = JSONMemberNames([
        "event", "installation", "project_id", "data", "actor", "original_id",
    ])

    let event: EventType
    /// The two parts of the event's name.
    let resource: String
    let action: String
    let installationUUID: String
    let projectID: Int64?
    /// The webhook's `data`, as a range of the payload.
    let data: Range<Int>
    /// The webhook's `actor`; nil for the platform.
    let actor: Range<Int>?
    let originalID: String?

    /// Nil when the payload is invalid.
    init?(_ bytes: [UInt8]) {
        var scanner = JSONScanner(names: EventPayload.names)
        scanner.consume(bytes.span)
        guard scanner.finish(), scanner.isObject else { return nil }
        let fragments = scanner.fragments
        guard let event = EventPayload.string(bytes[fragments[0]]),
            let installation = EventPayload.string(bytes[fragments[1]]), !fragments[3].isEmpty
        else { return nil }
        self.event = EventType(rawValue: event)
        guard let (resource, action) = self.event.parts else { return nil }
        (self.resource, self.action) = (resource, action)
        installationUUID = installation
        projectID = Int64(String(decoding: bytes[fragments[2]], as: UTF8.self))
        data = fragments[3]
        let hasActor = !fragments[4].isEmpty && bytes[fragments[4].lowerBound] != UInt8(ascii: "n")
        actor = hasActor ? fragments[4] : nil
        originalID = EventPayload.string(bytes[fragments[5]])
    }

    /// The value of a JSON string; nil for anything else.
    private static func string(_ fragment: ArraySlice<UInt8>) -> String? {
        guard fragment.first == UInt8(ascii: "\"") else { return nil }
        guard fragment.contains(UInt8(ascii: "\\")) else {
            return String(decoding: fragment.dropFirst().dropLast(), as: UTF8.self)
        }
        return (try? JSONValue(parsing: Array(fragment)))?.string
    }
}
