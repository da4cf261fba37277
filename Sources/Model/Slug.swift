/// The rule for slugs: the names of apps, organizations and projects in URLs and commands.
package enum Slug {
    /// The longest slug in bytes; the original's have at most 100.
    package static let maximumByteCount = 128

    /// The rule, for messages about a slug that breaks it.
    package static let rule =
        "must consist of letters, digits, hyphens, underscores and dots, at most \(maximumByteCount), not only dots"

    /// Whether the text can be a slug. Nothing in it needs an escape in a URL, and it has no special meaning in a path.
    package static func isValid(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= maximumByteCount && text.utf8.allSatisfy(isSlugByte)
            && !text.utf8.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    /// Whether it has digits only, as ids have: where a path may have an id in place of a slug, it would name another
    /// app.
    package static func looksLikeID(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isSlugByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
