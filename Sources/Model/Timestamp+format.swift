extension Timestamp {
    /// Python's `str(datetime)` in UTC: `2019-09-25 23:54:54.440000+00:00`, the fraction left out when it is zero.
    ///
    /// The form of `date` in a stored webhook request (contract 1.4).
    package var pythonDescription: String { text(separator: " ", zone: "+00:00") }

    /// ISO 8601 as Django REST framework writes it: `2023-01-01T00:00:00.123456Z`, the fraction left out when zero.
    package var iso8601Description: String { text(separator: "T", zone: "Z") }

    /// Written into one piece of memory: each attempt's row has a date.
    private func text(separator: StaticString, zone: StaticString) -> String {
        let date = CivilDate(self)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        func append(_ value: Int, _ width: Int, _ end: StaticString = "") {
            appendPadded(value, width, to: &text)
            end.withUTF8Buffer { text.append(contentsOf: $0) }
        }
        append(date.year, 4, "-")
        append(date.month, 2, "-")
        append(date.day, 2, separator)
        append(date.hour, 2, ":")
        append(date.minute, 2, ":")
        append(date.second, 2, date.microsecond == 0 ? zone : ".")
        if date.microsecond != 0 { append(date.microsecond, 6, zone) }
        return String(decoding: text, as: UTF8.self)
    }

    private func appendPadded(_ value: Int, _ width: Int, to text: inout [UInt8]) {
        let digits = String(value).utf8
        for _ in 0..<max(0, width - digits.count) { text.append(UInt8(ascii: "0")) }
        text.append(contentsOf: digits)
    }
}
