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
    /// Looks for a quote and what such a name can begin with: `da`, `d\` or `\`. A quote behind a colon opens a value,
    /// one behind a backslash is a part of a string.
    static func mayRepeatDate(_ entry: Span<UInt8>, after start: Int) -> Bool {
        guard start >= 0 else { return false }
        return entry.withUnsafeBytes { bytes in
            var quote = start &+ 1
            // Four blocks at once, as long as there are four: most have nothing that even resembles such a name.
            while quote &+ 66 <= bytes.count {
                if resemblesCandidate(bytes, quote), hasDateName(inFourBlocks: bytes, quote) { return true }
                quote &+= 64
            }
            // A block of sixteen quotes and the two bytes behind each; the last block overlaps the one before.
            let lastBlock = bytes.count &- 18
            quote = max(start &+ 1, min(quote, lastBlock))
            while quote <= lastBlock {
                if hasCandidate(bytes, quote), hasDateName(bytes, quote..<quote &+ 16) { return true }
                quote = quote == lastBlock ? bytes.count : min(quote &+ 16, lastBlock)
            }
            return hasDateName(bytes, quote..<max(quote, bytes.count &- 2))
        }
    }

    /// Whether one of the 64 bytes from `start` is a quote before a `d`, a `\`, or one of the six characters that differ from
    /// these in the bits 0x38 only.
    @inline(__always)
    private static func resemblesCandidate(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let mask = SIMD16<UInt8>(repeating: 0xC7)
        let common = SIMD16<UInt8>(repeating: 0x44)
        let first = (block(bytes, start) .== quote) .& ((block(bytes, start &+ 1) & mask) .== common)
        let second = (block(bytes, start &+ 16) .== quote) .& ((block(bytes, start &+ 17) & mask) .== common)
        let third = (block(bytes, start &+ 32) .== quote) .& ((block(bytes, start &+ 33) & mask) .== common)
        let fourth = (block(bytes, start &+ 48) .== quote) .& ((block(bytes, start &+ 49) & mask) .== common)
        return isAny((first .| second) .| (third .| fourth))
    }

    private static func hasDateName(inFourBlocks bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        for block in stride(from: start, to: start &+ 64, by: 16) where hasCandidate(bytes, block) {
            if hasDateName(bytes, block..<block &+ 16) { return true }
        }
        return false
    }

    /// Whether one of the sixteen bytes from `start` is a quote before `da`, `d\` or `\`.
    @inline(__always)
    private static func hasCandidate(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        // The types stand here because the compiler makes slow code of vectors whose type it has to infer.
        let quote = SIMD16<UInt8>(repeating: 0x22)
        let backslash = SIMD16<UInt8>(repeating: 0x5C)
        let letterD = SIMD16<UInt8>(repeating: 0x64)
        let letterA = SIMD16<UInt8>(repeating: 0x61)
        let first = block(bytes, start &+ 1)
        let second = block(bytes, start &+ 2)
        let isName = (first .== backslash) .| ((first .== letterD) .& ((second .== letterA) .| (second .== backslash)))
        return isAny((block(bytes, start) .== quote) .& isName)
    }

    @inline(__always)
    private static func isAny(_ mask: SIMDMask<SIMD16<Int8>>) -> Bool {
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return words.x | words.y != 0
    }

    @inline(__always)
    private static func block(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> SIMD16<UInt8> {
        bytes.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
    }

    /// Whether one of the quotes in `range` opens a name that may be `date`.
    private static func hasDateName(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        for quote in range where bytes[quote] == 0x22 && bytes[quote - 1] != 0x3A && bytes[quote - 1] != 0x5C {
            let (first, second) = (bytes[quote + 1], bytes[quote + 2])
            if first == 0x5C || first == 0x64 && (second == 0x61 || second == 0x5C) { return true }
        }
        return false
    }
}
