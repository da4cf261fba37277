package import Model
import Redis

/// An event's payload, archived for redelivery.
package struct ArchivedEvent: Hashable, Sendable {
    /// The event's `Request-ID`.
    package var id: String
    package var appID: Int64
    package var event: EventType
    /// When the event was enqueued; time ranges refer to it.
    package var enqueuedAt: Timestamp
    /// Opaque to the archive.
    package var payload: [UInt8]
    /// Redeliveries of it that have failed for good.
    package var failedRedeliveries = 0

    package init(id: String, appID: Int64, event: EventType, enqueuedAt: Timestamp, payload: [UInt8]) {
        self.id = id
        self.appID = appID
        self.event = event
        self.enqueuedAt = enqueuedAt
        self.payload = payload
    }

    /// The fields of its hash that `init?(id:appID:values:)` parses.
    static let fieldNames = [
        QueueField.payload, QueueField.event, QueueField.enqueued, ArchiveKeys.failedRedeliveries,
    ]

    /// Parses the values of `fieldNames`; nil when they are missing.
    init?(id: String, appID: Int64, values: [ReplyValue]) {
        let names = Self.fieldNames.map { ReplyValue.text(Array($0.utf8)[...]) }
        self.init(id: id, appID: appID, fields: FieldReader(zip(names, values).flatMap { [$0, $1] }))
    }

    /// Parses the fields that `PayloadArchive` wrote; nil when they are missing.
    init?(id: String, appID: Int64, fields: FieldReader) {
        guard let payload = fields.bytes(QueueField.payload), let event = fields.string(QueueField.event),
            let enqueued = fields.time(QueueField.enqueued)
        else { return nil }
        self.init(
            id: id, appID: appID, event: EventType(rawValue: event),
            enqueuedAt: enqueued, payload: payload)
        failedRedeliveries = fields.count(ArchiveKeys.failedRedeliveries) ?? 0
    }
}

extension ArchivedEvent {
    /// The idempotency key of a redelivery because of a failure: an event is redelivered once for each time that it
    /// failed.
    package var failureKey: String { "failure-\(failedRedeliveries)" }

    /// Whether the payload is that of an event or of a relayed webhook, so that it can be redelivered.
    package var isReadable: Bool { RelayedWebhook(bytes: payload) != nil || QueuedEvent(bytes: payload) != nil }

    /// The entry that redelivers it as a new event, which refers to it; nil when the payload is not that of an event.
    ///
    /// - Parameter id: of the new event.
    package func redelivery(id: String, at now: Timestamp) -> QueueEntry? {
        if var relayed = RelayedWebhook(bytes: payload) {
            relayed.redeliver(self.id)
            return QueueEntry(
                id: id, appID: appID, event: event, enqueuedAt: now, payload: relayed.bytes,
                originalID: relayed.originalID, target: relayed.target)
        }
        guard var payload = QueuedEvent(bytes: self.payload) else { return nil }
        payload.redeliver(self.id)
        return QueueEntry(
            id: id, appID: appID, event: event, enqueuedAt: now, payload: payload.bytes,
            originalID: payload.originalID)
    }
}

/// One event after an attempt.
package struct ArchiveEntry: Sendable {
    package var event: ArchivedEvent
    /// Whether the attempt failed; the list of errors depends on the last attempt.
    package var isError: Bool
    /// Whether to store the payload; false when it was stored after an earlier attempt.
    package var isNew: Bool
    /// The event that this one redelivers: the outcome counts for that one as long as the archive has it, so that an
    /// event and its redeliveries are listed once.
    package var originalID: String?
    /// Whether no attempt follows.
    package var isLast: Bool
    /// What is kept of the attempt as long as the payload is; nil = nothing.
    package var details: AttemptDetails?

    package init(
        event: ArchivedEvent, isError: Bool, isNew: Bool, originalID: String? = nil, isLast: Bool = true,
        details: AttemptDetails? = nil
    ) {
        self.event = event
        self.isError = isError
        self.isNew = isNew
        self.originalID = originalID
        self.isLast = isLast
        self.details = details
    }
}

/// A query for archived events of an app.
package struct ArchiveQuery: Hashable, Sendable {
    package var appID: Int64
    /// Start of the time range, inclusive; nil: the oldest.
    package var since: Timestamp?
    /// End of the time range, exclusive; nil: the newest.
    package var until: Timestamp?
    /// Only events whose last attempt failed, that of a redelivery included.
    package var errorsOnly: Bool

    package init(appID: Int64, since: Timestamp? = nil, until: Timestamp? = nil, errorsOnly: Bool = false) {
        self.appID = appID
        self.since = since
        self.until = until
        self.errorsOnly = errorsOnly
    }
}

/// A page of the list of an app's events, the oldest first.
package struct ArchivePage: Hashable, Sendable {
    package var events: [Item]
    /// The start of the next page; nil at the end.
    package var next: Cursor?

    /// One event of the list, without its payload.
    package struct Item: Hashable, Sendable {
        package var id: String
        package var enqueuedAt: Timestamp
    }

    /// A position in the list: behind one event, which may have been removed since.
    package struct Cursor: Hashable, Sendable {
        var last: SortedSetPage.Item
    }
}

/// Limits of the archive.
package struct ArchiveLimits: Hashable, Sendable {
    /// Lifetime of a payload: 3 days.
    package var lifetimeSeconds: Int
    /// Larger payloads are not stored.
    package var maximumPayloadBytes: Int
    /// The maximum number of payloads of one app; beyond that the oldest are evicted.
    package var maximumEvents: Int
    /// The memory of the payloads and details of all apps together; beyond that `PayloadArchive.prune` deletes the
    /// oldest.
    package var maximumBytes: Int
    /// The memory of the payloads and details of one app; beyond that the oldest are evicted. 64 MiB.
    package var maximumAppBytes: Int

    package init(
        lifetimeSeconds: Int = 259_200,
        maximumPayloadBytes: Int = DeliveryQueueSettings.defaultPayloadBytes,
        maximumEvents: Int = 10_000, maximumBytes: Int = 1 << 30, maximumAppBytes: Int = 64 << 20
    ) {
        self.lifetimeSeconds = lifetimeSeconds
        self.maximumPayloadBytes = maximumPayloadBytes
        self.maximumEvents = maximumEvents
        self.maximumBytes = maximumBytes
        self.maximumAppBytes = maximumAppBytes
    }
}
