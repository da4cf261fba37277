extension JSONScanner {
    /// A fast path for the usual members: reads them from the quote of the name to the comma or brace after the value,
    /// without state transitions.
    ///
    /// Stops before a member that is not completely in `bytes` or not simple: ASCII, no escape in the name, no white
    /// space except one space after the colon, a string or an integer as its value. Returns the position where to
    /// continue; that is `start`, and nothing has changed, when there is no simple member.
    mutating func consumeMembers(_ bytes: Span<UInt8>, from start: Int) -> Int {
        // Copies, because the members' places are written meanwhile.
        let (names, offset, isOutermost, keepsFirst) = (names, offset, depth == 1, options.keepsFirst)
        var position = start
        var expected = expectedMember
        var isLast = false
        var found = fragments.mutableSpan
        while !isLast, position < bytes.count, bytes[unchecked: position] == UInt8(ascii: "\"") {
            // Most names are expected: compare before searching for the end.
            var index = isOutermost ? names.index(ofNameAt: position &+ 1, in: bytes, from: expected) : -1
            let nameEnd: Int
            if index >= 0 {
                nameEnd = position &+ 1 &+ names.length(index)
            } else {
                (index, nameEnd) = JSONScanner.unexpectedName(
                    bytes, from: position &+ 1, among: names, isOutermost: isOutermost, keepsFirst: keepsFirst)
            }
            guard let value = JSONScanner.plainValue(bytes, behindName: nameEnd) else { break }
            isLast = bytes[unchecked: value.upper] == UInt8(ascii: "}")
            guard isLast || bytes[unchecked: value.upper] == UInt8(ascii: ",") else { break }

            if index >= 0 {
                expected = index &+ 1
                found[index] = Range(uncheckedBounds: (offset &+ value.lower, offset &+ value.upper))
            }
            position = value.upper &+ 1
        }
        guard position > start else { return start }
        expectedMember = expected
        state = .nextKey
        if isLast { closeContainer(at: offset + position - 1) }
        return position
    }

    /// The index of a name that was not expected, -1 = not selected, and the position of its closing quote. That is the
    /// end of `bytes` for the first of the names where the first of repeated members counts: `endString` decides.
    ///
    /// Not inlined, because with more code in `consumeMembers` the compiler does not inline what each member needs.
    @inline(never)
    private static func unexpectedName(
        _ bytes: Span<UInt8>, from start: Int, among names: JSONMemberNames, isOutermost: Bool, keepsFirst: Bool
    ) -> (index: Int, end: Int) {
        let end = endOfPlain(bytes, from: start)
        guard isOutermost else { return (-1, end) }
        let index = names.index(of: bytes, start..<end)
        return index == 0 && keepsFirst ? (-1, bytes.count) : (index, end)
    }

    /// Where the string or the integer behind a member's name stands; nil when it is something else, or does not end
    /// before the last of `bytes`.
    ///
    /// - Parameter nameEnd: the position of the name's closing quote.
    @inline(__always)
    private static func plainValue(_ bytes: Span<UInt8>, behindName nameEnd: Int) -> (lower: Int, upper: Int)? {
        guard nameEnd &+ 3 < bytes.count, bytes[unchecked: nameEnd] == UInt8(ascii: "\""),
            bytes[unchecked: nameEnd &+ 1] == UInt8(ascii: ":")
        else { return nil }
        let lower = bytes[unchecked: nameEnd &+ 2] == UInt8(ascii: " ") ? nameEnd &+ 3 : nameEnd &+ 2
        let upper: Int
        switch bytes[unchecked: lower] {
        case UInt8(ascii: "\""):
            guard let end = endOfString(bytes, from: lower &+ 1) else { return nil }
            upper = end
        case UInt8(ascii: "1")...UInt8(ascii: "9"): upper = endOfDigits(bytes, from: lower &+ 1)
        case UInt8(ascii: "0"): upper = lower &+ 1
        default: return nil
        }
        return upper < bytes.count ? (lower, upper) : nil
    }

    @inline(__always)
    private static func endOfDigits(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[unchecked: index] &- 0x30 < 10 { index &+= 1 }
        return index
    }

    /// The index after the closing quote.
    @inline(__always)
    private static func endOfString(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = endOfPlain(bytes, from: start)
        while index &+ 1 < bytes.count {
            guard bytes[unchecked: index] == UInt8(ascii: "\\") else { break }
            switch bytes[unchecked: index &+ 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                index &+= 2
            default: return nil
            }
            index = endOfPlain(bytes, from: index)
        }
        return index < bytes.count && bytes[unchecked: index] == UInt8(ascii: "\"") ? index &+ 1 : nil
    }
}
