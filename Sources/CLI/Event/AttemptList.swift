import Buffer
import Model
import Queue
import WireJSON

/// The rows of the request log that belong to one event, newest first.
struct AttemptList {
    /// One row, in a page of its own.
    private let rows: [WebhookRequestPage]
    private let events: [EventType]

    /// Rows that each list of the log keeps.
    private static let rowsPerList = 100

    /// Reads the rows. What failed stays longer in the lists of errors, so that both are read.
    ///
    /// - Parameter events: the event types whose lists are read.
    init(
        of id: String, appID: Int64, events: [EventType], in buffer: WebhookRequestBuffer
    ) throws(CommandFailure) {
        var all: [WebhookRequestPage] = []
        for errorsOnly in [false, true] {
            let query = WebhookRequestQuery(
                appID: appID, events: events, errorsOnly: errorsOnly, ordering: .byDate,
                limit: events.count * Self.rowsPerList)
            let page = try reportingRedisErrors(try buffer.read(query))
            all += page.rows.map { WebhookRequestPage(bytes: page.bytes, rows: [$0], skippedCount: 0) }
        }
        let found = LoggedEvent(id: id).attempts(among: all, eventCount: max(1, events.count)) {
            ($0.rows[0], $0.bytes)
        }
        // Stable, so that rows with equal dates stay in the order of their lists; those without a date are last.
        let dates = found.map { $0.rows[0].date?.microseconds ?? .min }
        rows = found.indices.sorted { (dates[$1], $0) < (dates[$0], $1) }.map { found[$0] }
        self.events = events
    }

    var isEmpty: Bool { rows.isEmpty }

    var attempts: [LoggedAttempt] { rows.flatMap(\.attempts) }

    /// The rows as a table.
    var table: String {
        var table = TextTable(header: ["TIME", "ATTEMPT", "CODE", "MS", "URL"])
        for attempt in attempts {
            table.append([
                attempt.time, attempt.number.map { String($0) } ?? "-", attempt.explainedOutcome,
                attempt.durationMilliseconds.map { String($0) } ?? "-", attempt.url ?? "-",
            ])
        }
        return table.text
    }

    /// The rows with their stored fields.
    var json: JSONValue { .array(objects.map(\.json)) }

    /// The same, each with the date of the row.
    var objects: [(date: Timestamp?, json: JSONValue)] {
        rows.compactMap { page in
            let text = RequestListing(page: page, events: events).jsonLines.dropLast()
            return (try? JSONValue(parsing: Array(text.utf8))).map { (page.rows[0].date, $0) }
        }
    }
}
