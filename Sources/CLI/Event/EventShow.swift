import ArgumentParser
import Buffer
import Model
import Queue
import Redis
import WebhookRules

/// `hookline event show`
struct EventShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show an event: its state, its payload and its attempts.",
        discussion: """
            The state is waiting, scheduled, in_progress, delivered, failed, dead_letter, dropped or unknown.

            Payloads are stored for HOOKLINE_PAYLOAD_SECONDS, attempts as long as the request log keeps them: the \
            newest hundred of each event type of an app, and the newest hundred that failed. Of rows that a Sentry has \
            written, those with the same idempotency key are attempts of one event.

            Examples:
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --json | jq .payload.data
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --json | jq -r .state.name
            """)

    @Argument(help: "The event's id: the webhook's Request-ID.")
    var id: String

    @OptionGroup var app: AppOption
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: EventOptions

    func run() throws {
        let catalogue = try options.redisOptions.catalogue()
        let app = try options.directoryOptions.app(slug: app.slug)
        let archived = try archived(appID: app.id)
        let queue = try options.queue()
        let search = try reportingRedisErrors(try queue.search(for: id, appID: app.id))
        let letter = try reportingRedisErrors(try queue.deadLetter(id: id))
        let buffer = WebhookRequestBuffer(connection: try options.redisOptions.connection(), events: catalogue)
        let events = archived.map { [$0.event] } ?? catalogue.events
        let attempts = try AttemptList(of: id, appID: app.id, events: events, in: buffer)
        let state = EventState(search, attempts: attempts.attempts)
        guard archived != nil || letter?.entry.appID == app.id || state != nil else {
            throw CommandFailure(
                .data, "no such event of \(app.slug): \(id) (not in the queue, no payload and no attempt)")
        }
        let report = EventReport(
            id: id, app: app, state: state ?? EventState(.unknown), archived: archived,
            deadLetter: letter?.entry.appID == app.id ? letter : nil,
            attempts: attempts)
        try output.write(json: report.json, text: report.text)
    }

    /// Nil also when payloads are not kept.
    private func archived(appID: Int64) throws(CommandFailure) -> ArchivedEvent? {
        guard try CommandDeliverySettings().keepsPayloads() else { return nil }
        let archive = try options.archive()
        return try reportingRedisErrors(try archive.event(id: id, appID: appID))
    }
}
