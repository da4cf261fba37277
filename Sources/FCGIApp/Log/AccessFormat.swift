/// How the line looks that each request leaves.
enum AccessFormat: Hashable, Sendable {
    /// One JSON object, like every other line of the log.
    case json
    /// In php-fpm's letters.
    case pattern(AccessPattern)

    /// Reads the setting: `json`, or a text with letters behind `%`.
    init(parsing text: String) throws(AccessPattern.ParseError) {
        self = text == "json" ? .json : .pattern(try AccessPattern(parsing: text))
    }

    /// Whether the client's address must be known.
    var needsRemoteAddress: Bool {
        if case .pattern(let pattern) = self { pattern.pieces.contains(.field(.remoteAddress)) } else { false }
    }
}
