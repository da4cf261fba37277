package import Buffer
import WireJSON

extension WebhookSubject {
    /// Where the payloads of a resource have the id of their subject: the names on the way to it, for each place.
    private struct Location {
        let type: String
        let paths: [[JSONMemberNames]]

        init(_ type: String, _ paths: [StaticString]...) {
            self.type = type
            self.paths = paths.map { $0.map { JSONMemberNames([$0]) } }
        }
    }

    /// By resource (docs/protocol.md 1.4).
    private static let locations: [String: Location] = [
        "error": Location("event", ["error", "event_id"]),
        "event_alert": Location("event", ["event", "event_id"]),
        "issue": Location("group", ["issue", "id"]),
        "activity_alert": Location("group", ["issue", "id"]),
        "comment": Location("comment", ["comment_id"]),
        "metric_alert": Location("alert_rule", ["metric_alert", "alert_rule", "id"]),
        "installation": Location("installation", ["installation", "uuid"]),
        "seer": Location("autofix_run", ["run_id"], ["sentry_run_id"]),
        "preprod_artifact": Location("preprod_artifact", ["buildId"]),
    ]

    /// The subject of a webhook; nil where its resource has none, or its payload names none.
    ///
    /// - Parameter data: the webhook's `data`, one valid JSON value.
    package init?(ofResource resource: String, data: ArraySlice<UInt8>) {
        guard let location = Self.locations[resource] else { return nil }
        for path in location.paths {
            guard let id = Self.text(at: path, in: data) else { continue }
            self.init(type: location.type, id: id)
            return
        }
        return nil
    }

    /// The string or number at the end of a path; nil where there is none, or an empty string.
    private static func text(at path: [JSONMemberNames], in data: ArraySlice<UInt8>) -> String? {
        var value = data
        for name in path {
            guard let member = member(name, of: value) else { return nil }
            value = member
        }
        switch try? JSONValue(parsing: Array(value)) {
        case .string(let text): return text.isEmpty ? nil : text
        case .number(let digits): return digits
        case nil, .null, .bool, .array, .object: return nil
        }
    }

    /// The last member of this name.
    private static func member(_ name: JSONMemberNames, of object: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var scanner = JSONScanner(names: name)
        scanner.reset(offset: object.startIndex)
        scanner.consume(object.span)
        guard scanner.finish(), scanner.isObject, let range = scanner.fragments.first, !range.isEmpty else {
            return nil
        }
        return object[range]
    }
}
