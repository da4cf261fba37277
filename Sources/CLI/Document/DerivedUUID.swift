import Directory
import Model

/// UUIDs for rows that bring none: always the same for the same row, so that importing again changes nothing.
enum DerivedUUID {
    /// A UUID of version 8 (RFC 9562: made by a rule of one's own) from the SHA-256 of the row's kind and number.
    static func text(kind: String, id: Int64) -> String {
        var digits = Array(TokenDigest(hashing: "hookline \(kind) \(id)").rawValue.prefix(32))
        digits[12] = "8"
        digits[16] = "8"
        for position in [20, 16, 12, 8] { digits.insert("-", at: position) }
        return String(digits)
    }
}
