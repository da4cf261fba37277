/// Encodings of texts in mails.
enum MailText {
    /// UTF-8 bytes of one encoded word: with its frame it has 64 characters, so that it fits behind the name of a header
    /// into the 76 of RFC 2047.
    private static let wordBytes = 39

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// A text as it stands in an unstructured header such as `Subject`: one line whatever it holds.
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

    /// Every control character, line breaks among them, becomes a space.
    private static func withoutControls(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028
                        || scalar.value == 0x2029 ? " " : scalar
                }))
    }

    /// RFC 2047, base64, a folded line for each word; no character is divided.
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
