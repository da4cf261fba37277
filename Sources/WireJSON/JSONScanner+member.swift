extension JSONScanner {
    /// Reads a member whole, from the quote of its name to the comma or brace behind its value: what nearly all members
    /// are, without going from state to state.
    ///
    /// Nil, and nothing has changed, when the member does not lie in `bytes` whole, or is not of the plain kind: ASCII, no
    /// escape in the name, no white space but one blank behind the colon, a string or an integer as its value.
    mutating func consumeMember(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "\"") else { return nil }
        // Most names are wanted, and known before their end is looked for.
        let wanted = depth == 1 ? names.index(ofNameAt: start + 1, in: bytes, from: expectedMember) : -1
        let nameEnd =
            wanted >= 0 ? start + 1 + names.length(wanted) : JSONScanner.endOfPlain(bytes, from: start + 1)
        guard nameEnd + 3 < bytes.count, bytes[nameEnd] == UInt8(ascii: "\""), bytes[nameEnd + 1] == UInt8(ascii: ":")
        else { return nil }
        let valueStart = bytes[nameEnd + 2] == UInt8(ascii: " ") ? nameEnd + 3 : nameEnd + 2
        guard let valueEnd = JSONScanner.endOfPlainValue(bytes, from: valueStart), valueEnd < bytes.count else {
            return nil
        }
        let isLast = bytes[valueEnd] == UInt8(ascii: "}")
        guard isLast || bytes[valueEnd] == UInt8(ascii: ",") else { return nil }

        if wanted >= 0 {
            note(wanted, value: offset + valueStart..<offset + valueEnd)
        } else if depth == 1 {
            note(bytes, name: start + 1..<nameEnd, value: offset + valueStart..<offset + valueEnd)
        }
        state = .nextKey
        if isLast { closeContainer(at: offset + valueEnd) }
        return valueEnd + 1
    }

    private mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) {
        let index = names.index(of: bytes, name)
        if index >= 0 { note(index, value: value) }
    }

    @inline(__always)
    private mutating func note(_ index: Int, value: Range<Int>) {
        expectedMember = index + 1
        fragments[index] = value
    }

    /// The end of a string or an integer; nil when it is something else, or does not end in `bytes`.
    @inline(__always)
    private static func endOfPlainValue(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        switch bytes[start] {
        case UInt8(ascii: "\""): endOfString(bytes, from: start + 1)
        case UInt8(ascii: "1")...UInt8(ascii: "9"): endOfDigits(bytes, from: start + 1)
        case UInt8(ascii: "0"): start + 1
        default: nil
        }
    }

    private static func endOfDigits(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index] &- 0x30 < 10 { index &+= 1 }
        return index
    }

    /// The index behind the closing quote.
    @inline(__always)
    private static func endOfString(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = endOfPlain(bytes, from: start)
        while index + 1 < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else { break }
            switch bytes[index + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                index += 2
            default: return nil
            }
            index = endOfPlain(bytes, from: index)
        }
        return index < bytes.count && bytes[index] == UInt8(ascii: "\"") ? index + 1 : nil
    }
}
