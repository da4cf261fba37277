/// Quoted-printable (RFC 2045, 6.7): any UTF-8 text as short ASCII lines.
enum QuotedPrintable {
    /// Characters of an encoded line, its soft line break included.
    static let lineLimit = 76

    /// Encodes a text; its line breaks, of whichever kind, become CRLF, and the last line ends with one.
    static func encode(_ text: String) -> String {
        var output: [UInt8] = []
        let ended = text.last?.isNewline == true ? text.dropLast() : text[...]
        for line in ended.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            encode(line: Array(line.utf8), into: &output)
            output += [13, 10]
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func encode(line: [UInt8], into output: inout [UInt8]) {
        var width = 0
        for (index, byte) in line.enumerated() {
            let isLast = index == line.count - 1
            let piece = isLiteral(byte, isLast: isLast) ? [byte] : escaped(byte)
            // The last piece may take the place of the soft break.
            if width + piece.count > (isLast ? lineLimit : lineLimit - 1) {
                output += [UInt8(ascii: "="), 13, 10]
                width = 0
            }
            output += piece
            width += piece.count
        }
    }

    /// A space or tab at the end of a line would be lost on the way.
    private static func isLiteral(_ byte: UInt8, isLast: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "="): false
        case 0x20, 0x09: !isLast
        default: byte > 0x20 && byte < 0x7F
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}
