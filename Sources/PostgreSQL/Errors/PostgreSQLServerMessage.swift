import System

/// An error that a server reported.
package struct PostgreSQLServerMessage: Hashable, Sendable, CustomStringConvertible {
    /// The most bytes of a message that are kept.
    package static let maximumBytes = 500

    /// Five letters and digits (PostgreSQL, appendix A).
    package let sqlstate: String
    /// The server's sentence, bounded and without control characters. The detail is left out: it may hold values of
    /// the row.
    package let text: String
    /// What the error is about, where the server says it.
    package let table: String?
    package let column: String?
    package let constraint: String?

    package init(
        sqlstate: String, text: String, table: String? = nil, column: String? = nil, constraint: String? = nil
    ) {
        self.sqlstate = sqlstate
        self.text = Self.bounded(text)
        self.table = table.map(Self.bounded)
        self.column = column.map(Self.bounded)
        self.constraint = constraint.map(Self.bounded)
    }

    package var description: String { "\(text) (SQLSTATE \(sqlstate))" }

    /// One line of at most `maximumBytes` bytes without control characters.
    static func bounded(_ text: String) -> String {
        let line = TerminalText.escaped(
            text.split { $0.isNewline || $0 == "\t" }.joined(separator: " ").trimmingSpaces)
        guard line.utf8.count > maximumBytes else { return line }
        var output = ""
        for character in line {
            guard output.utf8.count + character.utf8.count <= maximumBytes - 3 else { break }
            output.append(character)
        }
        return output + "…"
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var view = self[...]
        while view.first == " " { view.removeFirst() }
        while view.last == " " { view.removeLast() }
        return String(view)
    }
}

/// libpq's description of a failed attempt to connect, which it gives as text only.
struct ConnectMessage {
    /// The server's code, where the server has refused the connection.
    let sqlstate: String?
    /// One line.
    let text: String

    /// - Parameter raw: with `PQERRORS_VERBOSE`, lines such as `connection to server at "::1", port 5432 failed: FATAL:
    ///   28P01: password authentication failed`, then `LOCATION:  auth_failed, auth.c:330`. Severities are translated,
    ///   codes are not. Several attempts (with and without TLS) have several; the last counts. Lines that begin with a
    ///   tab are advice.
    init(_ raw: String) {
        var code: String?
        var lines: [Substring] = []
        for line in raw.split(separator: "\n") where !line.hasPrefix("\t") && !Self.isLocation(line) {
            if let (found, text) = Self.codeAndText(of: line) {
                code = found
                lines.append(text)
            } else {
                lines.append(Self.withoutServer(line))
            }
        }
        sqlstate = code
        text = PostgreSQLServerMessage.bounded(lines.joined(separator: "; "))
    }

    /// What follows `connection to server at "…", port … failed: `: our messages name the server themselves.
    private static func withoutServer(_ line: Substring) -> Substring {
        let separator = " failed: "
        guard line.hasPrefix("connection to server "), let range = line.firstRange(of: separator) else { return line }
        return line[range.upperBound...]
    }

    /// `LOCATION:  function, file.c:line`, in any language.
    private static func isLocation(_ line: Substring) -> Bool {
        guard let colon = line.lastIndex(of: ":"), line[..<colon].hasSuffix(".c") else { return false }
        return line.contains(":  ") && line[line.index(after: colon)...].allSatisfy(\.isNumber)
    }

    /// The five characters between `:  ` and `: `, and what follows them.
    private static func codeAndText(of line: Substring) -> (String, Substring)? {
        var rest = line
        while let range = rest.firstRange(of: ":  ") {
            rest = rest[range.upperBound...]
            let code = rest.utf8.prefix(5)
            let isCode = code.count == 5 && code.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            guard isCode, rest.dropFirst(5).hasPrefix(": ") else { continue }
            return (String(decoding: code, as: UTF8.self), rest.dropFirst(7))
        }
        return nil
    }
}

extension PostgreSQLServerMessage {
    /// Whether it tells of a trouble of the server that may end by itself: no memory or disk space (class 53), an error
    /// of the operating system (58), or of PostgreSQL itself (XX).
    package var isPassing: Bool { ["53", "58", "XX"].contains(String(sqlstate.prefix(2))) }
}
