import Model

/// Brings the lists of an answer into one order and picks the first rows (contract 1.7).
///
/// Gives exactly what "leave out the unusable elements, concatenate in the lists' order, sort by date, newest first and
/// stable, take the first `limit`" gives, also for lists that are out of order; but reads only the dates of elements
/// that are not picked. Keeps its working memory for the next call.
struct EntryMerge {
    /// Where a list is read on.
    private struct Head {
        var list: Int
        var next: Int
        var end: Int
    }

    private var scanner: EntryScanner
    private var dates = StoredDateReader()
    /// The lists that still have elements, in their order, and the date of each one's next element.
    private var heads: [Head] = []
    private var headDates: [Int64] = []
    private var order: [Element] = []

    init(maximumDepth: Int = 64) {
        scanner = EntryScanner(maximumDepth: maximumDepth)
    }

    /// - Parameter bytes: what the elements' positions refer to.
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
        while page.rows.count < limit, !heads.isEmpty {
            let newest = newestHead()
            let head = heads[newest]
            append(lists.elements[head.next], eventIndex: head.list, of: bytes, to: &page)
            advance(newest, in: lists.elements)
        }
        return page
    }

    /// Makes room for so many elements of the usual size.
    private func reserve(_ count: Int, of elements: [Element], in page: inout WebhookRequestPage) {
        guard let first = elements.first, let last = elements.last else { return }
        page.rows.reserveCapacity(count)
        page.bytes.reserveCapacity((Int(last.upper) - Int(first.lower)) / elements.count * count)
    }

    /// Which head is the newest, the first of equals.
    private func newestHead() -> Int {
        var best = 0
        for index in 1..<max(1, headDates.count) where headDates[index] > headDates[best] { best = index }
        return best
    }

    private mutating func advance(_ index: Int, in elements: [Element]) {
        heads[index].next += 1
        if heads[index].next < heads[index].end {
            headDates[index] = elements[heads[index].next].date
        } else {
            heads.remove(at: index)
            headDates.remove(at: index)
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

    /// Fills in the dates, and makes each list begin with its newest element.
    private mutating func readDates(of lists: inout Lists, in bytes: Span<UInt8>, skippedCount: inout Int) {
        heads.removeAll(keepingCapacity: true)
        headDates.removeAll(keepingCapacity: true)
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
                heads.append(Head(list: list, next: start, end: kept))
                headDates.append(elements[start].date)
            }
            start = end
        }
    }

    /// The date of an element in microseconds; nil when it is not usable.
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

    /// Sorts a part of `elements` by date, newest first, elements of one date staying in their order.
    private mutating func sort(_ elements: inout MutableSpan<Element>, _ range: Range<Int>) {
        order.removeAll(keepingCapacity: true)
        for index in range { order.append(elements[index]) }
        // The standard library's sort is stable, which its documentation does not promise yet: the position decides.
        for (offset, index) in order.indices.sorted(by: isBefore).enumerated() {
            elements[range.lowerBound + offset] = order[index]
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        order[left].date == order[right].date ? left < right : order[left].date > order[right].date
    }
}
