import ArgumentParser
import Buffer
import Model
import Queue
import Redis
import WireJSON

/// `hookline queue list`
struct QueueList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the dead letters: what was given up after its last attempt.",
        discussion: """
            The longest dead come first. With --json, every line is one of them.

            Examples:
              hookline queue list --app release-radar
              hookline queue list --json --limit 1000 | jq -r 'select(.event == "issue.created") | .id'
            """)

    @Option(help: "Only those of the app with this slug.")
    var app: String?

    @Option(help: "At most this many.")
    var limit = 100

    @Flag(help: "One JSON object a line.")
    var json = false

    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be greater than 0") }
    }

    func run() throws {
        let appID = try app.map { slug throws(CommandFailure) in try directoryOptions.app(slug: slug).id }
        let queue = try options.deliveryQueue()
        let (letters, isCut) = try letters(in: queue, appID: appID)
        let names = AppNames(options: directoryOptions)
        let now = Timestamp.now()
        if json {
            try StandardStreams.writeResult(
                letters.map { DeadLetterListing.json($0, app: names.slug(of: $0.entry.appID)).compactText + "\n" }
                    .joined())
        } else {
            var table = TextTable(header: DeadLetterListing.header)
            for letter in letters {
                table.append(DeadLetterListing.row(letter, app: names.slug(of: letter.entry.appID), now: now))
            }
            try StandardStreams.writeResult(table.text)
        }
        if isCut { StandardStreams.error.write("hookline: there are more: see --limit\n") }
    }

    private func letters(
        in queue: DeliveryQueue, appID: Int64?
    ) throws(CommandFailure) -> (letters: [DeadLetter], isCut: Bool) {
        var letters: [DeadLetter] = []
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let count = min(100, limit + 1 - letters.count)
            let page = try reportingRedisErrors { () throws(RedisError) in
                try queue.deadLetters(appID: appID, after: cursor, count: count)
            }
            letters += page.letters
            cursor = page.next
        } while cursor != nil && letters.count <= limit
        return (Array(letters.prefix(limit)), letters.count > limit)
    }
}
