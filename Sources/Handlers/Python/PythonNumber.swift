/// Numbers in the syntax that Python's `int()` and `float()` accept, which is what clients of the original may send:
/// white space around, underscores between digits, decimal digits of any script.
enum PythonNumber {
    /// Nil when `text` is no integer or does not fit into 64 bits.
    static func int(_ text: some StringProtocol) -> Int? {
        guard let plain = plainText(text) else { return nil }
        let digits =
            plain.first == UInt8(ascii: "-") || plain.first == UInt8(ascii: "+") ? plain.dropFirst() : plain[...]
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        return Int(String(decoding: plain, as: UTF8.self))
    }

    /// Nil when `text` is no number. `inf`, `nan` and numbers beyond the range of a double are numbers.
    static func float(_ text: some StringProtocol) -> Double? {
        guard let plain = plainText(text), isFloatLiteral(plain) else { return nil }
        return Double(String(decoding: plain, as: UTF8.self))
    }

    /// `text` trimmed, in ASCII and without underscores; nil when a character or an underscore is not part of a number.
    private static func plainText(_ text: some StringProtocol) -> [UInt8]? {
        var plain: [UInt8] = []
        var isAfterUnderscore = false
        for scalar in trimmed(text) {
            if scalar == "_" {
                guard let last = plain.last, isDigit(last), !isAfterUnderscore else { return nil }
                isAfterUnderscore = true
                continue
            }
            guard let byte = decimalDigit(scalar).map({ UInt8($0) + 48 }) ?? ascii(scalar) else { return nil }
            if isAfterUnderscore, !isDigit(byte) { return nil }
            isAfterUnderscore = false
            plain.append(byte)
        }
        return isAfterUnderscore ? nil : plain
    }

    private static func trimmed(_ text: some StringProtocol) -> ArraySlice<Unicode.Scalar> {
        var scalars = Array(text.unicodeScalars)[...]
        while let first = scalars.first, PythonString.isSpace(first) { scalars.removeFirst() }
        while let last = scalars.last, PythonString.isSpace(last) { scalars.removeLast() }
        return scalars
    }

    private static func decimalDigit(_ scalar: Unicode.Scalar) -> Int? {
        PythonString.decimalDigit(scalar)
    }

    private static func ascii(_ scalar: Unicode.Scalar) -> UInt8? {
        scalar.isASCII ? UInt8(scalar.value) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57
    }

    /// Sign, then a name or digits with an optional point, then an optional exponent.
    private static func isFloatLiteral(_ text: [UInt8]) -> Bool {
        var rest = text[...]
        skipSign(&rest)
        let name = String(decoding: rest, as: UTF8.self).lowercased()
        if ["inf", "infinity", "nan"].contains(name) { return true }

        var digitCount = skipDigits(&rest)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            digitCount += skipDigits(&rest)
        }
        guard digitCount > 0 else { return false }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            skipSign(&rest)
            guard skipDigits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }

    private static func skipSign(_ text: inout ArraySlice<UInt8>) {
        if text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") { text.removeFirst() }
    }

    private static func skipDigits(_ text: inout ArraySlice<UInt8>) -> Int {
        let count = text.prefix(while: isDigit).count
        text.removeFirst(count)
        return count
    }
}

/// Character classes as Python's `str` methods and regular expressions see them.
enum PythonString {
    /// `str.isspace()` and `\s`: Unicode white space, and the four ASCII separators that Unicode leaves out.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        (0x1C...0x1F).contains(scalar.value) || scalar.properties.isWhitespace
    }

    /// The value of a `\d`: a decimal digit of any script.
    static func decimalDigit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII { return (48...57).contains(scalar.value) ? Int(scalar.value) - 48 : nil }
        guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else { return nil }
        return Int(value)
    }

    /// `str.strip()`.
    static func stripped(_ string: String) -> String {
        var scalars = Substring(string).unicodeScalars
        while let first = scalars.first, isSpace(first) { scalars.removeFirst() }
        while let last = scalars.last, isSpace(last) { scalars.removeLast() }
        return String(scalars)
    }
}
