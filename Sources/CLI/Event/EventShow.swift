import ArgumentParser
import Buffer
import Model
import Queue
import Redis
import WireJSON

/// `hookline event show`
struct EventShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an event: its payload, and what became of its attempts.",
        discussion: """
            The payload is there for as long as HOOKLINE_PAYLOAD_SECONDS says, the attempts for as long as the log \
            keeps them: the newest hundred of each event of an app.

            Examples:
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --json | jq .payload.data
            """)

    @Argument(help: "The event's id: the webhook's Request-ID.")
    var id: String

    @Option(help: "The app's slug.")
    var app: String

    @Flag(help: "One JSON object.")
    var json = false

    @OptionGroup var options: EventOptions

    func run() throws {
        let catalogue = try options.redisOptions.catalogue()
        let app = try options.directoryOptions.app(slug: app)
        let archived = try archived(appID: app.id)
        let queue = try options.queue()
        let letter = try reportingRedisErrors { () throws(RedisError) in try queue.deadLetter(id: id) }
        let buffer = WebhookRequestBuffer(connection: try options.redisOptions.connection(), events: catalogue)
        let events = archived.map { [$0.event] } ?? catalogue.events
        let attempts = try AttemptList(
            of: id, appID: app.id, events: events, in: buffer, limit: catalogue.events.count * 100)
        guard archived != nil || letter?.entry.appID == app.id || !attempts.isEmpty else {
            throw CommandFailure(
                .data, "there is no payload, no dead letter and no attempt of the event \"\(id)\" of \(app.slug)")
        }
        let report = EventReport(
            id: id, app: app, archived: archived, deadLetter: letter?.entry.appID == app.id ? letter : nil,
            attempts: attempts)
        try StandardStreams.writeResult(json ? report.json.compactText + "\n" : report.text)
    }

    /// Nil also when payloads are not kept at all.
    private func archived(appID: Int64) throws(CommandFailure) -> ArchivedEvent? {
        guard try CommandDeliverySettings().keepsPayloads() else { return nil }
        let archive = try options.archive()
        return try reportingRedisErrors { () throws(RedisError) in try archive.event(id: id, appID: appID) }
    }
}
