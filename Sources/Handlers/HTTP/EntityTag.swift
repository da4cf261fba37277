import Model

/// What an answer's bytes are told apart by, so that a client need not fetch again what it has (RFC 9110, 8.8.3).
///
/// Made of the bytes alone: every responder gives the same tag to the same answer. No proof against forgery: who can
/// choose an answer's bytes gains nothing by two that share a tag but that a page looks older than it is.
struct EntityTag {
    /// As it stands in the header, quotes included.
    let text: String

    /// A word at a time: byte by byte this was a quarter of all that a conditional answer cost.
    init(of bytes: [UInt8]) {
        var hash = Hash()
        bytes.withUnsafeBytes { bytes in
            let wholeWords = bytes.count & ~7
            for offset in stride(from: 0, to: wholeWords, by: 8) {
                hash.mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            }
            // The length stands in the tag: zeros behind the end make no two answers one.
            hash.mix(bytes[wholeWords...].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        let count = String(bytes.count, radix: 16)
        text = "\"\(EntityTag.hexadecimal(hash.first))\(EntityTag.hexadecimal(hash.second))\(count)\""
    }

    /// Whether an `If-None-Match` names this tag, weakly or not, or any at all.
    func isNamed(by header: String?) -> Bool {
        guard let header else { return false }
        // What a page asks with that knows one answer.
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

/// Two hashes of the same words with different beginnings and factors.
private struct Hash {
    // The fractions of the golden ratio and of pi, and two odd factors with bits all over the word.
    var first: UInt64 = 0x9E37_79B9_7F4A_7C15
    var second: UInt64 = 0x243F_6A88_85A3_08D3

    /// The product carries differences upwards only, the shift brings them down again.
    mutating func mix(_ word: UInt64) {
        first = (first ^ word) &* 0xBF58_476D_1CE4_E5B9
        first ^= first &>> 32
        second = (second ^ word) &* 0x94D0_49BB_1331_11EB
        second ^= second &>> 29
    }
}
