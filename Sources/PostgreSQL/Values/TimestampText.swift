import Model

/// Times as PostgreSQL writes them.
///
/// The text of a `timestamp with time zone` depends on `DateStyle` and `TimeZone`, which a role may have set to any
/// value and a pooler may share. Statements therefore select `extract(epoch FROM column)`: a number of seconds with six
/// decimals (`numeric` since PostgreSQL 14, before that `double precision`, which holds microseconds exactly for years
/// below 2255). The ISO form is read, too.
enum TimestampText {
    /// - Returns: nil for anything else. Infinity, and times outside the years 1 to 9999, become the first or last time
    ///   of those.
    static func timestamp(of text: String) -> Timestamp? {
        switch text {
        case "infinity", "Infinity": return Timestamp.calendarRange.upperBound
        case "-infinity", "-Infinity": return Timestamp.calendarRange.lowerBound
        default: break
        }
        if text.utf8.contains(UInt8(ascii: ":")) { return Timestamp(parsing: text) }
        return seconds(text.utf8)
    }

    /// A decimal number with an optional fraction, rounded to microseconds; digits beyond them come from a
    /// `double precision` only.
    private static func seconds(_ text: String.UTF8View) -> Timestamp? {
        var digits = text[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits.removeFirst() }
        let point = digits.firstIndex(of: UInt8(ascii: ".")) ?? digits.endIndex
        let (whole, fraction) = (digits[..<point], digits[point...].dropFirst())
        let isDigits = { (text: Substring.UTF8View) in text.allSatisfy { (48...57).contains($0) } }
        guard !whole.isEmpty, isDigits(whole), isDigits(fraction), point == digits.endIndex || !fraction.isEmpty else {
            return nil
        }
        // Twelve digits are beyond the year 9999.
        guard whole.count <= 12 else {
            return isNegative ? Timestamp.calendarRange.lowerBound : Timestamp.calendarRange.upperBound
        }
        var value: Int64 = 0
        for digit in whole { value = value * 10 + Int64(digit - 48) }
        for index in 0..<6 {
            let digit = fraction.dropFirst(index).first ?? 48
            value = value * 10 + Int64(digit - 48)
        }
        if let next = fraction.dropFirst(6).first, next >= 53 { value += 1 }
        return Timestamp(clamping: isNegative ? -value : value)
    }
}
