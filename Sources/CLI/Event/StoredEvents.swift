import Directory
import Model
import Queue
import Redis

/// Which stored events a command is about.
struct StoredEventFilter {
    /// Nil = all apps with stored events.
    var appIDs: Set<Int64>?
    /// The uuids of an organization's installations; nil = events of all organizations.
    var installations: Set<String>?
    /// Nil = all event types.
    var events: Set<EventType>?

    /// Only events of installations that the organization has now.
    ///
    /// - Parameter slug: nil = no such limit.
    mutating func limit(
        toOrganization slug: String?, in directory: any DirectoryDatabase
    ) throws(CommandFailure) {
        guard let slug else { return }
        guard let organization = try reportingDirectoryErrors(try directory.organization(slug: slug)) else {
            throw CommandFailure(.data, "no such organization: \(slug)")
        }
        let found = try reportingDirectoryErrors(
            try directory.installations(organizationID: organization.id, limit: .max))
        let apps = Set(found.map(\.appID))
        appIDs = appIDs.map { $0.intersection(apps) } ?? apps
        installations = Set(found.map(\.uuid))
    }
}

/// The stored events of several apps in the order of their times, a few of which are read at a time.
final class StoredEvents {
    /// One event that the archive lists.
    struct Found {
        var item: ArchiveTimeline.Item
        /// The payload; nil when it has expired.
        var event: ArchivedEvent?
        /// Nil when the payload cannot be read.
        var payload: QueuedEvent?
        /// Whether the last attempt failed, that of a redelivery included.
        var hasFailed: Bool
    }

    /// Payloads that are read in one round trip.
    private static let batchSize = 16

    private let archive: PayloadArchive
    private let filter: StoredEventFilter
    private let range: ArchiveTimeline.Range
    private let order: ArchiveTimeline.Order
    private let now: Timestamp
    private var timeline: ArchiveTimeline?
    private var isAtEnd = false
    private var read: ArraySlice<Found> = []

    init(
        _ archive: PayloadArchive, filter: StoredEventFilter, _ range: ArchiveTimeline.Range,
        order: ArchiveTimeline.Order, now: Timestamp
    ) {
        self.archive = archive
        self.filter = filter
        self.range = range
        self.order = order
        self.now = now
    }

    /// The next event that fits the filter; nil at the end.
    func next() throws(CommandFailure) -> Found? {
        while read.isEmpty {
            guard !isAtEnd else { return nil }
            read = try reportingRedisErrors(try readBatch())[...]
        }
        return read.popFirst()
    }

    private func readBatch() throws(RedisError) -> [Found] {
        let timeline = try startedTimeline()
        var items: [ArchiveTimeline.Item] = []
        while items.count < Self.batchSize, let item = try timeline.next() { items.append(item) }
        isAtEnd = items.count < Self.batchSize
        if let wanted = filter.events {
            // Without their payloads, of which most may not be wanted.
            let types = try archive.eventTypes(items)
            items = zip(items, types).filter { $1.map(wanted.contains) ?? true }.map(\.0)
        }
        var found: [Found] = []
        for (item, stored) in zip(items, try archive.events(items)) {
            let payload = stored.flatMap { QueuedEvent(bytes: $0.event.payload) }
            if let uuids = filter.installations, let payload, !uuids.contains(payload.installationUUID) { continue }
            found.append(
                Found(item: item, event: stored?.event, payload: payload, hasFailed: stored?.hasFailed ?? false))
        }
        return found
    }

    private func startedTimeline() throws(RedisError) -> ArchiveTimeline {
        if let timeline { return timeline }
        let known = try archive.appIDs()
        let appIDs = filter.appIDs.map { wanted in known.filter(wanted.contains) } ?? known
        let started = archive.timeline(appIDs: appIDs, range, order: order, now: now)
        timeline = started
        return started
    }
}
