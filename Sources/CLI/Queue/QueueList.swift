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
        abstract: "List the dead letters: entries that cannot be delivered.",
        discussion: """
            Oldest first. With --json, each line is one dead letter.

            Examples:
              hookline queue list --app release-radar
              hookline queue list --json --limit 1000 | jq -r 'select(.event == "issue.created") | .id'
            """)

    @Option(help: "Only dead letters of the app with this slug.")
    var app: String?

    @OptionGroup var limit: LimitOption
    @OptionGroup var output: ListOutput
    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func run() throws {
        let appID = try directoryOptions.appID(slug: app)
        let queue = try options.deliveryQueue()
        let (letters, isTruncated) = try letters(in: queue, appID: appID)
        let names = AppNames(options: directoryOptions)
        let now = Timestamp.now()
        try output.write(
            letters, json: { DeadLetterListing.json($0, app: names.slug(of: $0.entry.appID)) },
            header: DeadLetterListing.header,
            row: { DeadLetterListing.row($0, app: names.slug(of: $0.entry.appID), now: now) })
        if isTruncated { StandardStreams.error.write("hookline: there are more; see --limit\n") }
    }

    private func letters(
        in queue: DeliveryQueue, appID: Int64?
    ) throws(CommandFailure) -> (letters: [DeadLetter], isTruncated: Bool) {
        if appID != nil { try reportingRedisErrors(try queue.checkAllIndexes()) }
        var letters: [DeadLetter] = []
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let count = min(100, limit.maximum + 1 - letters.count)
            let page = try reportingRedisErrors(try queue.deadLetters(appID: appID, after: cursor, count: count))
            letters += page.letters
            cursor = page.next
        } while cursor != nil && letters.count <= limit.maximum
        return (Array(letters.prefix(limit.maximum)), letters.count > limit.maximum)
    }
}

/// `hookline queue inspect`
struct QueueInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show one dead letter with its payload.",
        discussion: """
            Prints one JSON object. A payload that is not JSON is printed as a string.

            Example:
              hookline queue inspect 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 | jq .payload.data
            """)

    @Argument(help: "The dead letter's id, as 'hookline queue list' shows it.")
    var id: String

    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func run() throws {
        let queue = try options.deliveryQueue()
        let found = try reportingRedisErrors(try queue.deadLetter(id: id))
        guard let letter = found else {
            throw CommandFailure(.data, DeadLetterSelection.unknown(id))
        }
        let slug = AppNames(options: directoryOptions).slug(of: letter.entry.appID)
        let json = DeadLetterListing.json(letter, app: slug, payload: StoredPayload.json(letter.entry.payload))
        try StandardStreams.writeResult(json.prettyText)
    }
}

/// A payload of the queue or the archive, for output.
enum StoredPayload {
    /// The payload as JSON; a string when it is not JSON. That of a relayed webhook has its body as the member `body`.
    static func json(_ payload: [UInt8]) -> JSONValue {
        if let relayed = RelayedWebhook(bytes: payload) {
            return .object([
                .init(name: "relay", value: .bool(true)), .init(name: "request_id", value: .string(relayed.requestID)),
                .init(name: "target", value: .string(relayed.target)), .init(name: "body", value: json(relayed.body)),
            ])
        }
        let limits = JSONValue.Limits(maximumByteCount: 64 << 20)
        return (try? JSONValue(parsing: payload, limits: limits)) ?? .string(String(decoding: payload, as: UTF8.self))
    }
}
