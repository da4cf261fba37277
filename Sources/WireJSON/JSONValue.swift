/// A JSON value as a tree, for small inputs: request bodies, documents.
///
/// Objects keep the order of their members and repeated names; numbers keep their literal, so that none loses
/// precision.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The literal, in valid JSON syntax.
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

    /// Limits of the parser's input.
    package struct Limits: Hashable, Sendable {
        /// The maximum bytes of the input.
        package var maximumByteCount: Int
        /// The maximum nesting of arrays and objects.
        package var maximumDepth: Int

        /// One megabyte and 64 levels: enough for any legitimate request, and within a thread's stack.
        package init(maximumByteCount: Int = 1 << 20, maximumDepth: Int = 64) {
            self.maximumByteCount = maximumByteCount
            self.maximumDepth = maximumDepth
        }
    }

    /// Parses one JSON text strictly by RFC 8259: no comments, no trailing commas, no `NaN`.
    ///
    /// An unpaired surrogate escape becomes U+FFFD: Swift's strings cannot contain it.
    ///
    /// - Parameter outline: what is kept; nil = everything.
    package init(
        parsing bytes: [UInt8], limits: Limits = Limits(), outline: JSONOutline? = nil
    ) throws(JSONSyntaxError) {
        guard bytes.count <= limits.maximumByteCount else {
            throw JSONSyntaxError(
                reason: .tooLong(byteCount: bytes.count, maximum: limits.maximumByteCount), in: bytes, at: 0)
        }
        var parser = JSONParser(bytes: bytes, maximumDepth: limits.maximumDepth)
        self = try parser.parseDocument(outline)
    }

    package init(parsing text: String, limits: Limits = Limits()) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    /// The value of a member, the last one when its name is repeated; nil when it is absent or this is not an object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    /// The type with its article, for messages: `a string`.
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

    /// The string; nil for other types.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of an integer literal of 64 bits; nil for anything else.
    package var integer: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }
}
