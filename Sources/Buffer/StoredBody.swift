import WireJSON

/// How bodies of requests and responses are stored (contract 1.5).
enum StoredBody {
    /// Characters, or bytes, of a body that are kept.
    static let limit = 1024

    /// A response's body: one that is JSON becomes a JSON string of its text, cut, any other is cut as it is.
    ///
    /// What is not UTF-8 becomes replacement characters (design, D4). JSON nested deeper than 64 counts as no JSON;
    /// the original gives up at about a thousand.
    static func response(_ content: [UInt8]) -> String {
        guard isJSON(content) else { return String(decoding: content.prefix(limit), as: UTF8.self) }
        // A character has at most four bytes: what is cut off here would be cut off below.
        let end = min(content.count, limit * 4)
        return request(String(decoding: content[..<end], as: UTF8.self))
    }

    /// A request's body: a JSON string of its text, cut, so that the closing quote may be missing.
    static func request(_ text: String) -> String {
        var encoded: [UInt8] = []
        // Each character takes at least one of the encoded text.
        JSONText.append(String(text.unicodeScalars.prefix(limit)), escaping: .ascii, to: &encoded)
        return String(decoding: encoded.prefix(limit), as: UTF8.self)
    }

    /// Whether the original's parser accepts it: a byte order mark, `NaN` and infinities are allowed.
    static func isJSON(_ content: [UInt8]) -> Bool {
        let space = content.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.count
        let hasMark = content[space...].starts(with: [0xEF, 0xBB, 0xBF])
        var scanner = JSONScanner(options: JSONScanner.Options(acceptsNonFinite: true))
        scanner.consume(content.span.extracting(droppingFirst: space + (hasMark ? 3 : 0)))
        return scanner.finish()
    }
}
