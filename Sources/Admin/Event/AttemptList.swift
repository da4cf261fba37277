import Buffer
import Model
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
        var page = try reportingBufferErrors { () throws(BufferError) in try buffer.read(query) }
        let wanted = Array("\"\(id)\"".utf8)
        page.rows.removeAll { row in !page.bytes[row.requestID.range].elementsEqual(wanted) }
        self.page = page
        self.events = events
    }

    /// The newest rows of one event of an app.
    init(
        newest count: Int, of event: EventType, appID: Int64, in buffer: WebhookRequestBuffer
    ) throws(CommandFailure) {
        let query = WebhookRequestQuery(appID: appID, events: [event], ordering: .byDate, limit: count)
        page = try reportingBufferErrors { () throws(BufferError) in try buffer.read(query) }
        events = [event]
    }

    var isEmpty: Bool { page.rows.isEmpty }

    /// One attempt, as far as it is shown.
    struct Attempt {
        var date: Timestamp?
        var code: Int
        var number: Int64?
        var durationMilliseconds: Int64?
        var reason: String?
        var url: String?
        var responseBody: String?

        /// `502`, `0 (timeout)`.
        var outcome: String { reason.map { "\(code) (\($0))" } ?? String(code) }
        /// `2023-07-20T12:00:00Z`.
        var time: String { date?.truncatedToSeconds.iso8601Description ?? "-" }
        var isSuccess: Bool { (100..<400).contains(code) }
    }

    var attempts: [Attempt] {
        page.rows.map { row in
            Attempt(
                date: row.date, code: row.responseCode, number: value(row.attempt)?.integer,
                durationMilliseconds: value(row.durationMilliseconds)?.integer, reason: value(row.reason)?.string,
                url: value(row.webhookURL)?.string, responseBody: value(row.responseBody)?.string)
        }
    }

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

    private func value(_ fragment: WebhookRequestRow.Fragment) -> JSONValue? {
        guard fragment.isPresent else { return nil }
        return try? JSONValue(parsing: Array(page.bytes[fragment.range]))
    }
}
