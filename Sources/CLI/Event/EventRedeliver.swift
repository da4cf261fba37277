import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline event redeliver`
struct EventRedeliver: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Redeliver stored events: by id, or all of a time range.",
        discussion: """
            Each becomes a new event with a new id; its webhook has the original's id in the header \
            Hookline-Original-ID. Payloads are stored for HOOKLINE_PAYLOAD_SECONDS (default 3 days).

            Times are dates such as 2024-01-31T12:00:00Z, or ages: 90m, 2h, 3d. A time range includes events enqueued \
            at --since and later, and before --until. With --errors-only, the outcome of a redelivery counts for its \
            original: what one has delivered, or is still in the queue for, is not sent again. When the queue is \
            full, the command stops, prints where to continue, and ends with exit status 75. 'event resend' is the \
            same command.

            With --all-apps, the events of all apps are redelivered, oldest first, but not those of apps that are \
            disabled or deleted. A run that has stopped is continued with the --since and --until that it prints: \
            events that it has redelivered already are not sent again.

            Examples:
              hookline event redeliver 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event redeliver --app release-radar --since 2h --errors-only --dry-run
              hookline event redeliver --app release-radar --since 3d --until 2d --yes
              hookline event redeliver --all-apps --organization acme --since 2h --errors-only --dry-run
            """,
        aliases: ["resend"])

    @Argument(help: "The events' ids: the webhooks' Request-ID.")
    var ids: [String] = []

    @Option(help: "The app's slug.")
    var app: String?

    @Flag(help: "The events of all apps, in a time range.")
    var allApps = false

    @Option(help: "With --all-apps: only events of this organization's installations; its slug.")
    var organization: String?

    @Option(help: "Start of the time range.")
    var since: String?

    @Option(help: "End of the time range. (default: now)")
    var until: String?

    @Flag(help: "Only events whose last attempt, redeliveries included, failed.")
    var errorsOnly = false

    @Flag(help: "Only count; enqueue nothing.")
    var dryRun = false

    @Option(help: "At most this many of the time range, oldest first.")
    var limit: Int?

    @Flag(help: "Confirm: required with a time range.")
    var yes = false

    @OptionGroup var options: EventOptions

    func validate() throws {
        guard (app != nil) != allApps else { throw ValidationError("give either --app or --all-apps") }
        guard organization == nil || allApps else { throw ValidationError("--organization requires --all-apps") }
        guard !allApps || ids.isEmpty else { throw ValidationError("--all-apps requires --since, and takes no ids") }
        let hasRange = since != nil
        guard hasRange != !ids.isEmpty else { throw ValidationError("give event ids, or a time range with --since") }
        guard hasRange || (until == nil && !errorsOnly && limit == nil) else {
            throw ValidationError("--until, --errors-only and --limit require --since")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be greater than 0") }
        guard !hasRange || yes || dryRun else {
            throw ValidationError("a time range may contain many events: check with --dry-run, then add --yes")
        }
    }

    func run() throws {
        let now = Timestamp.now()
        let since = try StartArgument.timestamp(option: "--since", since, from: now)
        let until = try StartArgument.timestamp(option: "--until", until, from: now)
        // Redelivered events are kept, too: without this end, they would be in the range.
        let end = min(until ?? now, now)
        if let since, since >= end { throw CommandFailure(.data, "--until is not after --since") }
        if let app {
            try redeliver(ofApp: app, since: since, until: end, now: now)
        } else if let since {
            try redeliverOfAllApps(since: since, until: end, now: now)
        }
    }

    private func redeliver(
        ofApp slug: String, since: Timestamp?, until end: Timestamp, now: Timestamp
    ) throws(CommandFailure) {
        let app = try options.directoryOptions.app(slug: slug)
        guard app.disablement == nil else {
            let advice = "enable it first: hookline app enable \(app.slug)"
            throw CommandFailure(.data, "the app \"\(app.slug)\" is disabled; \(advice). Nothing was redelivered")
        }
        let redelivery = EventRedelivery(
            app: app, archive: try options.archive(), submitter: try options.submitter(), isDryRun: dryRun)
        guard let since else { return try redelivery.redeliver(ids: ids) }
        let query = ArchiveQuery(appID: app.id, since: since, until: end, errorsOnly: errorsOnly)
        try redelivery.redeliver(query, limit: limit, now: now)
    }

    private func redeliverOfAllApps(since: Timestamp, until end: Timestamp, now: Timestamp) throws(CommandFailure) {
        let directory = try options.directoryOptions.reader()
        var filter = StoredEventFilter()
        try filter.limit(toOrganization: organization, in: directory)
        let events = StoredEvents(
            try options.archive(), filter: filter,
            ArchiveTimeline.Range(since: since, until: end, errorsOnly: errorsOnly), order: .oldestFirst, now: now)
        let redelivery = AllAppsRedelivery(
            directory: directory, submitter: try options.submitter(), isDryRun: dryRun, errorsOnly: errorsOnly,
            end: end)
        try redelivery.redeliver(events, limit: limit)
    }
}
