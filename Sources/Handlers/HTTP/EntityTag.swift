/// What an answer's bytes are told apart by, so that a client need not fetch again what it has (RFC 9110, 8.8.3).
///
/// Made of the bytes alone: every responder gives the same tag to the same answer. No proof against forgery: who can
/// choose an answer's bytes gains nothing by two that share a tag but that a page looks older than it is.
struct EntityTag {
    /// As it stands in the header, quotes included.
    let text: String

    init(of bytes: [UInt8]) {
        // FNV-1a from two different beginnings.
        var (first, second): (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142)
        for byte in bytes {
            first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            second = (second ^ UInt64(byte ^ 0x5c)) &* 0x0000_0100_0000_01b3
        }
        text = "\"\(EntityTag.hexadecimal(first))\(EntityTag.hexadecimal(second))\(String(bytes.count, radix: 16))\""
    }

    /// Whether an `If-None-Match` names this tag, weakly or not, or any at all.
    func isNamed(by header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            let name = part.trimming { $0 == " " || $0 == "\t" }
            return name == "*" || name == text || name == "W/" + text
        }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Substring {
    fileprivate func trimming(_ isSpace: (Character) -> Bool) -> Substring {
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
