import ArgumentParser
import Buffer
import Model
import Queue
import Redis
import WireJSON

/// `hookline queue inspect`
struct QueueInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show all of one dead letter, its payload included.",
        discussion: """
            Prints one JSON object. A payload that is not JSON is printed as text.

            Example:
              hookline queue inspect 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 | jq .payload.data
            """)

    @Argument(help: "The dead letter's id, as 'hookline queue list' shows it.")
    var id: String

    @OptionGroup var options: QueueOptions
    @OptionGroup var directoryOptions: DirectoryOptions

    func run() throws {
        let queue = try options.deliveryQueue()
        let found = try reportingRedisErrors { () throws(RedisError) in try queue.deadLetter(id: id) }
        guard let letter = found else {
            throw CommandFailure(.data, "the queue \(queue.settings.name) has no dead letter \"\(id)\"")
        }
        let slug = AppNames(options: directoryOptions).slug(of: letter.entry.appID)
        let json = DeadLetterListing.json(letter, app: slug, payload: StoredPayload.json(letter.entry.payload))
        try StandardStreams.writeResult(json.prettyText)
    }
}

/// A payload of the queue or the archive, to be shown.
enum StoredPayload {
    /// The payload as JSON; a string of its text when it is something else.
    static func json(_ payload: [UInt8]) -> JSONValue {
        let limits = JSONValue.Limits(maximumByteCount: 64 << 20)
        return (try? JSONValue(parsing: payload, limits: limits)) ?? .string(String(decoding: payload, as: UTF8.self))
    }
}
