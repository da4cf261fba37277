package import Model
package import Redis

/// Which part of an app's webhook request log to read.
package struct WebhookRequestQuery: Sendable {
    package var appID: Int64
    /// The lists to merge, in tie-break order. With one event the stored order is kept; see `ordering`.
    package var events: [EventType]
    package var errorsOnly: Bool
    package var ordering: Ordering
    /// At most this many rows; the original's buffer answers at most 100.
    package var limit: Int

    package enum Ordering: Sendable {
        /// One event: the list's own order, newest pushed first. Several: by date (contract 1.7, up to 23.7.1).
        case listOrderForOneEvent
        /// Always by date, newest first, equal dates in event order, then list order (contract 1.7, latest).
        case byDate
    }

    package init(
        appID: Int64, events: [EventType], errorsOnly: Bool = false, ordering: Ordering = .listOrderForOneEvent,
        limit: Int = 100
    ) {
        self.appID = appID
        self.events = events
        self.errorsOnly = errorsOnly
        self.ordering = ordering
        self.limit = limit
    }
}

/// Rows of the log as they are stored: every field is a range of `bytes` that holds a JSON fragment.
///
/// Nothing is decoded until somebody asks, so that formatting an answer is copying.
package struct WebhookRequestPage: Sendable {
    /// The rows' stored elements, one behind the other; ranges of the rows point into it.
    package var bytes: [UInt8]
    package var rows: [WebhookRequestRow]
    /// How many stored elements were left out because they are not a JSON object with a number in `response_code`
    /// (design, D14), or too large. Only elements that had to be looked at are counted, not all that are stored.
    package var skippedCount: Int

    package init(bytes: [UInt8], rows: [WebhookRequestRow], skippedCount: Int) {
        self.bytes = bytes
        self.rows = rows
        self.skippedCount = skippedCount
    }

    package static let empty = WebhookRequestPage(bytes: [], rows: [], skippedCount: 0)
}

/// One stored request: where its fields stand in the page's bytes, and the few values that filters need.
package struct WebhookRequestRow: Sendable {
    /// A range of `WebhookRequestPage.bytes` in 32 bits; the empty range means that the field is absent.
    package struct Fragment: Hashable, Sendable {
        package var lower: UInt32
        package var upper: UInt32

        package static let absent = Fragment(lower: 0, upper: 0)

        package init(lower: UInt32, upper: UInt32) {
            self.lower = lower
            self.upper = upper
        }

        @inlinable package var isPresent: Bool { upper > lower }
        @inlinable package var range: Range<Int> { Int(lower)..<Int(upper) }
    }

    /// Index into the query's `events`.
    package var eventIndex: Int
    /// The parsed date; nil when it is missing, empty or no date. Such rows sort last.
    package var date: Timestamp?
    /// The numeric value of `response_code`; `true` is 1, as in Python; a fraction is cut.
    package var responseCode: Int

    /// JSON fragments, quotes included for strings. The last of repeated keys counts, as in Python.
    package var dateText = Fragment.absent
    package var responseCodeText = Fragment.absent
    package var webhookURL = Fragment.absent
    package var requestHeaders = Fragment.absent
    package var requestBody = Fragment.absent
    package var responseBody = Fragment.absent
    package var organizationID = Fragment.absent
    package var errorID = Fragment.absent
    package var projectID = Fragment.absent
    package var requestID = Fragment.absent
    package var attempt = Fragment.absent
    package var durationMilliseconds = Fragment.absent
    package var reason = Fragment.absent
    package var originalID = Fragment.absent

    package init(eventIndex: Int, date: Timestamp?, responseCode: Int) {
        self.eventIndex = eventIndex
        self.date = date
        self.responseCode = responseCode
    }
}

/// Reads the webhook request log. One object serves one thread.
package protocol WebhookRequestReading: AnyObject {
    /// Reads, merges and cuts the lists of `query`; one round trip. An absent list is an empty one.
    func read(_ query: WebhookRequestQuery) throws(RedisError) -> WebhookRequestPage
}
