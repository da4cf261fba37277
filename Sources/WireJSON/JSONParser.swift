/// A recursive descent parser for `JSONValue`. `maximumDepth` bounds the recursion.
struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    /// - Parameter outline: what is kept; nil = everything.
    mutating func parseDocument(_ outline: JSONOutline? = nil) throws(JSONSyntaxError) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        let value = try parseValue(outline)
        skipSpace()
        guard position == bytes.count else { throw failure(.extraData) }
        return value
    }

    private func failure(_ reason: JSONSyntaxError.Reason, at position: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, in: bytes, at: position ?? self.position)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func parseValue(_ outline: JSONOutline?) throws(JSONSyntaxError) -> JSONValue {
        switch next {
        case UInt8(ascii: "{"):
            return try nested { (parser) throws(JSONSyntaxError) in .object(try parser.parseObject(outline)) }
        case UInt8(ascii: "["):
            return try nested { (parser) throws(JSONSyntaxError) in .array(try parser.parseArray(outline)) }
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "n") where skipWord("null"): return .null
        case UInt8(ascii: "t") where skipWord("true"): return .bool(true)
        case UInt8(ascii: "f") where skipWord("false"): return .bool(false)
        default: return try parseNumber()
        }
    }

    private mutating func nested(
        _ parse: (inout JSONParser) throws(JSONSyntaxError) -> JSONValue
    ) throws(JSONSyntaxError) -> JSONValue {
        guard depth < maximumDepth else { throw failure(.tooDeep(maximum: maximumDepth)) }
        depth += 1
        let value = try parse(&self)
        depth -= 1
        return value
    }

    private mutating func skipWord(_ word: StaticString) -> Bool {
        let isNext = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isNext { position += word.utf8CodeUnitCount }
        return isNext
    }

    private mutating func parseObject(_ outline: JSONOutline?) throws(JSONSyntaxError) -> [JSONValue.Member] {
        position += 1
        skipSpace()
        var members: [JSONValue.Member] = []
        var otherCount = 0
        if skip("}") { return members }
        while true {
            guard next == UInt8(ascii: "\"") else { throw failure(.expectedName) }
            let name = try parseString()
            skipSpace()
            guard skip(":") else { throw failure(.expectedColon) }
            skipSpace()
            if let outline {
                let known = outline[name]
                let value = try parseValue(known ?? .empty)
                if known != nil {
                    members.removeAll { $0.name == name }
                    members.append(JSONValue.Member(name: name, value: value))
                } else if outline.keepsMembers, otherCount < JSONOutline.otherNames {
                    otherCount += 1
                    members.append(JSONValue.Member(name: name, value: .null))
                }
            } else {
                members.append(JSONValue.Member(name: name, value: try parseValue(nil)))
            }
            skipSpace()
            if skip("}") { return members }
            guard skip(",") else { throw failure(.expectedComma) }
            skipSpace()
        }
    }

    private mutating func parseArray(_ outline: JSONOutline?) throws(JSONSyntaxError) -> [JSONValue] {
        position += 1
        skipSpace()
        var values: [JSONValue] = []
        if skip("]") { return values }
        while true {
            let value = try parseValue(outline.map { _ in .empty })
            if outline == nil { values.append(value) }
            skipSpace()
            if skip("]") { return values }
            guard skip(",") else { throw failure(.expectedComma) }
            skipSpace()
        }
    }

    private mutating func parseNumber() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        _ = skip("-")
        guard skip("0") || skipDigits() else { throw failure(.expectedValue, at: start) }
        var end = position
        if skip("."), skipDigits() { end = position }
        position = end
        if skip("e") || skip("E") {
            _ = skip("-") || skip("+")
            if skipDigits() { end = position }
        }
        position = end
        return .number(String(decoding: bytes[start..<end], as: UTF8.self))
    }

    private mutating func skipDigits() -> Bool {
        let start = position
        while let byte = next, byte >= 48, byte <= 57 { position += 1 }
        return position > start
    }

    private mutating func parseString() throws(JSONSyntaxError) -> String {
        let quote = position
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw failure(.invalidEncoding, at: quote)
                }
                return string
            case UInt8(ascii: "\\"):
                guard next != nil else { throw failure(.unterminatedString, at: quote) }
                try parseEscape(into: &text)
            case 0..<0x20: throw failure(.invalidControlCharacter, at: position - 1)
            default: text.append(byte)
            }
        }
        throw failure(.unterminatedString, at: quote)
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        let backslash = position - 1
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += String(Character(try parseUnicodeEscape(backslash))).utf8
        default: throw failure(.invalidEscape, at: backslash)
        }
    }

    /// The scalar of one `\uXXXX`, or of two that are a surrogate pair.
    private mutating func parseUnicodeEscape(_ backslash: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let first = parseHexadecimal() else { throw failure(.invalidUnicodeEscape, at: backslash + 1) }
        if let scalar = Unicode.Scalar(first) { return scalar }

        let afterFirst = position
        if first < 0xDC00, skip("\\"), skip("u"), let second = parseHexadecimal(), (0xDC00..<0xE000).contains(second) {
            return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
        }
        position = afterFirst
        return "\u{FFFD}"
    }

    private mutating func parseHexadecimal() -> UInt32? {
        guard position + 4 <= bytes.count else { return nil }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 48...57: value = value << 4 | UInt32(byte - 48)
            case 65...70: value = value << 4 | UInt32(byte - 55)
            case 97...102: value = value << 4 | UInt32(byte - 87)
            default: return nil
            }
        }
        position += 4
        return value
    }
}

/// A syntax error and its position.
///
/// Positions are those of Python's parser, whose messages clients of the original get: lines and columns from 1,
/// offsets from 0, all in characters.
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
    /// Characters before the position.
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

    /// The message without the position.
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
