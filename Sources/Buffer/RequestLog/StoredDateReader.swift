import Model

/// Reads the dates of stored requests, thousands for one response.
struct StoredDateReader {
    /// The length of `2019-09-25 23:54:54.440000+00:00`.
    static let canonicalCount = 32

    /// The digits of the month read last, its start and its number of days: the entries of a log share one or two
    /// months.
    private var monthDigits = UInt64.max
    private var monthStart: Int64 = 0
    private var dayCount: UInt64 = 0

    /// Reads the form that every writer uses, `YYYY-MM-DD HH:MM:SS.ffffff+00:00`, at `start`.
    ///
    /// Nil for anything else, which `Timestamp(parsing:)` may still accept.
    @inline(__always)
    mutating func canonical(_ bytes: Span<UInt8>, at start: Int) -> Timestamp? {
        guard let microseconds = canonicalMicroseconds(bytes, at: start) else { return nil }
        return Timestamp(microseconds: microseconds)
    }

    /// The same in microseconds since the epoch.
    @inline(__always)
    mutating func canonicalMicroseconds(_ bytes: Span<UInt8>, at start: Int) -> Int64? {
        guard start >= 0, bytes.count - start >= StoredDateReader.canonicalCount else { return nil }
        let raw = bytes.bytes
        // Eight characters a word, the first lowest: "0000-00-", "00 00:00", ":00.0000", "00+00:00". Each byte becomes
        // the digit, or 0 for a punctuation mark.
        let first = word(raw, start) ^ 0x2D30_302D_3030_3030
        let second = word(raw, start + 8) ^ 0x3030_3A30_3020_3030
        let third = word(raw, start + 16) ^ 0x3030_3030_2E30_303A
        let fourth = word(raw, start + 24) ^ 0x3030_3A30_302B_3030
        // Adding 0x76 carries a byte above 9 into the high bit, adding 0x7F one above 0.
        let excess =
            first | (first &+ 0x7F76_767F_7676_7676) | second | (second &+ 0x7676_7F76_767F_7676)
            | third | (third &+ 0x7676_7676_7F76_767F) | fourth | (fourth &+ 0x7F7F_7F7F_7F7F_7676)
        guard excess & 0x8080_8080_8080_8080 == 0 else { return nil }

        let (days, times, fractions) = (pairs(second), pairs(third), pairs(fourth))
        let day = byte(days, 0)
        let hour = byte(days, 3)
        let minute = byte(days, 6)
        let ofMinute = byte(times, 1)
        guard hour < 24, minute < 60, ofMinute < 60, selectMonth(first), day &- 1 < dayCount else { return nil }
        let seconds = (((day &- 1) &* 24 &+ hour) &* 60 &+ minute) &* 60 &+ ofMinute
        let microseconds = (seconds &* 100 &+ byte(times, 4)) &* 10_000 &+ byte(times, 6) &* 100 &+ byte(fractions, 0)
        return monthStart &+ Int64(bitPattern: microseconds)
    }

    /// Sets `monthStart` to the start of the month with the digits `YYYY-MM-`; returns whether the month exists.
    @inline(__always)
    private mutating func selectMonth(_ digits: UInt64) -> Bool {
        digits == monthDigits || readMonth(digits)
    }

    private mutating func readMonth(_ digits: UInt64) -> Bool {
        let numbers = pairs(digits)
        let first = CivilDate(
            year: Int(byte(numbers, 0) * 100 + byte(numbers, 2)), month: Int(byte(numbers, 5)), day: 1)
        guard first.isValid else { return false }
        monthDigits = digits
        monthStart = first.timestamp.microseconds
        dayCount = UInt64(CivilDate.daysInMonth(first.month, year: first.year))
        return true
    }

    @inline(__always)
    private func word(_ bytes: RawSpan, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// In each byte of a word of digits, the two-digit number that begins there.
    @inline(__always)
    private func pairs(_ digits: UInt64) -> UInt64 {
        // Nothing is carried: 99 fits into a byte.
        digits &* 10 &+ digits &>> 8
    }

    @inline(__always)
    private func byte(_ word: UInt64, _ index: UInt64) -> UInt64 {
        (word &>> (index &* 8)) & 0xFF
    }

    /// Reads the content of a valid JSON string, without its quotes.
    mutating func any(_ content: Span<UInt8>) -> Timestamp? {
        if content.count == StoredDateReader.canonicalCount, let date = canonical(content, at: 0) { return date }
        // The longest sensible form with every character escaped.
        guard content.count <= 256 else { return nil }
        return Timestamp(parsing: unescaped(content))
    }

    /// Decodes the escapes of a JSON string as far as dates need it: characters beyond ASCII become question marks.
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

/// Finds an element's date without reading the whole element.
enum EntryDate {
    /// The index of the date's closing quote in `{"date":"2019-09-25 23:54:54.440000+00:00"`.
    private static let end = 9 + StoredDateReader.canonicalCount

    /// The date, in microseconds since the epoch, of an element that begins as every current writer begins it,
    /// `{"date":"…"`; nil when the element must be read. Of several members named `date` the first counts.
    ///
    /// The rest of the element is not examined: an element that is not JSON is skipped when it is picked.
    @inline(__always)
    static func leading(in entry: Span<UInt8>, _ reader: inout StoredDateReader) -> Int64? {
        // {"date": as one word, the first character lowest; then the opening and the closing quote.
        guard entry.count > end,
            UInt64(littleEndian: entry.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt64.self))
                == 0x3A22_6574_6164_227B,
            entry[unchecked: 8] == UInt8(ascii: "\""), entry[unchecked: end] == UInt8(ascii: "\""),
            let date = reader.canonicalMicroseconds(entry, at: 9)
        else { return nil }
        return date
    }
}
