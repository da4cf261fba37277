import Model

/// Dates in the formats of query parameters, read as the original's libraries read them.
enum PythonDate {
    /// `datetime.strptime(text, "%Y-%m-%d %H:%M:%S")`, taken as UTC (docs/protocol.md 2.3).
    ///
    /// Fields but the year may lack their leading zero, and any run of white space may stand for the space. Nil for
    /// everything else, days that do not exist and second 60 included.
    static func strptime(_ text: String) -> Timestamp? {
        var reader = ScalarReader(text)
        guard let year = reader.number(minimum: 4, maximum: 4), reader.skip("-"),
            let month = reader.number(maximum: 2), reader.skip("-"),
            let day = paddedDay(&reader), reader.skipSpaces() > 0,
            let hour = reader.number(maximum: 2), reader.skip(":"),
            let minute = reader.number(maximum: 2), reader.skip(":"),
            let second = reader.number(maximum: 2), reader.isAtEnd
        else { return nil }

        let date = CivilDate(
            year: year.value, month: month.value, day: day, hour: hour.value, minute: minute.value,
            second: second.value)
        return date.isValid ? date.timestamp : nil
    }

    /// ISO 8601 as Django REST framework's `DateTimeField` reads it: `T` or a space, optional seconds and fraction,
    /// optional offset; without one the time is UTC (docs/protocol.md 2.9).
    static func iso8601(_ text: String) -> Timestamp? {
        var reader = ScalarReader(text)
        guard let year = reader.number(minimum: 4, maximum: 4), reader.skip("-"),
            let month = reader.number(maximum: 2), reader.skip("-"),
            let day = reader.number(maximum: 2), reader.skip("T", " "),
            let hour = reader.number(maximum: 2), reader.skip(":"), let minute = reader.number(maximum: 2)
        else { return nil }

        var second = 0
        var microsecond = 0
        if reader.skip(":") {
            guard let value = reader.number(maximum: 2) else { return nil }
            second = value.value
            if reader.skip(".", ",") {
                guard let fraction = reader.number(maximum: 6), reader.number(minimum: 0, maximum: 6) != nil
                else { return nil }
                microsecond = (fraction.count..<6).reduce(fraction.value) { value, _ in value * 10 }
            }
        }
        guard let offset = offsetSeconds(&reader) else { return nil }

        let date = CivilDate(
            year: year.value, month: month.value, day: day.value, hour: hour.value, minute: minute.value,
            second: second, microsecond: microsecond)
        return date.isValid ? date.timestamp.adding(seconds: Int64(-offset)) : nil
    }

    /// `%d` also matches a space before a single digit.
    private static func paddedDay(_ reader: inout ScalarReader) -> Int? {
        let isPadded = reader.skip(" ")
        return reader.number(maximum: isPadded ? 1 : 2)?.value
    }

    /// The offset east of UTC, which must be all that is left; nil when it is malformed.
    private static func offsetSeconds(_ reader: inout ScalarReader) -> Int? {
        _ = reader.skipSpaces()
        if reader.isAtEnd { return 0 }
        if reader.skip("Z") { return reader.isAtEnd ? 0 : nil }

        let isEast = reader.skip("+")
        guard isEast || reader.skip("-"), let hours = reader.number(minimum: 2, maximum: 2) else { return nil }
        var minutes = 0
        if !reader.isAtEnd {
            _ = reader.skip(":")
            guard let value = reader.number(minimum: 2, maximum: 2), reader.isAtEnd else { return nil }
            minutes = value.value
        }
        guard hours.value < 24, minutes < 60 else { return nil }
        return (isEast ? 1 : -1) * (hours.value * 3600 + minutes * 60)
    }
}

/// Reads fields from the front of a text, scalar by scalar, as a regular expression would.
struct ScalarReader {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) {
        rest = Substring(text).unicodeScalars
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes the next scalar when it is one of `expected`.
    mutating func skip(_ expected: Unicode.Scalar...) -> Bool {
        guard let next = rest.first, expected.contains(next) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes as many white-space scalars as there are, and returns their number.
    mutating func skipSpaces() -> Int {
        var count = 0
        while let next = rest.first, PythonString.isSpace(next) {
            rest.removeFirst()
            count += 1
        }
        return count
    }

    /// Takes up to `maximum` decimal digits; nil when there are fewer than `minimum`.
    mutating func number(minimum: Int = 1, maximum: Int) -> (value: Int, count: Int)? {
        var value = 0
        var count = 0
        while count < maximum, let next = rest.first, let digit = PythonString.decimalDigit(next) {
            value = value * 10 + digit
            count += 1
            rest.removeFirst()
        }
        return count >= minimum ? (value, count) : nil
    }
}
