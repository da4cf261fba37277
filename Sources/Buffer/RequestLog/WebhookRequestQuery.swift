package import Model
package import Redis

/// A query for a part of an app's webhook request log.
package struct WebhookRequestQuery: Sendable {
    package var appID: Int64
    /// The lists to merge, in tie-break order. With one event the stored order may be kept; see `ordering`.
    package var events: [EventType]
    package var errorsOnly: Bool
    package var ordering: Ordering
    /// The maximum number of rows; the original's buffer returns at most 100.
    package var limit: Int

    package enum Ordering: Sendable {
        /// One event: the list's own order, newest pushed first. Several: by date (docs/protocol.md 1.7).
        case listOrderForOneEvent
        /// Always by date, newest first, equal dates in event order, then list order (docs/protocol.md 1.7, 25/26).
        case byDate
    }

    package init(
        appID: Int64, events: [EventType], errorsOnly: Bool = false, ordering: Ordering = .listOrderForOneEvent,
        limit: Int = 100
    ) {
        self.appID = appID
        self.events = events
        self.errorsOnly = errorsOnly
        self.ordering = ordering
        self.limit = limit
    }
}

/// The key of one list of the log (docs/protocol.md 1.2). The hash tag keeps all lists of one app in one slot.
package struct WebhookRequestKey: Hashable, Sendable {
    private static let requests = "sentry-app-webhook-request:{"
    private static let errors = "sentry-app-webhook-error:{"

    package var appID: Int64
    package var event: EventType
    package var isErrors: Bool

    package init(appID: Int64, event: EventType, isErrors: Bool) {
        self.appID = appID
        self.event = event
        self.isErrors = isErrors
    }

    /// Parses a key; nil when it is not a list of the log.
    init?(parsing bytes: [UInt8]) {
        guard let key = String(validating: bytes, as: UTF8.self) else { return nil }
        let prefix = key.utf8.starts(with: Self.errors.utf8) ? Self.errors : Self.requests
        guard key.utf8.starts(with: prefix.utf8), let brace = key.utf8.firstIndex(of: UInt8(ascii: "}")),
            let appID = Int64(key[key.utf8.index(key.startIndex, offsetBy: prefix.utf8.count)..<brace])
        else { return nil }
        let suffix = key[brace...].utf8.dropFirst()
        guard suffix.first == UInt8(ascii: ":") else { return nil }
        self.init(
            appID: appID, event: EventType(rawValue: String(decoding: suffix.dropFirst(), as: UTF8.self)),
            isErrors: prefix == Self.errors)
    }

    package var text: String {
        "\(isErrors ? Self.errors : Self.requests)\(appID)}:\(event.rawValue)"
    }

    /// Appends the key as an argument: as `text`, without allocating it.
    func append(to request: inout RedisRequest) {
        request.appendArgument(isErrors ? Self.errors : Self.requests, String(appID), "}:", event.rawValue)
    }
}

/// Reads the webhook request log. One object serves one thread.
package protocol WebhookRequestReading: AnyObject {
    /// Reads, merges and cuts the lists of `query`; one round trip. An absent list is an empty one.
    func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage
}
