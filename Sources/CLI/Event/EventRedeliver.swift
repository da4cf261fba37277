import ArgumentParser
import Buffer
import Model
import Queue

/// `hookline event resend`
struct EventRedeliver: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resend",
        abstract: "Send kept events again: those named, or those of a window of time.",
        discussion: """
            Each becomes a new event with an id of its own that names the original; its webhook has the header \
            Hookline-Original-ID. Payloads are kept for HOOKLINE_PAYLOAD_SECONDS (3 days unless set).

            Times are such as 2024-01-31T12:00:00Z, or how long ago: 90m, 2h, 3d. A window takes events that were \
            enqueued from --since on and before --until. When the queue is full, it stops, says where to go on, and \
            the exit status is 75.

            Examples:
              hookline event resend 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event resend --app release-radar --since 2h --errors-only --dry-run
              hookline event resend --app release-radar --since 3d --until 2d --yes
            """)

    @Argument(help: "The events' ids: the webhooks' Request-ID.")
    var ids: [String] = []

    @Option(help: "The app's slug.")
    var app: String

    @Option(help: "The window's begin.")
    var since: String?

    @Option(help: "The window's end. (default: now)")
    var until: String?

    @Flag(help: "Only events whose last attempt failed.")
    var errorsOnly = false

    @Flag(help: "Count, and send nothing.")
    var dryRun = false

    @Option(help: "At most this many of the window, the oldest first.")
    var limit: Int?

    @Flag(help: "Do not ask: needed with a window.")
    var yes = false

    @OptionGroup var options: EventOptions

    func validate() throws {
        let isWindow = since != nil
        guard isWindow != !ids.isEmpty else { throw ValidationError("name the events, or a window with --since") }
        guard isWindow || (until == nil && !errorsOnly && limit == nil) else {
            throw ValidationError("--until, --errors-only and --limit go with --since")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be greater than 0") }
        guard !isWindow || yes || dryRun else {
            throw ValidationError("a window may hold many events: see with --dry-run, then add --yes")
        }
    }

    func run() throws {
        let now = Timestamp.now()
        let since = try StartArgument.timestamp(option: "--since", since, from: now)
        let until = try StartArgument.timestamp(option: "--until", until, from: now)
        let app = try options.directoryOptions.app(slug: app)
        let resending = EventRedelivery(
            app: app, archive: try options.archive(), submitter: try options.submitter(), isDryRun: dryRun)
        guard let since else { return try resending.resend(ids: ids) }
        // What is sent again becomes a kept event itself: without this end, it would be sent again, too.
        let end = min(until ?? now, now)
        guard since < end else { throw CommandFailure(.data, "the window ends before it begins") }
        let query = ArchiveQuery(appID: app.id, since: since, until: end, errorsOnly: errorsOnly)
        try resending.resend(query, limit: limit, now: now)
    }
}
