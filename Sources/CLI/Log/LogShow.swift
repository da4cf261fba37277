import ArgumentParser
import Buffer
import Directory
import Model
import Redis

/// `hookline log show`
struct LogShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the newest webhook requests of an app, or follow them.",
        discussion: """
            Newest first; with --follow the other way round, and then new requests as they come, until Ctrl-C. Times \
            are UTC, durations milliseconds; code 0 means no response, as does -1 in rows of 26.9. As json, each line \
            is one request with the stored fields and event_type.

            Examples:
              hookline log show release-radar
              hookline log show release-radar --errors-only --event issue.created --limit 10
              hookline log show release-radar --since 2h --format csv > requests.csv
              hookline log show release-radar --follow --errors-only
              hookline log show release-radar --json | jq -r 'select(.response_code == 0) | .date'
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "Only this event; repeat for several.")
    var event: [String] = []

    @Flag(help: "Only the list of errors: codes 400 to 599, 0 and -1; with the policy standard, all but 200 to 299.")
    var errorsOnly = false

    @Option(help: "Only requests since then: a time, or an age such as 90m, 2h or 3d.")
    var since: String?

    @Flag(help: "Go on and show new requests as they come.")
    var follow = false

    @OptionGroup var format: RowFormatOptions
    @OptionGroup var limit: LimitOption
    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let catalogue = try redisOptions.catalogue()
        let named = try event.map { name throws(CommandFailure) in try catalogue.event(named: name) }
        let events = named.isEmpty ? catalogue.events : named
        let since = try StartArgument.timestamp(option: "--since", since, from: .now())
        let app = try directoryOptions.app(slug: app.slug)
        let connection = try redisOptions.connection()
        var writer = RowWriter(format.chosen)
        guard follow else {
            let buffer = WebhookRequestBuffer(connection: connection, events: catalogue)
            // Rows are left out after they are read: a limit before that would leave out too many.
            let query = WebhookRequestQuery(
                appID: app.id, events: events, errorsOnly: errorsOnly, ordering: .byDate,
                limit: since == nil ? limit.maximum : .max)
            var page = try reportingRedisErrors(try buffer.read(query))
            page.rows = Array(page.rows.filter { $0.isSince(since) }.prefix(limit.maximum))
            try writer.write(RequestListing(page: page, events: events))
            RequestListing.reportSkipped(page)
            return
        }
        let tail = WebhookRequestTail(connection: connection, appID: app.id, events: events, errorsOnly: errorsOnly)
        try LogFollower(tail: tail, events: events, since: since, limit: limit.maximum).run(&writer)
    }
}
