import System

/// An answer of Redis as a tree, for answers that are small or whose values are wanted one by one.
package enum ReplyValue: Hashable {
    /// A status or a value; shares the memory of the answer it came with.
    case text(ArraySlice<UInt8>)
    case integer(Int64)
    case array([ReplyValue])
    case null
    case error(String)
    /// A value larger than the connection's limit.
    case oversized

    /// Whether this is an error reply that begins with `code`.
    package func isError(code: String) -> Bool {
        if case .error(let message) = self { message.hasPrefix(code) } else { false }
    }

    /// The elements; empty for anything that is no array.
    package var elements: [ReplyValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// A text, invalid UTF-8 replaced; nil for anything else.
    package var string: String? {
        if case .text(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// An integer, or a text that is a decimal one.
    package var number: Int64? {
        switch self {
        case .integer(let value): value
        case .text(let bytes): parseDecimal(bytes.span, 0..<bytes.count).map(Int64.init)
        default: nil
        }
    }

    /// The value itself unless it is an error reply.
    ///
    /// - Parameter key: what the command was about, for the message.
    package func checked(key: String) throws(RedisError) -> ReplyValue {
        if case .error(let message) = self { throw .refused(key: key, message: message) }
        return self
    }

    /// The integer that a command about `key` must have given.
    package func count(key: String) throws(RedisError) -> Int {
        guard let number = try checked(key: key).number else {
            throw .unexpectedReply("a command on key \(key) gave no integer")
        }
        return Int(number)
    }

    /// The array that a command about `key` must have given.
    package func list(key: String, atLeast minimum: Int = 0) throws(RedisError) -> [ReplyValue] {
        guard case .array(let elements) = try checked(key: key), elements.count >= minimum else {
            throw .unexpectedReply("a command on key \(key) gave no array of at least \(minimum) elements")
        }
        return elements
    }
}

extension ReplyReader {
    /// The answers to the commands that were sent, one value for each.
    var values: [ReplyValue] {
        let tokens = tokens[...]
        var rest = tokens
        var values: [ReplyValue] = []
        while let value = value(&rest) { values.append(value) }
        return values
    }

    private func value(_ tokens: inout ArraySlice<ReplyToken>) -> ReplyValue? {
        guard let token = tokens.popFirst() else { return nil }
        switch token.kind {
        case .status, .bulk: return .text(bytes[token.range])
        case .error: return .error(text(of: token))
        case .integer: return .integer(parseDecimal(bytes.span, token.range).map(Int64.init) ?? 0)
        case .null: return .null
        case .oversized: return .oversized
        case .array:
            var elements: [ReplyValue] = []
            elements.reserveCapacity(token.elementCount)
            while elements.count < token.elementCount, let element = value(&tokens) { elements.append(element) }
            return .array(elements)
        }
    }
}
