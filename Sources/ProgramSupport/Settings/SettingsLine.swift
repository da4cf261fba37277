/// One line of a settings file, taken apart.
struct SettingsLine {
    /// Why a line cannot be read.
    enum Mistake: Error {
        case noAssignment, badName, openQuote, continuation

        var reason: String {
            switch self {
            case .noAssignment: "a line is NAME=VALUE, or a comment that begins with #"
            case .badName: "a name has letters, digits and _, and does not begin with a digit"
            case .openQuote: "a quote is not closed; a value ends with its line"
            case .continuation: "a backslash ends the line; a value ends with its line"
            }
        }
    }

    let name: String
    let value: String

    /// Nil for an empty line and for a comment.
    init?(_ bytes: Substring.UTF8View) throws(Mistake) {
        let line = Self.trimmed(bytes[...])
        guard let first = line.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return nil }
        guard let separator = line.firstIndex(of: UInt8(ascii: "=")) else { throw .noAssignment }
        let name = Self.trimmed(line[..<separator])
        guard Self.isName(name) else { throw .badName }
        self.name = String(Substring(name))
        value = try Self.value(line[line.index(after: separator)...])
    }

    private static func isName(_ bytes: Substring.UTF8View) -> Bool {
        guard let first = bytes.first, !(48...57).contains(first) else { return false }
        return bytes.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func trimmed(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest = rest.dropLast() }
        return rest
    }

    // MARK: Values

    private static func value(_ bytes: Substring.UTF8View) throws(Mistake) -> String {
        var rest = bytes
        var value: [UInt8] = []
        while true {
            rest = rest.drop(while: isSpace)
            guard let first = rest.first else { return String(decoding: value, as: UTF8.self) }
            switch first {
            case UInt8(ascii: "'"): value += try singleQuoted(&rest)
            case UInt8(ascii: "\""): value += try doubleQuoted(&rest)
            default: value += try plain(&rest)
            }
        }
    }

    private static func singleQuoted(_ rest: inout Substring.UTF8View) throws(Mistake) -> [UInt8] {
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: UInt8(ascii: "'")) else { throw .openQuote }
        let text = Array(rest[..<end])
        rest = rest[rest.index(after: end)...]
        return text
    }

    /// A backslash takes the meaning from quote, backslash, dollar sign and backtick; before anything else it stays.
    private static func doubleQuoted(_ rest: inout Substring.UTF8View) throws(Mistake) -> [UInt8] {
        rest = rest.dropFirst()
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return text }
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escaped = rest.popFirst() else { throw .openQuote }
            if !"\"\\`$".utf8.contains(escaped) { text.append(byte) }
            text.append(escaped)
        }
        throw .openQuote
    }

    /// To the end of the line, quotes and all; a backslash stands for the byte behind it.
    private static func plain(_ rest: inout Substring.UTF8View) throws(Mistake) -> [UInt8] {
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let escaped = rest.popFirst() else { throw .continuation }
            text.append(escaped)
        }
        return text
    }
}
