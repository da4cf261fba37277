package import Model
import Redis

/// An event's payload, kept so that it can be sent again.
package struct ArchivedEvent: Hashable, Sendable {
    /// The event's `Request-ID`.
    package var id: String
    package var appID: Int64
    package var event: EventType
    /// When the event was enqueued; what windows of time go by.
    package var enqueuedAt: Timestamp
    /// What is to be sent: opaque to the archive.
    package var payload: [UInt8]

    package init(id: String, appID: Int64, event: EventType, enqueuedAt: Timestamp, payload: [UInt8]) {
        self.id = id
        self.appID = appID
        self.event = event
        self.enqueuedAt = enqueuedAt
        self.payload = payload
    }

    /// Reads what `PayloadArchive` wrote; nil when it is not there.
    init?(id: String, appID: Int64, _ values: [ReplyValue]) {
        let fields = FieldReader(values)
        guard let payload = fields.bytes(QueueField.payload), let event = fields.text(QueueField.event),
            let enqueued = fields.number(QueueField.enqueued)
        else { return nil }
        self.init(
            id: id, appID: appID, event: EventType(rawValue: event),
            enqueuedAt: Timestamp(microseconds: enqueued), payload: payload)
    }
}

/// Which events of an app to list.
package struct ArchiveQuery: Hashable, Sendable {
    package var appID: Int64
    /// Events enqueued from this moment on; nil = from the oldest kept.
    package var since: Timestamp?
    /// Events enqueued before this moment; nil = up to the newest.
    package var until: Timestamp?
    /// Only events whose last attempt failed.
    package var errorsOnly: Bool

    package init(appID: Int64, since: Timestamp? = nil, until: Timestamp? = nil, errorsOnly: Bool = false) {
        self.appID = appID
        self.since = since
        self.until = until
        self.errorsOnly = errorsOnly
    }
}

/// A piece of the list of an app's events, the oldest first.
package struct ArchivePage: Hashable, Sendable {
    package var events: [Item]
    /// Where the list goes on; nil at its end.
    package var next: Cursor?

    /// One event of the list; its payload is read by its id.
    package struct Item: Hashable, Sendable {
        package var id: String
        package var enqueuedAt: Timestamp
    }

    /// A place in the list: behind one event, also when that is gone.
    package struct Cursor: Hashable, Sendable {
        var last: SortedSetPage.Item
    }
}

/// Bounds of the archive.
package struct ArchiveLimits: Hashable, Sendable {
    /// How long a payload is kept: 3 days.
    package var lifetimeSeconds: Int
    /// Larger payloads are not kept.
    package var maximumPayloadBytes: Int
    /// Payloads kept of one app; the oldest make way.
    package var maximumEvents: Int

    package init(
        lifetimeSeconds: Int = 259_200,
        maximumPayloadBytes: Int = DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: 256 << 10),
        maximumEvents: Int = 10_000
    ) {
        self.lifetimeSeconds = lifetimeSeconds
        self.maximumPayloadBytes = maximumPayloadBytes
        self.maximumEvents = maximumEvents
    }
}
