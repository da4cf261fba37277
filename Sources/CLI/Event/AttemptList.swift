import Buffer
import Model
import Redis
import WireJSON

/// The rows of the log that belong to one event, the newest first.
struct AttemptList {
    private let page: WebhookRequestPage
    private let events: [EventType]

    /// Reads those rows.
    ///
    /// - Parameter events: the lists to look at.
    init(
        of id: String, appID: Int64, events: [EventType], in buffer: WebhookRequestBuffer, limit: Int
    ) throws(CommandFailure) {
        let query = WebhookRequestQuery(appID: appID, events: events, ordering: .byDate, limit: limit)
        var page = try reportingRedisErrors { () throws(RedisError) in try buffer.read(query) }
        let wanted = Array("\"\(id)\"".utf8)
        page.rows.removeAll { row in !page.bytes[row.requestID.range].elementsEqual(wanted) }
        self.page = page
        self.events = events
    }

    var isEmpty: Bool { page.rows.isEmpty }

    var attempts: [LoggedAttempt] { page.attempts }

    /// A table for people.
    var table: String {
        var table = TextTable(header: ["TIME", "ATTEMPT", "CODE", "MS", "URL"])
        for attempt in attempts {
            table.append([
                attempt.time, attempt.number.map { String($0) } ?? "-", attempt.outcome,
                attempt.durationMilliseconds.map { String($0) } ?? "-", attempt.url ?? "-",
            ])
        }
        return table.text
    }

    /// The rows with their stored fields, for programs.
    var json: JSONValue {
        let listing = RequestListing(page: page, events: events)
        return .array(
            listing.jsonLines.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) })
    }
}
