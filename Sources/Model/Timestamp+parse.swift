extension Timestamp {
    /// Parses a date in any format that a release of the original writes or reads.
    ///
    /// `YYYY-MM-DD`, a space or `T`, `HH:MM[:SS[.f…]]`, then nothing, `Z` or an offset `±HH[:]MM`. Without an offset
    /// the time is UTC; fractions are truncated to six digits. Returns nil for anything else, including invalid days
    /// and times outside the years 1 to 9999.
    package init?(parsing bytes: some Collection<UInt8>) {
        var reader = DigitReader(bytes: ArraySlice(bytes))
        guard let year = reader.digits(4), reader.skip(UInt8(ascii: "-")), let month = reader.digits(2),
            reader.skip(UInt8(ascii: "-")), let day = reader.digits(2),
            reader.skip(UInt8(ascii: " ")) || reader.skip(UInt8(ascii: "T")),
            let hour = reader.digits(2), reader.skip(UInt8(ascii: ":")), let minute = reader.digits(2)
        else { return nil }

        var second = 0
        var microsecond = 0
        if reader.skip(UInt8(ascii: ":")) {
            guard let value = reader.digits(2) else { return nil }
            second = value
            if reader.skip(UInt8(ascii: ".")) {
                guard let fraction = reader.fraction() else { return nil }
                microsecond = fraction
            }
        }
        guard let offset = reader.offsetSeconds() else { return nil }

        let date = CivilDate(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: microsecond)
        guard date.isValid else { return nil }
        self = date.timestamp.adding(seconds: Int64(-offset))
        guard Timestamp.calendarRange.contains(self) else { return nil }
    }

    package init?(parsing text: String) {
        self.init(parsing: text.utf8)
    }
}

/// Reads fixed-width decimal fields from the front of a byte string.
private struct DigitReader {
    var bytes: ArraySlice<UInt8>

    mutating func skip(_ byte: UInt8) -> Bool {
        guard bytes.first == byte else { return false }
        bytes.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard bytes.count >= count else { return nil }
        var value = 0
        for byte in bytes.prefix(count) {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        bytes.removeFirst(count)
        return value
    }

    /// One or more digits after the point, as microseconds.
    mutating func fraction() -> Int? {
        var value = 0
        var count = 0
        while let byte = bytes.first, byte >= 48, byte <= 57 {
            if count < 6 { value = value * 10 + Int(byte - 48) }
            count += 1
            bytes.removeFirst()
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// The offset east of UTC in seconds, which must be all that is left; nil when it is malformed.
    mutating func offsetSeconds() -> Int? {
        if bytes.isEmpty { return 0 }
        if skip(UInt8(ascii: "Z")) { return bytes.isEmpty ? 0 : nil }
        let isEast = skip(UInt8(ascii: "+"))
        guard isEast || skip(UInt8(ascii: "-")), let hours = digits(2) else { return nil }
        _ = skip(UInt8(ascii: ":"))
        let minutes = bytes.isEmpty ? 0 : digits(2)
        guard let minutes, bytes.isEmpty, hours < 24, minutes < 60 else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
