import Model

/// Reads the dates of stored requests, of which one answer has thousands.
struct StoredDateReader {
    /// Length of `2019-09-25 23:54:54.440000+00:00`.
    static let canonicalCount = 32

    /// The digits of the last day that was read, and when it began: the entries of a log share few days.
    private var dayDigits: (UInt64, UInt64) = (.max, .max)
    private var dayStart: Int64 = 0

    /// Reads the form that every writer uses, `YYYY-MM-DD HH:MM:SS.ffffff+00:00`, at `start`.
    ///
    /// Nil when something else stands there; then `Timestamp(parsing:)` has the last word.
    @inline(__always)
    mutating func canonical(_ bytes: Span<UInt8>, at start: Int) -> Timestamp? {
        guard start >= 0, bytes.count - start >= StoredDateReader.canonicalCount else { return nil }
        let raw = bytes.bytes
        // Eight characters a word, the first lowest: "0000-00-", "00 00:00", ":00.0000", "00+00:00". What is left of each
        // character is the digit, or 0 for a punctuation mark.
        let first = word(raw, start) ^ 0x2D30_302D_3030_3030
        let second = word(raw, start + 8) ^ 0x3030_3A30_3020_3030
        let third = word(raw, start + 16) ^ 0x3030_3030_2E30_303A
        let fourth = word(raw, start + 24) ^ 0x3030_3A30_302B_3030
        // Adding 0x76 carries a byte above 9 into the high bit, adding 0x7F one above 0.
        let excess =
            first | (first &+ 0x7F76_767F_7676_7676) | second | (second &+ 0x7676_7F76_767F_7676)
            | third | (third &+ 0x7676_7676_7F76_767F) | fourth | (fourth &+ 0x7F7F_7F7F_7F7F_7676)
        guard excess & 0x8080_8080_8080_8080 == 0 else { return nil }

        let hour = pair(second, 3)
        let minute = pair(second, 6)
        let ofMinute = pair(third, 1)
        guard hour < 24, minute < 60, ofMinute < 60, selectDay(first, second & 0xFFFF) else { return nil }
        let seconds = Int64((hour &* 60 &+ minute) &* 60 &+ ofMinute)
        let microseconds = Int64(pair(third, 4) &* 10_000 &+ pair(third, 6) &* 100 &+ pair(fourth, 0))
        return Timestamp(microseconds: dayStart &+ seconds &* 1_000_000 &+ microseconds)
    }

    /// Makes `dayStart` the beginning of a day; returns whether there is such a day.
    @inline(__always)
    private mutating func selectDay(_ first: UInt64, _ second: UInt64) -> Bool {
        if dayDigits.0 == first, dayDigits.1 == second { return true }
        return readDay(first, second)
    }

    private mutating func readDay(_ first: UInt64, _ second: UInt64) -> Bool {
        let day = CivilDate(
            year: pair(first, 0) * 100 + pair(first, 2), month: pair(first, 5), day: pair(second, 0))
        guard day.isValid else { return false }
        dayDigits = (first, second)
        dayStart = day.timestamp.microseconds
        return true
    }

    @inline(__always)
    private func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The number of two digits that begins at byte `index` of a word.
    @inline(__always)
    private func pair(_ digits: UInt64, _ index: UInt64) -> Int {
        Int(truncatingIfNeeded: (digits &>> (index &* 8)) & 15) &* 10
            &+ Int(truncatingIfNeeded: (digits &>> (index &* 8 &+ 8)) & 15)
    }

    /// Reads the content of a JSON string, without its quotes, that was checked to be one.
    mutating func any(_ content: Span<UInt8>) -> Timestamp? {
        if content.count == StoredDateReader.canonicalCount, let date = canonical(content, at: 0) { return date }
        // The longest sensible form with every character escaped.
        guard content.count <= 256 else { return nil }
        return Timestamp(parsing: unescaped(content))
    }

    /// Undoes the escapes of a JSON string as far as dates need it: characters beyond ASCII become question marks.
    private func unescaped(_ content: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < content.count {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < content.count else {
                result.append(byte)
                continue
            }
            if content[index] == UInt8(ascii: "u"), index + 5 <= content.count {
                let digits = String(copying: content.extracting(index + 1..<index + 5))
                result.append(UInt8(digits, radix: 16) ?? UInt8(ascii: "?"))
                index += 5
            } else {
                result.append(content[index] == UInt8(ascii: "/") ? UInt8(ascii: "/") : UInt8(ascii: "?"))
                index += 1
            }
        }
        return result
    }
}
