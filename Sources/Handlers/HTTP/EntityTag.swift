import Model

/// The `ETag` of a response, so that a client need not fetch again what it has (RFC 9110, 8.8.3).
///
/// A hash of the body alone: every responder makes the same tag for the same body. It need not be collision-resistant:
/// a client that could choose two bodies with one tag would only make its own page look outdated.
struct EntityTag {
    /// The value of the header, quotes included.
    let text: String

    /// A word at a time: byte by byte this took a quarter of the time of a conditional response.
    init(of bytes: [UInt8]) {
        var hash = WordHash()
        bytes.withUnsafeBytes { bytes in
            let wholeWords = bytes.count & ~7
            for offset in stride(from: 0, to: wholeWords, by: 8) {
                hash.mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
            // The length is part of the tag, so trailing zeros make a difference.
            hash.mix(bytes[wholeWords...].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        let count = String(bytes.count, radix: 16)
        text = "\"\(EntityTag.hexadecimal(hash.first))\(EntityTag.hexadecimal(hash.second))\(count)\""
    }

    /// Whether an `If-None-Match` matches this tag, by weak comparison, or is `*`.
    func isNamed(by header: String?) -> Bool {
        guard let header else { return false }
        // Nearly always: the page has one response.
        if header.hasSameBytes(as: text) { return true }
        return header.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let name = EntityTag.trimmed(part)
            return name.elementsEqual("*".utf8) || name.elementsEqual(text.utf8)
                || name.starts(with: "W/".utf8) && name.dropFirst(2).elementsEqual(text.utf8)
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}

/// Two hashes of the same words with different seeds and factors.
private struct WordHash {
    // The fractions of the golden ratio and of pi, and two odd factors with bits all over the word.
    var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    var second: UInt64 = 0x243F_6A88_85A3_08D3

    /// The product spreads differences to higher bits only, the shift to lower ones.
    mutating func mix(_ word: UInt64) {
        first = (first ^ word) &* 0xBF58_476D_1CE4_E5B9
        first ^= first &>> 32
        second = (second ^ word) &* 0x94D0_49BB_1331_11EB
        second ^= second &>> 29
    }
}
