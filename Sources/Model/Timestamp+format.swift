extension Timestamp {
    /// Python's `str(datetime)` in UTC: `2019-09-25 23:54:54.440000+00:00`, the fraction left out when it is zero.
    ///
    /// The format of `date` in a stored webhook request (docs/protocol.md 1.4).
    package var pythonDescription: String { text(separator: " ", zone: "+00:00") }

    /// ISO 8601 as Django REST framework writes it: `2023-01-01T00:00:00.123456Z`, the fraction left out when zero.
    package var iso8601Description: String { text(separator: "T", zone: "Z") }

    /// The maximum bytes of a description, years of seven characters included.
    private static let maximumByteCount = 40

    /// Writes into the string's buffer without further allocations: each row and each log line has a date.
    private func text(separator: StaticString, zone: StaticString) -> String {
        let date = CivilDate(self)
        return String(unsafeUninitializedCapacity: Timestamp.maximumByteCount) { buffer in
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

/// Writes numbers of a fixed width with a suffix into a buffer that is large enough.
private struct DigitWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        self.buffer = buffer
    }

    mutating func append(_ value: Int, _ width: Int, _ suffix: StaticString) {
        var power = 1
        for _ in 1..<width { power *= 10 }
        if value >= 0, value / 10 < power {
            while power > 0 {
                append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / power % 10))
                power /= 10
            }
        } else {
            appendWide(value, width)
        }
        suffix.withUTF8Buffer { for byte in $0 { append(byte) } }
    }

    /// Appends a number of more than `width` digits.
    private mutating func appendWide(_ value: Int, _ width: Int) {
        let digits = String(value).utf8
        for _ in 0..<max(0, width - digits.count) { append(UInt8(ascii: "0")) }
        for byte in digits { append(byte) }
    }

    private mutating func append(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }
}
