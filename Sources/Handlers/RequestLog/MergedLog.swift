import Buffer
import Model

/// Rows of several pages in one order: newest first, equal dates in the order of the pages.
struct MergedLog {
    /// A row and the page whose bytes it points into. Its `eventIndex` counts through the events of all groups.
    struct Entry {
        var row: WebhookRequestRow
        var page: Int
    }

    private(set) var pages: [WebhookRequestPage] = []
    private(set) var entries: [Entry] = []

    /// Stored elements left out because they are unreadable.
    var skippedCount: Int { pages.reduce(0) { $0 + $1.skippedCount } }

    /// The estimated bytes of all rows in a response.
    var byteCount: Int { pages.reduce(entries.count * RequestLogFormatter.typicalRowOverhead) { $0 + $1.bytes.count } }

    /// Reads one page for each query and keeps what `filter` includes; fails with 503 when Redis is unavailable.
    init(_ queries: [WebhookRequestQuery], filter: LogFilter, _ context: borrowing RequestContext) throws(HTTPFailure) {
        var eventOffset = 0
        for query in queries {
            let page = try context.readLog(query)
            let kept = page.rows.filter { filter.includes($0, in: page.bytes.span) }.map { row in
                var row = row
                row.eventIndex += eventOffset
                return Entry(row: row, page: pages.count)
            }
            entries = MergedLog.merged(entries, kept)
            pages.append(page)
            eventOffset += query.events.count
        }
    }

    /// - Parameter isKept: of each entry.
    mutating func keepEntries(_ isKept: [Bool]) {
        entries = zip(entries, isKept).filter(\.1).map(\.0)
    }

    /// Both are newest first already; `left` goes first where dates are equal.
    private static func merged(_ left: [Entry], _ right: [Entry]) -> [Entry] {
        var output: [Entry] = []
        output.reserveCapacity(left.count + right.count)
        var rest = left[...]
        for entry in right {
            while let first = rest.first, !isOlder(first, than: entry) {
                output.append(first)
                rest.removeFirst()
            }
            output.append(entry)
        }
        return output + rest
    }

    private static func isOlder(_ left: Entry, than right: Entry) -> Bool {
        guard let leftDate = left.row.date, let rightDate = right.row.date else { return left.row.date == nil }
        return leftDate < rightDate
    }
}
