/// One JSON value as a tree, for small texts that people or clients send: request bodies, documents.
///
/// Objects keep the order of their members and repeated names; numbers keep their text, so that no number is too large
/// to be carried.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The literal as it was written, in valid JSON syntax.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One name and its value.
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// What a text may ask of the parser.
    package struct Limits: Hashable, Sendable {
        /// Bytes of the whole text.
        package var maximumByteCount: Int
        /// How deep arrays and objects may be nested.
        package var maximumDepth: Int

        /// One megabyte and 64 levels: far beyond any honest request, and within a thread's stack.
        package init(maximumByteCount: Int = 1 << 20, maximumDepth: Int = 64) {
            self.maximumByteCount = maximumByteCount
            self.maximumDepth = maximumDepth
        }
    }

    /// Parses one whole text, strictly by RFC 8259: no comments, no trailing commas, no `NaN`.
    ///
    /// A lone surrogate escape becomes U+FFFD: Swift's strings cannot hold it.
    package init(parsing bytes: [UInt8], limits: Limits = Limits()) throws(JSONSyntaxError) {
        guard bytes.count <= limits.maximumByteCount else {
            throw JSONSyntaxError(
                reason: .tooLong(byteCount: bytes.count, maximum: limits.maximumByteCount), in: bytes, at: 0)
        }
        var parser = JSONParser(bytes: bytes, maximumDepth: limits.maximumDepth)
        self = try parser.parseDocument()
    }

    package init(parsing text: String, limits: Limits = Limits()) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The value of a member, the last one when its name is repeated; nil when there is none or this is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// What the value is, with its article, for messages: `a string`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// The text of a string; nil for anything else.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a number that is an integer literal of 64 bits; nil for anything else.
    package var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }
}
