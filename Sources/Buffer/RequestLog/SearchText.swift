/// A text that is looked for in texts and in bodies. The case of letters does not matter.
///
/// A search takes time in proportion to what is searched, whatever the text is.
package struct SearchText: Hashable, Sendable {
    /// The maximum length, in code points.
    package static let maximumLength = 200

    /// UTF-8 in lower case.
    private let bytes: [UInt8]
    /// Of the first n bytes, how many of the last ones are the first ones again (Knuth, Morris, Pratt).
    private let borders: [Int]
    private let isASCII: Bool
    /// Whether it may be a piece of JSON with its escapes.
    private let hasBackslash: Bool
    /// Nil for a text that is no number.
    private let number: Int?

    /// Nil for an empty text.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        bytes = Array(text.lowercased().utf8)
        isASCII = bytes.allSatisfy { $0 < 0x80 }
        hasBackslash = bytes.contains(UInt8(ascii: "\\"))
        number = Int(text)
        var borders = [0]
        for index in bytes.indices.dropFirst() {
            var length = borders[index - 1]
            while length > 0, bytes[index] != bytes[length] { length = borders[length - 1] }
            borders.append(bytes[index] == bytes[length] ? length + 1 : 0)
        }
        self.borders = borders
    }

    /// Whether it occurs in a text.
    package func occurs(in text: String?) -> Bool {
        guard let text, !text.isEmpty else { return false }
        return occurs(inPlain: Array(text.utf8))
    }

    /// Whether it occurs in a body: JSON as it is written or with its escapes decoded, anything else as it is. The body
    /// may be invalid UTF-8.
    package func occurs(inBody body: [UInt8]) -> Bool {
        guard Self.beginsLikeJSON(body) else { return occurs(inPlain: body) }
        if hasBackslash, occurs(inPlain: body) { return true }
        guard !isASCII else { return finds(in: { feed in Self.decode(body, feed) }) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(body.count)
        Self.decode(body) { byte in
            decoded.append(byte)
            return false
        }
        return occurs(inPlain: decoded)
    }

    /// Whether it is this number: part of a number does not count.
    package func equals(_ value: Int) -> Bool { number == value }

    private func occurs(inPlain text: [UInt8]) -> Bool {
        let text = isASCII ? text : Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
        return finds { feed in _ = text.contains(where: feed) }
    }

    /// - Parameter source: calls the function that it gets with one byte after the other, until that returns true.
    private func finds(in source: ((UInt8) -> Bool) -> Void) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            borders.withUnsafeBufferPointer { borders in
                var length = 0
                source { byte in
                    let byte = byte &+ (byte &- 65 < 26 ? 32 : 0)
                    while length > 0, bytes[length] != byte { length = borders[length - 1] }
                    if bytes[length] == byte { length += 1 }
                    return length == bytes.count
                }
                return length == bytes.count
            }
        }
    }

    private static func beginsLikeJSON(_ body: [UInt8]) -> Bool {
        let content = body[StoredBody.markEnd(body)...]
        return switch content.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""): true
        default: false
        }
    }

    /// The bytes of a body with the escapes of JSON decoded; what is no escape stays.
    private static func decode(_ body: [UInt8], _ feed: (UInt8) -> Bool) {
        var index = 0
        while index < body.count {
            let byte = body[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < body.count else {
                if feed(byte) { return }
                index += 1
                continue
            }
            if let simple = simpleEscape(body[index + 1]) {
                if feed(simple) { return }
                index += 2
            } else if let (scalar, count) = unicodeEscape(body, at: index) {
                for byte in String(scalar).utf8 where feed(byte) { return }
                index += count
            } else {
                if feed(byte) { return }
                index += 1
            }
        }
    }

    private static func simpleEscape(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        default: nil
        }
    }

    /// The code point of `\uXXXX`, or of a surrogate pair, and the bytes that it takes. U+FFFD for half of a pair.
    private static func unicodeEscape(_ body: [UInt8], at index: Int) -> (scalar: Unicode.Scalar, byteCount: Int)? {
        guard let unit = codeUnit(body, at: index) else { return nil }
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        if unit < 0xDC00, let second = codeUnit(body, at: index + 6), (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
        {
            return (scalar, 12)
        }
        return ("\u{FFFD}", 6)
    }

    private static func codeUnit(_ body: [UInt8], at index: Int) -> UInt32? {
        guard index + 6 <= body.count, body[index] == UInt8(ascii: "\\"), body[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt32 = 0
        for byte in body[index + 2..<index + 6] {
            switch byte {
            case 0x30...0x39: unit = unit << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt32(byte - 0x37)
            case 0x61...0x66: unit = unit << 4 | UInt32(byte - 0x57)
            default: return nil
            }
        }
        return unit
    }
}
