/// Why a text is not JSON, and where.
///
/// Places are counted as Python's parser counts them, whose messages clients of the original know: lines and columns
/// from 1, offsets from 0, all in characters.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        case expectedValue
        case expectedName
        case expectedColon
        case expectedComma
        case extraData
        case unterminatedString
        case invalidControlCharacter
        case invalidEscape
        case invalidUnicodeEscape
        /// The bytes are not UTF-8.
        case invalidEncoding
        case tooDeep(maximum: Int)
        case tooLong(byteCount: Int, maximum: Int)
    }

    package let reason: Reason
    package let line: Int
    package let column: Int
    /// Characters before the place.
    package let offset: Int

    init(reason: Reason, in bytes: [UInt8], at position: Int) {
        self.reason = reason
        var line = 1
        var column = 1
        var offset = 0
        for byte in bytes.prefix(position) where byte & 0xC0 != 0x80 {
            offset += 1
            column += 1
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            }
        }
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// What is wrong, without the place.
    package var summary: String {
        switch reason {
        case .expectedValue: "Expecting value"
        case .expectedName: "Expecting property name enclosed in double quotes"
        case .expectedColon: "Expecting ':' delimiter"
        case .expectedComma: "Expecting ',' delimiter"
        case .extraData: "Extra data"
        case .unterminatedString: "Unterminated string starting at"
        case .invalidControlCharacter: "Invalid control character at"
        case .invalidEscape: "Invalid \\escape"
        case .invalidUnicodeEscape: "Invalid \\uXXXX escape"
        case .invalidEncoding: "Invalid UTF-8"
        case .tooDeep(let maximum): "More than \(maximum) levels of nesting"
        case .tooLong(let byteCount, let maximum): "\(byteCount) bytes, more than the limit of \(maximum)"
        }
    }

    package var description: String { "\(summary): line \(line) column \(column) (char \(offset))" }
}
