import Model
import Redis

/// Merges the lists of a reply and picks the first rows (docs/protocol.md 1.7).
///
/// The result is exactly that of "skip the unusable elements, concatenate in the lists' order, sort by date, newest
/// first and stable, take the first `limit`", also for lists that are out of order; but of elements that are not picked
/// only the date is read. Keeps its buffers for the next call.
struct EntryMerge {
    /// The next element of a list.
    private struct MergeCursor {
        var list: Int
        var next: Int
        var end: Int
    }

    private var scanner: EntryScanner
    private var dates = StoredDateReader()
    /// The lists that still have elements, in their order, and the dates of their next elements.
    private var cursors: [MergeCursor] = []
    private var cursorDates: [Int64] = []
    private var order: [Element] = []

    init(maximumDepth: Int = 64) {
        scanner = EntryScanner(maximumDepth: maximumDepth)
    }

    /// - Parameter bytes: what the elements' ranges refer to.
    mutating func page(
        of lists: inout Lists, in bytes: Span<UInt8>, ordering: WebhookRequestQuery.Ordering, limit: Int
    ) -> WebhookRequestPage {
        var page = WebhookRequestPage.empty
        page.skippedCount = lists.oversizedCount
        reserve(min(limit, lists.elements.count), of: lists.elements, in: &page)
        if ordering == .listOrderForOneEvent, lists.ends.count == 1 {
            var index = 0
            while index < lists.elements.count, page.rows.count < limit {
                append(lists.elements[index], eventIndex: 0, of: bytes, to: &page)
                index += 1
            }
            return page
        }
        readDates(of: &lists, in: bytes, skippedCount: &page.skippedCount)
        while page.rows.count < limit, !cursors.isEmpty {
            let newest = newestCursor()
            let cursor = cursors[newest]
            append(lists.elements[cursor.next], eventIndex: cursor.list, of: bytes, to: &page)
            advance(newest, in: lists.elements)
        }
        return page
    }

    /// Reserves capacity for elements of average size.
    private func reserve(_ count: Int, of elements: [Element], in page: inout WebhookRequestPage) {
        guard let first = elements.first, let last = elements.last else { return }
        page.rows.reserveCapacity(count)
        page.bytes.reserveCapacity((Int(last.upper) - Int(first.lower)) / elements.count * count)
    }

    /// The index of the newest cursor, the first of equals.
    private func newestCursor() -> Int {
        var best = 0
        for index in 1..<max(1, cursorDates.count) where cursorDates[index] > cursorDates[best] { best = index }
        return best
    }

    private mutating func advance(_ index: Int, in elements: [Element]) {
        cursors[index].next += 1
        if cursors[index].next < cursors[index].end {
            cursorDates[index] = elements[cursors[index].next].date
        } else {
            cursors.remove(at: index)
            cursorDates.remove(at: index)
        }
    }

    private mutating func append(
        _ element: Element, eventIndex: Int, of bytes: Span<UInt8>, to page: inout WebhookRequestPage
    ) {
        let entry = bytes.extracting(element.range)
        guard let row = scanner.row(of: entry, eventIndex: eventIndex, base: page.bytes.count) else {
            page.skippedCount += 1
            return
        }
        page.rows.append(row)
        entry.withUnsafeBufferPointer { page.bytes.append(contentsOf: $0) }
    }

    /// Reads the dates, and sorts each list that is out of order.
    private mutating func readDates(of lists: inout Lists, in bytes: Span<UInt8>, skippedCount: inout Int) {
        cursors.removeAll(keepingCapacity: true)
        cursorDates.removeAll(keepingCapacity: true)
        let ends = lists.ends
        var elements = lists.elements.mutableSpan
        var start = 0
        for (list, end) in ends.enumerated() {
            var kept = start
            var isInOrder = true
            var before = Int64.max
            for index in start..<end {
                var element = elements[index]
                guard let date = date(of: bytes.extracting(element.range)) else {
                    skippedCount += 1
                    continue
                }
                element.date = date
                if before < date { isInOrder = false }
                before = date
                elements[kept] = element
                kept += 1
            }
            if !isInOrder { sort(&elements, start..<kept) }
            if start < kept {
                cursors.append(MergeCursor(list: list, next: start, end: kept))
                cursorDates.append(elements[start].date)
            }
            start = end
        }
    }

    /// The date of an element in microseconds; nil when the element is unusable.
    @inline(__always)
    private mutating func date(of entry: Span<UInt8>) -> Int64? {
        if let date = EntryDate.leading(in: entry, &dates) { return date }
        return dateByReading(entry)
    }

    @inline(never)
    private mutating func dateByReading(_ entry: Span<UInt8>) -> Int64? {
        guard let row = scanner.row(of: entry, eventIndex: 0) else { return nil }
        return row.date?.microseconds ?? .min
    }

    /// Sorts a range of `elements` by date, newest first and stable.
    private mutating func sort(_ elements: inout MutableSpan<Element>, _ range: Range<Int>) {
        order.removeAll(keepingCapacity: true)
        for index in range { order.append(elements[index]) }
        // Positions break ties: the documentation of the standard library's sort does not guarantee that it is stable.
        for (offset, index) in order.indices.sorted(by: isBefore).enumerated() {
            elements[range.lowerBound + offset] = order[index]
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        order[left].date == order[right].date ? left < right : order[left].date > order[right].date
    }
}

extension EntryMerge {
    /// The ranges of elements in the bytes of a reply, list after list.
    struct Lists {
        var elements: [Element] = []
        /// The end of each list in `elements`.
        var ends: [Int] = []
        /// Elements larger than the limit, whose bytes were dropped.
        var oversizedCount = 0

        /// Adds the list with the elements in a reply; false when one of them is not a string.
        mutating func append(_ tokens: Span<ReplyToken>) -> Bool {
            let before = elements.count
            elements.append(addingCapacity: tokens.count) { output in
                for index in tokens.indices {
                    // A pattern and not `==`, which is a call into the other module.
                    guard case .bulk = tokens[index].kind else { continue }
                    output.append(Element(lower: tokens[index].lower, upper: tokens[index].upper))
                }
            }
            ends.append(elements.count)
            if elements.count - before == tokens.count { return true }
            for index in tokens.indices where tokens[index].kind != .bulk {
                guard tokens[index].kind == .oversized else { return false }
                oversizedCount += 1
            }
            return true
        }

        mutating func removeAll() {
            elements.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            oversizedCount = 0
        }
    }

    /// One stored element.
    struct Element {
        var lower: UInt32
        var upper: UInt32
        /// Microseconds since the epoch; `Int64.min` for an element without a date, which sorts last.
        var date: Int64 = .min

        var range: Range<Int> { Int(lower)..<Int(upper) }
    }
}
