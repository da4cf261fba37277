/// Encodes strings for headers of mails.
enum MailHeaderEncoding {
    /// UTF-8 bytes of one encoded word: with its delimiters it has 64 characters, so that it fits after the name of a
    /// header into the 76 of RFC 2047.
    private static let wordBytes = 39

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// The value of an unstructured header such as `Subject`: always a single unfolded or folded line.
    static func unstructured(_ text: String) -> String {
        let line = withoutControls(text)
        let isPlain = line.utf8.count <= 60 && line.utf8.allSatisfy { $0 < 0x7F } && !line.contains("=?")
        return isPlain ? line : encodedWords(line)
    }

    /// A display name.
    static func phrase(_ text: String) -> String {
        let line = withoutControls(text)
        guard line.utf8.count <= 60, line.utf8.allSatisfy({ $0 < 0x7F }), !line.contains("=?") else {
            return encodedWords(line)
        }
        return "\"" + line.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
    }

    /// Replaces control characters, line breaks included, by spaces.
    private static func withoutControls(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                        || scalar.value == 0x2029 ? " " : scalar
                }))
    }

    /// RFC 2047, base64, one folded line for each word; no character is split.
    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > wordBytes { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(base64($0))?=" }.joined(separator: "\r\n ")
    }

    static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Quoted-printable (RFC 2045, 6.7): encodes UTF-8 as short ASCII lines.
enum QuotedPrintable {
    /// Limit of an encoded line in characters, its soft line break included.
    static let lineLimit = 76

    /// Encodes a string; line breaks of any kind become CRLF, and the last line ends with one.
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
            let encoded = isLiteral(byte, isLast: isLast) ? [byte] : escaped(byte)
            // The last byte needs no soft line break after it.
            if width + encoded.count > (isLast ? lineLimit : lineLimit - 1) {
                output += [UInt8(ascii: "="), 13, 10]
                width = 0
            }
            output += encoded
            width += encoded.count
        }
    }

    /// A space or tab at the end of a line must be encoded, since mail servers may remove it.
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
