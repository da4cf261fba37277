/// Text for a terminal, from values that others have written.
package enum TerminalText {
    /// The text with all characters escaped that control a terminal or change the order in which text is shown: control
    /// characters (C0, DEL, C1), line and paragraph separators, and the invisible format characters, such as the
    /// bidirectional overrides.
    ///
    /// The escapes are those of JSON: `\u009b`. In a JSON text such characters occur only in strings, so that the
    /// escaped text is the same value.
    ///
    /// - Parameter keepsLines: whether line breaks and tabs stay as they are: for a whole text, not for a value in it.
    package static func escaped(_ text: String, keepsLines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: { isEscaped($0, keepsLines: keepsLines) }) else { return text }
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isEscaped(scalar, keepsLines: keepsLines) {
                for unit in String(scalar).utf16 { output.append(contentsOf: escape(unit).unicodeScalars) }
            } else {
                output.append(scalar)
            }
        }
        return String(output)
    }

    private static func isEscaped(_ scalar: Unicode.Scalar, keepsLines: Bool) -> Bool {
        guard !(0x20..<0x7F).contains(scalar.value) else { return false }
        if keepsLines, scalar == "\n" || scalar == "\t" { return false }
        return switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // Joins emoji and letters of some scripts: without effect on anything else.
        case .format: scalar.value != 0x200D && scalar.value != 0x200C
        default: false
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
