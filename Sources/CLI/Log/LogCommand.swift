import ArgumentParser
import Buffer
import Directory
import Model
import Redis

/// `hookline log …`
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Show the webhook request log of an app, or add to it.",
        subcommands: [LogShow.self, LogAdd.self])
}

/// `hookline log show`
struct LogShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the newest webhook requests of an app.",
        discussion: """
            Times are UTC; code 0 means no response, as does -1 in rows of 26.9. With --json, each line is one \
            request with the stored fields and event_type.

            Examples:
              hookline log show release-radar
              hookline log show release-radar --errors-only --event issue.created --limit 10
              hookline log show release-radar --json | jq -r 'select(.response_code == 0) | .date'
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "Only this event; repeat for several.")
    var event: [String] = []

    @Flag(help: "Only the list of errors: codes 400 to 599, 0 and -1; with the policy standard, all but 200 to 299.")
    var errorsOnly = false

    @OptionGroup var output: ListOutput
    @OptionGroup var limit: LimitOption
    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func run() throws {
        let catalogue = try redisOptions.catalogue()
        let events = try event.map { name throws(CommandFailure) in try catalogue.event(named: name) }
        let app = try directoryOptions.app(slug: app.slug)
        let query = WebhookRequestQuery(
            appID: app.id, events: events.isEmpty ? catalogue.events : events, errorsOnly: errorsOnly,
            ordering: .byDate, limit: limit.maximum)
        let buffer = WebhookRequestBuffer(connection: try redisOptions.connection(), events: catalogue)
        let page = try reportingRedisErrors(try buffer.read(query))

        let listing = RequestListing(page: page, events: query.events)
        try StandardStreams.writeResult(output.json ? listing.jsonLines : listing.table)
        if page.skippedCount > 0 {
            StandardStreams.error.write("hookline: skipped \(page.skippedCount.counted("invalid entry"))\n")
        }
    }
}
