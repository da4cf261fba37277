import System

/// A file of lines `NAME=VALUE`, parsed by the rules of systemd's `EnvironmentFile`: comments begin with `#` or `;`,
/// values can be in single or double quotes.
///
/// Values cannot span lines: what systemd would continue on the next line (an open quote, a backslash at the end) is an
/// error here, and so is a line that systemd would ignore.
package struct SettingsFile {
    /// The value of `HOOKLINE_SETTINGS_FILE` that names no file.
    package static let none = "none"
    /// The file of an installed system (`scripts/install.sh`), which the units of the long-running programs read.
    package static let installedPath = "/etc/hookline/hookline.env"

    struct Assignment: Hashable {
        var name: String
        var value: String
        /// Counted from 1.
        var line: Int
    }

    struct ParseError: Error, Hashable {
        var path: String
        /// Nil when it is about the whole file.
        var line: Int?
        /// Never holds a value, which may be a password.
        var reason: String
    }

    let path: String
    /// In the order of the file.
    let assignments: [Assignment]

    init(path: String) throws(ParseError) {
        self.path = path
        let text: String
        do throws(FileError) {
            text = try TextFile(path: path).read()
        } catch {
            throw ParseError(path: path, line: nil, reason: error.reason)
        }
        assignments = try Self.parse(text, path)
    }

    private static func parse(_ text: String, _ path: String) throws(ParseError) -> [Assignment] {
        var assignments: [Assignment] = []
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, bytes) in lines.enumerated() {
            do throws(SettingsLine.ParseError) {
                guard let line = try SettingsLine(bytes) else { continue }
                assignments.append(Assignment(name: line.name, value: line.value, line: index + 1))
            } catch {
                throw ParseError(path: path, line: index + 1, reason: error.reason)
            }
        }
        return assignments
    }

    /// Names that are no setting, or one that a file cannot set: unlike the environment, the file is Hookline's alone.
    func misplacedVariables() -> [ConfigurationError] {
        assignments.compactMap { assignment in
            let reason: String
            if assignment.name == Setting.settingsFile.variable {
                reason = "\(assignment.name) must be set in the environment: a settings file cannot name another one"
            } else if SettingValues.isKnown(variable: assignment.name) {
                return nil
            } else {
                let nearest = SettingValues.nearestVariable(to: assignment.name)
                reason = ConfigurationError.unknownVariable(assignment.name, nearest: nearest).description
            }
            return .invalidSettingsFile(path: path, line: assignment.line, reason: reason)
        }
    }
}

/// One parsed line of a settings file.
private struct SettingsLine {
    /// Why a line is invalid.
    enum ParseError: Error {
        case noAssignment, badName, openQuote, continuation

        var reason: String {
            switch self {
            case .noAssignment: "expected NAME=VALUE, or a comment that begins with #"
            case .badName: "a name consists of letters, digits and _, and does not begin with a digit"
            case .openQuote: "a quote is not closed; values cannot span lines"
            case .continuation: "a backslash ends the line; values cannot span lines"
            }
        }
    }

    let name: String
    let value: String

    /// Nil for an empty line and for a comment.
    init?(_ bytes: Substring.UTF8View) throws(ParseError) {
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
        var remaining = bytes.drop(while: isSpace)
        while let last = remaining.last, isSpace(last) { remaining = remaining.dropLast() }
        return remaining
    }

    // MARK: Values

    private static func value(_ bytes: Substring.UTF8View) throws(ParseError) -> String {
        var remaining = bytes
        var value: [UInt8] = []
        while true {
            remaining = remaining.drop(while: isSpace)
            guard let first = remaining.first else { return String(decoding: value, as: UTF8.self) }
            switch first {
            case UInt8(ascii: "'"): value += try singleQuoted(&remaining)
            case UInt8(ascii: "\""): value += try doubleQuoted(&remaining)
            default: value += try unquoted(&remaining)
            }
        }
    }

    private static func singleQuoted(_ remaining: inout Substring.UTF8View) throws(ParseError) -> [UInt8] {
        remaining = remaining.dropFirst()
        guard let end = remaining.firstIndex(of: UInt8(ascii: "'")) else { throw .openQuote }
        let bytes = Array(remaining[..<end])
        remaining = remaining[remaining.index(after: end)...]
        return bytes
    }

    /// A backslash escapes quote, backslash, dollar sign and backtick; before any other byte it is literal.
    private static func doubleQuoted(_ remaining: inout Substring.UTF8View) throws(ParseError) -> [UInt8] {
        remaining = remaining.dropFirst()
        var bytes: [UInt8] = []
        while let byte = remaining.popFirst() {
            if byte == UInt8(ascii: "\"") { return bytes }
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let escaped = remaining.popFirst() else { throw .openQuote }
            if !"\"\\`$".utf8.contains(escaped) { bytes.append(byte) }
            bytes.append(escaped)
        }
        throw .openQuote
    }

    /// To the end of the line, quotes included; a backslash escapes any byte.
    private static func unquoted(_ remaining: inout Substring.UTF8View) throws(ParseError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = remaining.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            guard let escaped = remaining.popFirst() else { throw .continuation }
            bytes.append(escaped)
        }
        return bytes
    }
}
