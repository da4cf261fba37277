extension Timestamp {
    /// Python's `str(datetime)` in UTC: `2019-09-25 23:54:54.440000+00:00`, the fraction left out when it is zero.
    ///
    /// The form of `date` in a stored webhook request (contract 1.4).
    package var pythonDescription: String { text(separator: " ", zone: "+00:00") }

    /// ISO 8601 as Django REST framework writes it: `2023-01-01T00:00:00.123456Z`, the fraction left out when zero.
    package var iso8601Description: String { text(separator: "T", zone: "Z") }

    /// Years of seven characters included.
    private static let maximumCount = 40

    /// Written straight into the text's own memory: each attempt's row has a date, and each line of the log.
    private func text(separator: StaticString, zone: StaticString) -> String {
        let date = CivilDate(self)
        return String(unsafeUninitializedCapacity: Timestamp.maximumCount) { buffer in
            var digits = DigitWriter(buffer)
            digits.append(date.year, 4, "-")
            digits.append(date.month, 2, "-")
            digits.append(date.day, 2, separator)
            digits.append(date.hour, 2, ":")
            digits.append(date.minute, 2, ":")
            digits.append(date.second, 2, date.microsecond == 0 ? zone : ".")
            if date.microsecond != 0 { digits.append(date.microsecond, 6, zone) }
            return digits.count
        }
    }
}

/// Writes numbers of a fixed width, each with what follows it, into memory that is large enough.
private struct DigitWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func append(_ value: Int, _ width: Int, _ end: StaticString) {
        var place = 1
        for _ in 1..<width { place *= 10 }
        if value >= 0, value / 10 < place {
            while place > 0 {
                append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / place % 10))
                place /= 10
            }
        } else {
            appendUnusual(value, width)
        }
        end.withUTF8Buffer { for byte in $0 { append(byte) } }
    }

    /// A year that four digits do not hold.
    private mutating func appendUnusual(_ value: Int, _ width: Int) {
        let digits = String(value).utf8
        for _ in 0..<max(0, width - digits.count) { append(UInt8(ascii: "0")) }
        for byte in digits { append(byte) }
    }

    private mutating func append(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }
}
