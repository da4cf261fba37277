import Buffer
package import Model
package import WireJSON

/// A receiver that the webhooks of an app are relayed to.
package struct RelayTarget: Hashable, Sendable {
    /// A value that a body must have, for a target that gets only some webhooks.
    package struct Condition: Hashable, Sendable {
        /// Names of members from the outside to the inside, with dots between them: `data.issue.project.slug`.
        package var path: String
        /// A string, a number, a boolean or null.
        package var value: JSONValue

        package init(path: String, value: JSONValue) {
            self.path = path
            self.value = value
        }
    }

    /// Tells it from the other targets of its app; see `isName`. Deliveries, their state and their log refer to it.
    package var name: String
    package var url: String
    /// Event names (`issue.created`) and resources (`issue`); empty = all events.
    package var events: [String]
    /// All of them must be met.
    package var conditions: [Condition]
    /// The deadline of one webhook; nil for that of the app.
    package var timeoutMilliseconds: Int?
    /// Headers of each webhook, beside those of the protocol.
    package var headers: [SentryApp.CustomHeader]

    package init(
        name: String, url: String, events: [String] = [], conditions: [Condition] = [], timeoutMilliseconds: Int? = nil,
        headers: [SentryApp.CustomHeader] = []
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.conditions = conditions
        self.timeoutMilliseconds = timeoutMilliseconds
        self.headers = headers
    }
}

/// Limits and rules.
extension RelayTarget {
    /// The maximum count per app: each of them is a delivery of its own.
    package static let maximumCount = 16
    /// The maximum count of events, and of conditions, of one target.
    package static let maximumFilterCount = 50
    /// The longest name, in characters.
    package static let maximumNameLength = 64
    /// The longest path of a condition, in bytes.
    package static let maximumPathBytes = 256

    /// What a name is, for messages.
    package static let nameRule =
        "must have 1 to \(maximumNameLength) lower-case letters, digits, - and _, and begin with a letter or a digit"

    /// Whether a target can have this name.
    package static func isName(_ name: String) -> Bool {
        guard (1...maximumNameLength).contains(name.utf8.count), let first = name.utf8.first else { return false }
        let isAlphanumeric = { (byte: UInt8) in (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        return isAlphanumeric(first)
            && name.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    /// Whether this can be the name of an event, or of a resource.
    package static func isEventFilter(_ name: String) -> Bool {
        SeenEvents.isName(name.contains(".") ? name : name + ".a")
    }

    /// Whether a condition can have this path: names without dots, which are not empty.
    package static func isPath(_ path: String) -> Bool {
        (1...maximumPathBytes).contains(path.utf8.count)
            && path.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }
}

/// Which webhooks it gets.
extension RelayTarget {
    /// Whether the target gets a webhook.
    ///
    /// - Parameter body: the whole webhook; asked for only if there are conditions.
    package func accepts(_ event: EventType, body: () -> JSONValue?) -> Bool {
        guard covers(event) else { return false }
        guard !conditions.isEmpty else { return true }
        guard let body = body() else { return false }
        return conditions.allSatisfy { $0.isMet(by: body) }
    }

    /// Whether its filter of events lets an event pass.
    package func covers(_ event: EventType) -> Bool {
        events.isEmpty || events.contains { Self.name($0, covers: event) }
    }

    private static func name(_ name: String, covers event: EventType) -> Bool {
        name == event.rawValue || (!name.contains(".") && event.rawValue.hasPrefix(name + "."))
    }
}

extension RelayTarget.Condition {
    /// Numbers are equal when they are written alike, or are the same 64-bit integer or binary fraction.
    fileprivate func isMet(by body: JSONValue) -> Bool {
        var found = body
        for name in path.split(separator: ".") {
            guard let inner = found[String(name)] else { return false }
            found = inner
        }
        guard case .number(let left) = found, case .number(let right) = value else { return found == value }
        if left == right { return true }
        if let one = Int64(left), let other = Int64(right) { return one == other }
        guard let one = Double(left), let other = Double(right) else { return false }
        return one == other
    }
}
