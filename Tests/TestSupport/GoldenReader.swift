/// A small JSON reader of the test kit's own, independent of the code under test.
struct GoldenReader {
    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func readDocument() throws -> GoldenValue {
        let value = try readValue()
        skipSpace()
        guard position == bytes.count else { throw failure("text after the value") }
        return value
    }

    private func failure(_ what: String) -> TestSupportError {
        TestSupportError("not JSON at byte \(position): \(what)")
    }

    private mutating func skipSpace() {
        while position < bytes.count, [32, 9, 10, 13].contains(bytes[position]) { position += 1 }
    }

    /// Steps over `byte` and the white space before it, if it comes next.
    private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func readValue() throws -> GoldenValue {
        skipSpace()
        guard position < bytes.count else { throw failure("a value is missing") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "\""): return .string(try readString())
        default: return try readScalar()
        }
    }

    private mutating func readObject() throws -> GoldenValue {
        _ = skip("{")
        var members: [GoldenValue.Member] = []
        if skip("}") { return .object(members) }
        repeat {
            skipSpace()
            let key = try readString()
            guard skip(":") else { throw failure("a colon is missing") }
            members.append(GoldenValue.Member(key: key, value: try readValue()))
        } while skip(",")
        guard skip("}") else { throw failure("an object does not end") }
        return .object(members)
    }

    private mutating func readArray() throws -> GoldenValue {
        _ = skip("[")
        var values: [GoldenValue] = []
        if skip("]") { return .array(values) }
        repeat { values.append(try readValue()) } while skip(",")
        guard skip("]") else { throw failure("an array does not end") }
        return .array(values)
    }

    private mutating func readScalar() throws -> GoldenValue {
        let start = position
        while position < bytes.count, ![44, 93, 125, 32, 9, 10, 13].contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        switch text {
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            guard Double(text) != nil else { throw failure("\(text.prefix(20)) is no value") }
            return .number(text)
        }
    }

    private mutating func readString() throws -> String {
        guard skip("\"") else { throw failure("a string is missing") }
        var units: [UInt16] = []
        var start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            guard bytes[position] == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            units += String(decoding: bytes[start..<position], as: UTF8.self).utf16
            units.append(try readEscape())
            start = position
        }
        units += String(decoding: bytes[start..<position], as: UTF8.self).utf16
        guard skip("\"") else { throw failure("a string does not end") }
        return String(decoding: units, as: UTF16.self)
    }

    private mutating func readEscape() throws -> UInt16 {
        guard position + 1 < bytes.count else { throw failure("a string ends in an escape") }
        position += 2
        switch bytes[position - 1] {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count,
                let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
            else { throw failure("a \\u escape needs four digits") }
            position += 4
            return unit
        case let other: return UInt16(other)
        }
    }
}
