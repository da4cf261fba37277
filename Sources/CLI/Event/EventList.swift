import ArgumentParser
import Directory
import Model
import Queue
import WireJSON

/// `hookline event list`
struct EventList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the newest stored events, of one app or of all.",
        discussion: """
            Events are stored when their first attempt has ended, for HOOKLINE_PAYLOAD_SECONDS (default 3 days) and \
            as far as memory allows: these can be shown and redelivered. LAST ATTEMPT is that of the event or of its \
            last redelivery.

            Times are dates such as 2024-01-31T12:00:00Z, or ages: 90m, 2h, 3d. They are those at which events were \
            enqueued.

            Examples:
              hookline event list --app release-radar --errors-only
              hookline event list --organization acme --event issue.created --since 2h --limit 20
              hookline event list --json | jq -r 'select(.failed) | .id'
            """)

    @Option(help: "Only events of this app; its slug.")
    var app: String?

    @Option(help: "Only events of this organization's installations; its slug.")
    var organization: String?

    @Option(help: "Only this event; repeat for several.")
    var event: [String] = []

    @Flag(help: "Only events whose last attempt, redeliveries included, failed.")
    var errorsOnly = false

    @Option(help: "Only events enqueued then or later.")
    var since: String?

    @Option(help: "Only events enqueued before.")
    var until: String?

    @OptionGroup var output: ListOutput
    @OptionGroup var limit: LimitOption
    @OptionGroup var options: EventOptions

    func run() throws {
        let now = Timestamp.now()
        let range = ArchiveTimeline.Range(
            since: try StartArgument.timestamp(option: "--since", since, from: now),
            until: try StartArgument.timestamp(option: "--until", until, from: now), errorsOnly: errorsOnly)
        let directory = try options.directoryOptions.reader()
        let events = StoredEvents(
            try options.archive(), filter: try filter(directory), range, order: .newestFirst, now: now)
        var listing = EventListing(directory: directory)
        while listing.count < limit.maximum, let found = try events.next() { try listing.append(found) }
        try output.write(
            listing.rows, json: \.json,
            header: ["ENQUEUED", "EVENT", "APP", "ORGANIZATION", "LAST ATTEMPT", "ID"], row: \.cells)
    }

    private func filter(_ directory: any DirectoryDatabase) throws(CommandFailure) -> StoredEventFilter {
        var filter = StoredEventFilter()
        if let app { filter.appIDs = [try options.directoryOptions.app(slug: app).id] }
        if !event.isEmpty {
            let catalogue = try options.redisOptions.catalogue()
            filter.events = Set(
                try event.map { name throws(CommandFailure) in try catalogue.event(named: name) })
        }
        try filter.limit(toOrganization: organization, in: directory)
        return filter
    }
}

/// Stored events with the names of apps and organizations.
private struct EventListing {
    struct Row {
        var event: ArchivedEvent
        var appSlug: String?
        var organizationSlug: String?
        var payload: QueuedEvent?
        var hasFailed: Bool

        var cells: [String] {
            [
                event.enqueuedAt.truncatedToSeconds.iso8601Description,
                event.event.rawValue + (payload?.originalID.map { " (redelivery of \($0))" } ?? ""),
                appSlug ?? "\(event.appID) (deleted)", organizationSlug ?? "-", hasFailed ? "failed" : "succeeded",
                event.id,
            ]
        }

        var json: JSONValue {
            let text = { (name: String, value: String?) in
                JSONValue.Member(name: name, value: value.map(JSONValue.string) ?? .null)
            }
            return .object([
                text("id", event.id), text("event", event.event.rawValue), text("app", appSlug),
                .init(name: "app_id", value: .integer(event.appID)), text("organization", organizationSlug),
                text("installation", payload?.installationUUID),
                text("enqueued_at", event.enqueuedAt.iso8601Description), text("original_id", payload?.originalID),
                .init(name: "failed", value: .bool(hasFailed)),
                .init(name: "failed_redeliveries", value: .integer(event.failedRedeliveries)),
            ])
        }
    }

    private(set) var rows: [Row] = []
    private let directory: any DirectoryDatabase
    private var appSlugs: [Int64: String?] = [:]
    private var organizationSlugs: [String: String?] = [:]

    init(directory: any DirectoryDatabase) {
        self.directory = directory
    }

    var count: Int { rows.count }

    /// Adds an event unless it has expired.
    mutating func append(_ found: StoredEvents.Found) throws(CommandFailure) {
        guard let event = found.event else { return }
        let slug: String?
        if let known = appSlugs[event.appID] {
            slug = known
        } else {
            slug = try reportingDirectoryErrors(try directory.app(id: event.appID))?.slug
            appSlugs[event.appID] = .some(slug)
        }
        rows.append(
            Row(
                event: event, appSlug: slug,
                organizationSlug: try found.payload.flatMap { payload throws(CommandFailure) in
                    try organizationSlug(installation: payload.installationUUID)
                }, payload: found.payload, hasFailed: found.hasFailed))
    }

    private mutating func organizationSlug(installation uuid: String) throws(CommandFailure) -> String? {
        if let known = organizationSlugs[uuid] { return known }
        let installation = try reportingDirectoryErrors(try directory.installation(uuid: uuid))
        var slug: String?
        if let installation {
            slug = try reportingDirectoryErrors(try directory.organization(id: installation.organizationID))?.slug
        }
        organizationSlugs[uuid] = .some(slug)
        return slug
    }
}
