import Model

/// Finds an element's date without reading all of it.
enum EntryDate {
    /// The date of an element that begins as every present writer begins it, `{"date":"…"`, and in which no later member
    /// can be called `date`; nil = read the element to know.
    ///
    /// Whether the rest of the element is JSON is not looked at: an element that is not is left out when it is picked.
    static func leading(in entry: Span<UInt8>, _ reader: inout StoredDateReader) -> Timestamp? {
        // {"date": as one word, the first character lowest; then the opening and the closing quote.
        let start = 9
        let end = start + StoredDateReader.canonicalCount
        guard entry.count > end,
            UInt64(littleEndian: entry.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self))
                == 0x3A22_6574_6164_227B,
            entry[8] == UInt8(ascii: "\""), entry[end] == UInt8(ascii: "\""),
            let date = reader.canonical(entry, at: start), !mayRepeatDate(entry, after: end)
        else { return nil }
        return date
    }

    /// Whether another member's name may be `date`, or an escaped spelling of it, behind `start`.
    ///
    /// Never wrong when it says no. When it says yes the element is read as a whole, so it should say so rarely.
    static func mayRepeatDate(_ entry: Span<UInt8>, after start: Int) -> Bool {
        guard start >= 0, entry.count - start >= 4 else { return false }
        return entry.withUnsafeBufferPointer { whole in
            let bytes = UnsafeBufferPointer(rebasing: whole[start...])
            return hasCandidate(bytes) && hasName(bytes)
        }
    }

    /// Whether a quote is followed by `d`, `\` or one of a few other characters that differ from both in three bits.
    ///
    /// Without branches and with few operations, so that the compiler compares sixteen bytes at once.
    private static func hasCandidate(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        var index = 1
        while index < bytes.count {
            let difference = (bytes[index &- 1] ^ 0x22) | ((bytes[index] & 0xC7) ^ 0x44)
            found |= difference == 0 ? 1 : 0
            index &+= 1
        }
        return found != 0
    }

    /// Whether a quote that can open a name is followed by what such a name can begin with: `da`, `d\` or `\`. A quote
    /// behind a colon opens a value, one behind a backslash is a part of a string.
    ///
    /// Without branches, too: stored bodies are full of quotes and backslashes.
    private static func hasName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var found: UInt8 = 0
        var index = 3
        while index < bytes.count {
            let before = bytes[index &- 3]
            let quote = bytes[index &- 2] ^ 0x22
            let first = bytes[index &- 1]
            let second = bytes[index]
            let isEscaped: UInt8 = quote | (first ^ 0x5C) == 0 ? 1 : 0
            let isPlain: UInt8 = quote | (first ^ 0x64) | (second ^ 0x61) == 0 ? 1 : 0
            let isMixed: UInt8 = quote | (first ^ 0x64) | (second ^ 0x5C) == 0 ? 1 : 0
            let isOpening: UInt8 = (before != 0x3A ? 1 : 0) & (before != 0x5C ? 1 : 0)
            found |= (isEscaped | isPlain | isMixed) & isOpening
            index &+= 1
        }
        return found != 0
    }
}
