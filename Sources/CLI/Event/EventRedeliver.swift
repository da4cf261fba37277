import ArgumentParser
import Buffer
import Model
import Queue
import Redis

/// `hookline event redeliver`
struct EventRedeliver: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Redeliver stored events: by id, or all of a time range.",
        discussion: """
            Each becomes a new event with a new id; its webhook has the original's id in the header \
            Hookline-Original-ID. Payloads are stored for HOOKLINE_PAYLOAD_SECONDS (default 3 days).

            Times are dates such as 2024-01-31T12:00:00Z, or ages: 90m, 2h, 3d. A time range includes events enqueued \
            at --since and later, and before --until. With --errors-only, the outcome of a redelivery counts for its \
            original: what one has delivered, or is still in the queue for, is not sent again. When the queue is \
            full, the command stops, prints where to continue, and ends with exit status 75. 'event resend' is the \
            same command.

            Examples:
              hookline event redeliver 3f0c0de5a1b24f7c9a55d1b2c3d4e5f6 --app release-radar
              hookline event redeliver --app release-radar --since 2h --errors-only --dry-run
              hookline event redeliver --app release-radar --since 3d --until 2d --yes
            """,
        aliases: ["resend"])

    @Argument(help: "The events' ids: the webhooks' Request-ID.")
    var ids: [String] = []

    @OptionGroup var app: AppOption

    @Option(help: "Start of the time range.")
    var since: String?

    @Option(help: "End of the time range. (default: now)")
    var until: String?

    @Flag(help: "Only events whose last attempt, redeliveries included, failed.")
    var errorsOnly = false

    @Flag(help: "Only count; enqueue nothing.")
    var dryRun = false

    @Option(help: "At most this many of the time range, oldest first.")
    var limit: Int?

    @Flag(help: "Confirm: required with a time range.")
    var yes = false

    @OptionGroup var options: EventOptions

    func validate() throws {
        let hasRange = since != nil
        guard hasRange != !ids.isEmpty else { throw ValidationError("give event ids, or a time range with --since") }
        guard hasRange || (until == nil && !errorsOnly && limit == nil) else {
            throw ValidationError("--until, --errors-only and --limit require --since")
        }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit must be greater than 0") }
        guard !hasRange || yes || dryRun else {
            throw ValidationError("a time range may contain many events: check with --dry-run, then add --yes")
        }
    }

    func run() throws {
        let now = Timestamp.now()
        let since = try StartArgument.timestamp(option: "--since", since, from: now)
        let until = try StartArgument.timestamp(option: "--until", until, from: now)
        let app = try options.directoryOptions.app(slug: app.slug)
        guard app.disablement == nil else {
            let advice = "enable it first: hookline app enable \(app.slug)"
            throw CommandFailure(.data, "the app \"\(app.slug)\" is disabled; \(advice). Nothing was redelivered")
        }
        let redelivery = EventRedelivery(
            app: app, archive: try options.archive(), submitter: try options.submitter(), isDryRun: dryRun)
        guard let since else { return try redelivery.redeliver(ids: ids) }
        // Redelivered events are kept, too: without this end, they would be in the range.
        let end = min(until ?? now, now)
        guard since < end else { throw CommandFailure(.data, "--until is not after --since") }
        let query = ArchiveQuery(appID: app.id, since: since, until: end, errorsOnly: errorsOnly)
        try redelivery.redeliver(query, limit: limit, now: now)
    }
}

/// Redelivers stored events and prints the result.
final class EventRedelivery {
    private let app: SentryApp
    private let archive: PayloadArchive
    private let submitter: EventSubmitter
    private let isDryRun: Bool
    private var enqueuedCount = 0
    /// Listed events whose payloads have expired.
    private var missingCount = 0
    /// Listed events of which a redelivery has not ended.
    private var pendingCount = 0

    /// Events per page of the archive's list.
    private static let pageSize = 100

    init(app: SentryApp, archive: PayloadArchive, submitter: EventSubmitter, isDryRun: Bool) {
        self.app = app
        self.archive = archive
        self.submitter = submitter
        self.isDryRun = isDryRun
    }

    /// Redelivers these events and prints their new ids, one per line.
    ///
    /// - Throws: `data` when one is not kept, before any is enqueued; `tryLater` when the queue is full.
    func redeliver(ids: [String]) throws(CommandFailure) {
        let events = try ids.map { id throws(CommandFailure) in
            guard let event = try event(id) else {
                throw CommandFailure(
                    .data,
                    "no stored event of \(app.slug): \(id)\(isDryRun ? "" : ". Nothing was redelivered")")
            }
            return event
        }
        for event in events where !isDryRun {
            switch try submit(event) {
            case .accepted(let id), .duplicate(let id): try StandardStreams.writeResult(id + "\n")
            case .full(let limit):
                throw .queueIsFull(limit, "stopped before event \(event.id)")
            }
        }
        if isDryRun { try StandardStreams.writeResult("\(events.count.counted("event")) would be redelivered.\n") }
    }

    /// Redelivers the events of a time range, oldest first, and prints the count.
    func redeliver(_ query: ArchiveQuery, limit: Int?, now: Timestamp) throws(CommandFailure) {
        var cursor: ArchivePage.Cursor?
        var left = limit ?? Int.max
        repeat {
            let count = min(EventRedelivery.pageSize, left)
            let page = try reportingRedisErrors(try archive.events(query, now: now, after: cursor, count: count))
            for item in page.events { try redeliver(item, isFailure: query.errorsOnly) }
            left -= page.events.count
            cursor = page.next
        } while cursor != nil && left > 0
        try StandardStreams.writeResult(summary + ".\n")
    }

    /// - Parameter isFailure: whether it is redelivered because it failed: then once for each time that it failed.
    private func redeliver(_ item: ArchivePage.Item, isFailure: Bool) throws(CommandFailure) {
        guard let event = try event(item.id) else {
            missingCount += 1
            return
        }
        if isDryRun {
            enqueuedCount += 1
            return
        }
        let key = isFailure ? "failure-\(event.failedRedeliveries)" : nil
        switch try submit(event, idempotencyKey: key) {
        case .accepted: enqueuedCount += 1
        case .duplicate: pendingCount += 1
        case .full(let limit):
            try StandardStreams.writeResult(summary + ".\n")
            throw .queueIsFull(
                limit,
                "stopped before event \(item.id). Continue later with --since \(item.enqueuedAt.iso8601Description)")
        }
    }

    private var summary: String {
        let result = "\(enqueuedCount.counted("event")) of \(app.slug) \(isDryRun ? "would be " : "")redelivered"
        let pending = pendingCount == 0 ? "" : ", \(pendingCount) queued before"
        return result + pending + (missingCount == 0 ? "" : ", \(missingCount) expired")
    }

    private func event(_ id: String) throws(CommandFailure) -> ArchivedEvent? {
        try reportingRedisErrors(try archive.event(id: id, appID: app.id))
    }

    /// - Parameter idempotencyKey: nothing is enqueued when the event was redelivered with this key before.
    private func submit(
        _ event: ArchivedEvent, idempotencyKey: String? = nil
    ) throws(CommandFailure) -> EventSubmitter.Outcome {
        guard var payload = QueuedEvent(bytes: event.payload) else {
            throw CommandFailure(.unavailable, "the stored payload of event \(event.id) is invalid")
        }
        payload.redeliver(event.id)
        let key = idempotencyKey.flatMap { IdempotencyKey($0, scope: .redelivery(of: event.id)) }
        return try submitter.enqueue(payload, appID: app.id, idempotencyKey: key)
    }
}
