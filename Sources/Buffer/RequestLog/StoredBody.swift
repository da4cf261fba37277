import WireJSON

/// Encodes the bodies of requests and responses (docs/protocol.md 1.5).
enum StoredBody {
    /// The characters, or bytes, of a body that are stored.
    static let limit = 1024

    /// A body as 26.9 stores it: the text, truncated; invalid UTF-8 becomes replacement characters.
    static func plain(_ content: [UInt8]) -> String {
        // A character has at most four bytes.
        plain(String(decoding: content.prefix(limit * 4), as: UTF8.self))
    }

    /// The same of a text. A character is a code point, as in Python.
    static func plain(_ text: String) -> String { String(text.unicodeScalars.prefix(limit)) }

    /// A response's body before 26.9: JSON becomes a JSON string of its source, truncated; anything else is truncated
    /// as it is.
    ///
    /// Invalid UTF-8 becomes replacement characters (docs/compatibility.md D4). JSON nested deeper than 64 counts as
    /// not JSON; the original's limit is about a thousand.
    static func response(_ content: [UInt8]) -> String {
        guard isJSON(content) else { return String(decoding: content.prefix(limit), as: UTF8.self) }
        // A character has at most four bytes: what is removed here would be removed below.
        let end = min(content.count, limit * 4)
        return request(String(decoding: content[..<end], as: UTF8.self))
    }

    /// A request's body before 26.9: a JSON string, truncated, so that the closing quote may be missing.
    static func request(_ text: String) -> String {
        var encoded: [UInt8] = []
        // Each character takes at least one byte of the encoded string.
        JSONText.append(String(text.unicodeScalars.prefix(limit)), escaping: .ascii, to: &encoded)
        return String(decoding: encoded.prefix(limit), as: UTF8.self)
    }

    /// Whether the original's parser accepts it: a byte order mark, `NaN` and infinities are valid.
    static func isJSON(_ content: [UInt8]) -> Bool {
        var scanner = JSONScanner(options: JSONScanner.Options(acceptsNonFinite: true))
        scanner.consume(content.span.extracting(droppingFirst: markEnd(content)))
        return scanner.finish()
    }

    /// Where the content begins behind white space and a byte order mark.
    static func markEnd(_ content: [UInt8]) -> Int {
        let space = content.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.count
        return space + (content[space...].starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    }
}
