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
            written, those with the same idempotency key are attempts of one event. Details of attempts, the requests \
            and responses, are stored as long as the payload, of those that HOOKLINE_LOG_DETAILS names.

            Examples:
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --json | jq .payload.data
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --details
              hookline event show 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar --json | jq -r .state.name
            """)

    @Argument(help: "The event's id: the webhook's Request-ID.")
    var id: String

    @Flag(help: "Show the requests and responses of the attempts, as far as they are kept, and redeliveries.")
    var details = false

    @OptionGroup var app: AppOption
    @OptionGroup var output: ResultOutput
    @OptionGroup var options: EventOptions

    func run() throws {
        let catalogue = try options.redisOptions.catalogue()
        let app = try options.directoryOptions.app(slug: app.slug)
        let record = try record(appID: app.id)
        let archived = record.event
        let queue = try options.queue()
        let search = try reportingRedisErrors(try queue.search(for: id, appID: app.id))
        let letter = try reportingRedisErrors(try queue.deadLetter(id: id))
        let buffer = WebhookRequestBuffer(connection: try options.redisOptions.connection(), events: catalogue)
        let events = archived.map { [$0.event] } ?? catalogue.events
        let attempts = try AttemptList(of: id, appID: app.id, events: events, in: buffer)
        let state = EventState(search, attempts: attempts.attempts, details: record.attempts)
        guard archived != nil || letter?.entry.appID == app.id || state != nil else {
            throw CommandFailure(
                .data, "no such event of \(app.slug): \(id) (not in the queue, no payload and no attempt)")
        }
        let report = EventReport(
            id: id, app: app, state: state ?? EventState(.unknown), archived: archived,
            deadLetter: letter?.entry.appID == app.id ? letter : nil, attempts: attempts,
            details: details ? try AttemptReport(record, of: id) : nil)
        try output.write(json: report.json, text: report.text)
    }

    /// Nothing when payloads are not kept. Details are read only when they are shown.
    private func record(appID: Int64) throws(CommandFailure) -> ArchivedRecord {
        guard try CommandDeliverySettings().keepsPayloads() else { return ArchivedRecord() }
        let archive = try options.archive()
        guard details else {
            return ArchivedRecord(event: try reportingRedisErrors(try archive.event(id: id, appID: appID)))
        }
        return try reportingRedisErrors(try archive.record(id: id, appID: appID))
    }
}
