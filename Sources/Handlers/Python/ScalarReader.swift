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
        while let next = rest.first, PythonText.isSpace(next) {
            rest.removeFirst()
            count += 1
        }
        return count
    }

    /// Takes up to `maximum` decimal digits; nil when there are fewer than `minimum`.
    mutating func number(minimum: Int = 1, maximum: Int) -> (value: Int, count: Int)? {
        var value = 0
        var count = 0
        while count < maximum, let next = rest.first, let digit = PythonText.decimalDigit(next) {
            value = value * 10 + digit
            count += 1
            rest.removeFirst()
        }
        return count >= minimum ? (value, count) : nil
    }
}
