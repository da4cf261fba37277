import Buffer
import Model

/// The time that an answer shows, and how it moves by itself.
struct LogWindow {
    /// Both ends included.
    var start: Timestamp
    var end: Timestamp
    /// How far `start` and `end` lie behind "now", in seconds, where they move with it.
    var startAge: Int64?
    var endAge: Int64?

    /// The first moment at which one of the rows comes in or goes out without any change of the log; nil = never.
    ///
    /// Rows that a filter leaves out for other reasons count as well: a moment too early does no harm.
    func nextChange(_ rows: [WebhookRequestRow]) -> Timestamp? {
        var first: Timestamp?
        for row in rows {
            guard let date = row.date?.truncatedToSeconds else { continue }
            if let startAge, date >= start { first = earlier(first, date.adding(seconds: startAge)) }
            if let endAge, date > end { first = earlier(first, date.adding(seconds: endAge)) }
        }
        return first
    }

    /// Adds to a key what of the window is the client's choice; what moves with time is no part of it.
    func add(to key: inout ResponseCacheKey) {
        key.add(startAge == nil ? start : nil)
        key.add(endAge == nil ? end : nil)
    }

    private func earlier(_ first: Timestamp?, _ moment: Timestamp) -> Timestamp {
        first.map { min($0, moment) } ?? moment
    }
}
