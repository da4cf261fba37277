import ArgumentParser
import Buffer
import Directory
import Model
import Queue
import Redis
import WebhookRules

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
              hookline log show release-radar --search PROJ-1234
              hookline log show release-radar --json | jq -r 'select(.response_code == 0) | .date'
            """)

    @OptionGroup var app: AppArgument

    @Option(help: "Only this event; repeat for several.")
    var event: [String] = []

    @Flag(help: "Only the list of errors: codes 400 to 599, 0 and -1; with the policy standard, all but 200 to 299.")
    var errorsOnly = false

    @Option(help: "Only requests since then: a time, or an age such as 90m, 2h or 3d.")
    var since: String?

    @Option(help: "Only requests that contain this text: in URL, ids, headers or bodies, stored payloads included.")
    var search: String?

    @Flag(help: "Go on and show new requests as they come.")
    var follow = false

    @OptionGroup var format: RowFormatOptions
    @OptionGroup var limit: LimitOption
    @OptionGroup var directoryOptions: DirectoryOptions
    @OptionGroup var redisOptions: RedisOptions

    func validate() throws {
        guard let search else { return }
        guard (1...SearchText.maximumLength).contains(search.unicodeScalars.count) else {
            throw ValidationError("--search must have 1 to \(SearchText.maximumLength) characters")
        }
        if follow { throw ValidationError("--search and --follow exclude each other") }
    }

    func run() throws {
        let since = try StartArgument.timestamp(option: "--since", since, from: .now())
        let text = search.flatMap(SearchText.init)
        let app = try directoryOptions.app(slug: app.slug)
        let connection = try redisOptions.connection()
        let catalogue = try redisOptions.catalogue(of: app, connection)
        let named = try event.map { name throws(CommandFailure) in try catalogue.event(named: name) }
        let events = named.isEmpty ? catalogue.events : named
        var writer = RowWriter(format.chosen)
        guard follow else {
            let buffer = WebhookRequestBuffer(connection: connection, events: catalogue)
            // Rows are left out after they are read: a limit before that would leave out too many.
            let query = WebhookRequestQuery(
                appID: app.id, events: events, errorsOnly: errorsOnly, ordering: .byDate,
                limit: since == nil && text == nil ? limit.maximum : .max)
            var page = try reportingRedisErrors(try buffer.read(query))
            page.rows = page.rows.filter { $0.isSince(since) }
            if let text { try keepRows(with: text, of: &page, events: events, app: app, connection) }
            page.rows = Array(page.rows.prefix(limit.maximum))
            try writer.write(RequestListing(page: page, events: events))
            RequestListing.reportSkipped(page)
            return
        }
        let tail = WebhookRequestTail(connection: connection, appID: app.id, events: events, errorsOnly: errorsOnly)
        try LogFollower(tail: tail, events: events, since: since, limit: limit.maximum).run(&writer)
    }

    private func keepRows(
        with text: SearchText, of page: inout WebhookRequestPage, events: [EventType], app: SentryApp,
        _ connection: RedisConnection
    ) throws {
        let bytes = page.bytes
        var organizations: [Int64: [String]] = [:]
        let rows = try page.rows.map { row in
            LogSearch.Row(
                row, in: bytes, event: events[row.eventIndex],
                organization: try row.organizationID(in: bytes).map { try names(ofOrganization: $0, &organizations) }
                    ?? [])
        }
        let settings = CommandDeliverySettings()
        let search = LogSearch(text, names: try settings.platformNames())
        let archive = try settings.keepsPayloads() ? PayloadArchive(connection: connection) : nil
        let found = try reportingRedisErrors(try search.found(in: rows, appID: app.id, archive: archive))
        page.rows = zip(page.rows, found.isMatch).filter(\.1).map(\.0)
        guard found.partlySearchedCount > 0 else { return }
        StandardStreams.error.write(
            "hookline: the payloads of \(found.partlySearchedCount.counted("older request")) were not searched, "
                + "because those of newer requests are too large to read, or took too long\n")
    }

    /// - Parameter known: those that were looked up, by their ids.
    private func names(ofOrganization id: Int64, _ known: inout [Int64: [String]]) throws -> [String] {
        if let names = known[id] { return names }
        let directory = try directoryOptions.reader()
        let organization = try reportingDirectoryErrors(try directory.organization(id: id))
        let names = organization.map { [$0.name, $0.slug] } ?? []
        known[id] = names
        return names
    }
}
