import Model

/// Finds an element's date without reading all of it.
enum EntryDate {
    /// The date of an element that begins as every present writer begins it, `{"date":"…"`, and in which no later member
    /// can be called `date`; nil = read the element to know.
    ///
    /// Whether the rest of the element is JSON is not looked at: an element that is not is left out when it is picked.
    static func leading(in entry: Span<UInt8>) -> Timestamp? {
        // {"date": as one word, the first character lowest; then the opening and the closing quote.
        let start = 9
        let end = start + StoredDate.canonicalCount
        guard entry.count > end,
            UInt64(littleEndian: entry.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
                == 0x3A22_6574_6164_227B,
            entry[8] == UInt8(ascii: "\""), entry[end] == UInt8(ascii: "\""),
            let date = StoredDate.canonical(entry, at: start), !mayRepeatDate(entry, after: end)
        else { return nil }
        return date
    }

    /// Whether another member's name may be `date`, or an escaped spelling of it, behind `start`.
    ///
    /// Looks for a quote and what such a name can begin with: `da`, `d\` or `\`. A quote behind a colon opens a value,
    /// one behind a backslash is a part of a string. Without branches, so that the compiler makes it compare sixteen
    /// bytes at once.
    static func mayRepeatDate(_ entry: Span<UInt8>, after start: Int) -> Bool {
        guard start >= 0, entry.count - start >= 4 else { return false }
        return entry.withUnsafeBufferPointer { whole in
            let bytes = UnsafeBufferPointer(rebasing: whole[start...])
            var found: UInt8 = 0
            for index in 0..<bytes.count - 3 {
                let before = bytes[index]
                let first = bytes[index + 2]
                let second = bytes[index + 3]
                let isOpening = mask(bytes[index + 1] == 0x22) & mask(before != 0x3A) & mask(before != 0x5C)
                let isName = mask(first == 0x5C) | mask(first == 0x64) & (mask(second == 0x61) | mask(second == 0x5C))
                found |= isOpening & isName
            }
            return found != 0
        }
    }

    @inline(__always)
    private static func mask(_ condition: Bool) -> UInt8 {
        condition ? 1 : 0
    }
}
