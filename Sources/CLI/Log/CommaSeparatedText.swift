import System

/// Comma-separated values (RFC 4180): lines end with CRLF, and values with commas or quotes are quoted.
///
/// Control characters, line breaks included, are escaped as in a table, so that each row is one line and a terminal can
/// show it. Nothing else is altered: a value that a spreadsheet would take for a formula stays as it is.
enum CommaSeparatedText {
    /// One line.
    static func line(_ values: [String]) -> String {
        values.map(quoted).joined(separator: ",") + "\r\n"
    }

    private static func quoted(_ value: String) -> String {
        let text = TerminalText.escaped(value)
        guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
