import Buffer
import Model
import WebhookRules

/// Selects the rows of a page that a response includes. Applied after the page was cut to its 100 rows
/// (docs/protocol.md 1.7).
struct LogFilter {
    var window: LogWindow
    /// Only rows of this organization; nil = of any.
    var organizationID: Int64?
    /// Rows without an organization belong to this one: the owner of an internal app (docs/compatibility.md D2).
    var implicitOrganizationID: Int64?

    init(window: LogWindow, organizationID: Int64?, app: SentryApp) {
        self.window = window
        self.organizationID = organizationID
        implicitOrganizationID = app.status == .internal ? app.ownerID : nil
    }

    /// Whether the response includes `row`, whose fields are ranges of `bytes`.
    ///
    /// Dates are compared in whole seconds. A row whose date is missing or unreadable is left out
    /// (docs/compatibility.md D1 and D14).
    func includes(_ row: WebhookRequestRow, in bytes: Span<UInt8>) -> Bool {
        guard let date = row.date?.truncatedToSeconds, window.start <= date, date <= window.end else { return false }
        guard let organizationID else { return true }
        guard row.organizationID.isPresent else { return implicitOrganizationID == organizationID }
        return bytes.integer(row.organizationID) == organizationID
    }
}

/// The time range of a response, and how it moves with the current time.
struct LogWindow {
    /// A range without an end of the client's ends this many seconds after the current time: the clock of the worker
    /// that wrote a row may be ahead (docs/compatibility.md D19).
    static let secondsAhead = Silence.secondsAhead

    /// Both ends included.
    var start: Timestamp
    var end: Timestamp
    /// The distance of `start` and `end` from the current time, in seconds, where they move with it.
    var startAge: Int64?
    var endAge: Int64?

    /// The first moment at which one of the rows enters or leaves the range without a change of the log; nil = never.
    ///
    /// Includes rows that a filter leaves out for other reasons: a moment too early does no harm.
    func nextChange(_ rows: [WebhookRequestRow]) -> Timestamp? {
        var first: Timestamp?
        for row in rows {
            guard let date = row.date?.truncatedToSeconds else { continue }
            if let startAge, date >= start { first = earlier(first, date.adding(seconds: startAge)) }
            if let endAge, date > end { first = earlier(first, date.adding(seconds: endAge)) }
        }
        return first
    }

    /// Adds the ends that the client chose to a key; those that move with the time are not part of it.
    func add(to key: inout ResponseCacheKey) {
        key.add(startAge == nil ? start : nil)
        key.add(endAge == nil ? end : nil)
    }

    private func earlier(_ first: Timestamp?, _ moment: Timestamp) -> Timestamp {
        first.map { min($0, moment) } ?? moment
    }
}
