package import Model

/// A job that redelivers the stored events of an app: those of a time range, a few at a time. Workers run it.
package struct RedeliveryJob: Hashable, Sendable {
    /// Which stored events are redelivered.
    package struct Selection: Hashable, Sendable {
        /// Start of the time range, inclusive: the time an event was enqueued counts.
        package var since: Timestamp
        /// End of the time range, exclusive; not after the job was created, so that it does not redeliver its own
        /// events.
        package var until: Timestamp
        /// Only events whose last attempt failed, that of a redelivery included.
        package var errorsOnly: Bool
        /// Nil = all event types.
        package var events: Set<EventType>?
        /// Only events of this organization's installations; nil = of all.
        package var organizationID: Int64?

        package init(
            since: Timestamp, until: Timestamp, errorsOnly: Bool = false, events: Set<EventType>? = nil,
            organizationID: Int64? = nil
        ) {
            self.since = since
            self.until = until
            self.errorsOnly = errorsOnly
            self.events = events
            self.organizationID = organizationID
        }
    }

    package enum State: String, Hashable, Sendable {
        /// No worker has begun it.
        case waiting
        case running
        /// All events were examined.
        case done
        case cancelled
        /// It cannot go on; `reason` says why.
        case failed

        /// Whether workers still run it.
        package var isActive: Bool { self == .waiting || self == .running }
    }

    /// What became of the events that were examined: their sum.
    package struct Counts: Hashable, Sendable {
        /// Put into the queue again, each as a new event.
        package var redelivered = 0
        /// Not redelivered: a redelivery of the same failure is in the queue, or has been delivered.
        package var alreadyQueued = 0
        /// Not redelivered: the payload has expired.
        package var expired = 0
        /// Not redelivered: the payload cannot be read, or exceeds a limit.
        package var unreadable = 0
        /// Of other event types, or of other organizations.
        package var excluded = 0

        package init() {}

        package var examined: Int { redelivered + alreadyQueued + expired + unreadable + excluded }
    }

    /// 32 lower-case hexadecimal digits.
    package var id: String
    package var appID: Int64
    package var selection: Selection
    /// The events in the time range when the job was created, those of other event types and organizations included.
    package var total: Int
    package var createdAt: Timestamp
    /// Who created it, for people.
    package var createdBy: String
    package var state = State.waiting
    package var counts = Counts()
    /// Why it has failed, or waits; nil = it goes on.
    package var reason: String?
    /// When it ended; nil before.
    package var finishedAt: Timestamp?
    /// Behind the last event that was examined; nil at the beginning.
    package private(set) var cursor: ArchivePage.Cursor?

    package init(
        id: String, appID: Int64, selection: Selection, total: Int, createdAt: Timestamp, createdBy: String
    ) {
        self.id = id
        self.appID = appID
        self.selection = selection
        self.total = total
        self.createdAt = createdAt
        self.createdBy = createdBy
    }

    /// Notes that an event was examined: the next step begins behind it.
    package mutating func pass(_ item: ArchivePage.Item) {
        cursor = ArchivePage.Cursor(
            last: SortedSetPage.Item(member: item.id, score: String(item.enqueuedAt.microseconds)))
    }

    /// The archive's query of the time range.
    package var query: ArchiveQuery {
        ArchiveQuery(
            appID: appID, since: selection.since, until: selection.until, errorsOnly: selection.errorsOnly)
    }

    /// The key by which a repeated step recognizes what it has redelivered: an event that is redelivered because it
    /// failed is redelivered once for each time that it failed, however many ask for it.
    package func idempotencyKey(of event: ArchivedEvent) -> IdempotencyKey? {
        IdempotencyKey(selection.errorsOnly ? event.failureKey : "job-\(id)", scope: .redelivery(of: event.id))
    }
}

extension RedeliveryJob {
    /// The names of the fields of a job's hash.
    enum Field {
        static let app = "app"
        static let since = "since"
        static let until = "until"
        static let errorsOnly = "errors-only"
        static let events = "events"
        static let organization = "organization"
        static let total = "total"
        static let createdAt = "created"
        static let createdBy = "created-by"
        static let state = "state"
        static let reason = "reason"
        static let finishedAt = "finished"
        /// Score and member of the archive's index.
        static let cursorScore = "cursor-score"
        static let cursorID = "cursor-id"
    }

    /// The names of the counts, as fields of the hash and of documents.
    static let countFields: [(name: String, path: any WritableKeyPath<Counts, Int> & Sendable)] = [
        ("redelivered", \.redelivered), ("already-queued", \.alreadyQueued), ("expired", \.expired),
        ("unreadable", \.unreadable), ("excluded", \.excluded),
    ]

    /// Names and values in turn of a job that no worker has begun.
    var initialFields: [String] {
        var fields = [
            Field.app, String(appID), Field.since, String(selection.since.microseconds), Field.until,
            String(selection.until.microseconds), Field.errorsOnly, selection.errorsOnly ? "1" : "0", Field.total,
            String(total), Field.createdAt, String(createdAt.microseconds), Field.createdBy, createdBy, Field.state,
            state.rawValue,
        ]
        if let events = selection.events {
            fields += [Field.events, events.map(\.rawValue).sorted().joined(separator: ",")]
        }
        if let organizationID = selection.organizationID { fields += [Field.organization, String(organizationID)] }
        return fields
    }

    /// Nil when fields are missing or invalid.
    init?(id: String, _ fields: FieldReader) {
        guard let appID = fields.number(Field.app), let since = fields.time(Field.since),
            let until = fields.time(Field.until), let createdAt = fields.time(Field.createdAt),
            let state = fields.string(Field.state).flatMap(State.init)
        else { return nil }
        let events = fields.string(Field.events).map { text in
            Set(text.split(separator: ",").map { EventType(rawValue: String($0)) })
        }
        self.init(
            id: id, appID: appID,
            selection: Selection(
                since: since, until: until, errorsOnly: fields.number(Field.errorsOnly) == 1, events: events,
                organizationID: fields.number(Field.organization)),
            total: fields.count(Field.total) ?? 0, createdAt: createdAt,
            createdBy: fields.string(Field.createdBy) ?? "")
        self.state = state
        for (name, path) in Self.countFields { counts[keyPath: path] = fields.count(name) ?? 0 }
        reason = fields.string(Field.reason).flatMap { $0.isEmpty ? nil : $0 }
        finishedAt = fields.time(Field.finishedAt)
        if let score = fields.string(Field.cursorScore), let member = fields.string(Field.cursorID) {
            cursor = ArchivePage.Cursor(last: SortedSetPage.Item(member: member, score: score))
        }
    }
}
