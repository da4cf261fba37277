import Redis

extension EntryMerge {
    /// Where elements stand in the bytes of an answer, list after list.
    struct Lists {
        var elements: [Element] = []
        /// Where each list ends in `elements`.
        var ends: [Int] = []
        /// Elements that were too large to be kept.
        var oversizedCount = 0

        /// Adds the list whose elements Redis answered; false when one of them is no string.
        mutating func append(_ tokens: Span<ReplyToken>) -> Bool {
            let before = elements.count
            elements.append(addingCapacity: tokens.count) { output in
                for index in tokens.indices where tokens[index].kind == .bulk {
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
        /// Microseconds since the epoch; the smallest number for an element without a date, which sorts last.
        var date: Int64 = .min

        var range: Range<Int> { Int(lower)..<Int(upper) }
    }
}
