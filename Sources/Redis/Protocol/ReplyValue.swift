import System

/// A reply as a tree, for small replies and those whose values are used one by one.
package enum ReplyValue: Hashable {
    /// A status or a value; a slice of the reply's buffer.
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

    /// The elements; empty for anything but an array.
    package var elements: [ReplyValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// A status or value as a string, invalid UTF-8 replaced; nil for anything else.
    package var string: String? {
        if case .text(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    /// An integer, or a value that is a decimal integer.
    package var number: Int64? {
        switch self {
        case .integer(let value): value
        case .text(let bytes): parseDecimal(bytes.span, 0..<bytes.count).map(Int64.init)
        default: nil
        }
    }

    /// The largest count that is read: sums of a thousand cannot overflow, and it is exact as a JSON number.
    package static let maximumCount = 1 << 53

    /// A number of something, moved into 0 to `maximumCount`; nil for anything but an integer.
    package var count: Int? {
        number.map { Int(min(max($0, 0), Int64(ReplyValue.maximumCount))) }
    }

    /// The value itself unless it is an error reply.
    ///
    /// - Parameter key: the key of the command, for the message.
    package func checked(key: String) throws(RedisError) -> ReplyValue {
        if case .error(let message) = self { throw .refused(key: key, message: message) }
        return self
    }

    /// The count that a command on `key` must have returned; see `count`.
    package func count(key: String) throws(RedisError) -> Int {
        guard let count = try checked(key: key).count else {
            throw .unexpectedReply("a command on key \(key) returned no integer")
        }
        return count
    }

    /// The array that a command on `key` must have returned.
    package func list(key: String, atLeast minimum: Int = 0) throws(RedisError) -> [ReplyValue] {
        guard case .array(let elements) = try checked(key: key), elements.count >= minimum else {
            throw .unexpectedReply("a command on key \(key) returned no array of at least \(minimum) elements")
        }
        return elements
    }
}

extension ReplyReader {
    /// The replies as values, one for each command.
    var values: [ReplyValue] {
        var remaining = tokens[...]
        var values: [ReplyValue] = []
        while let value = value(&remaining) { values.append(value) }
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
        case .array, .push:
            var elements: [ReplyValue] = []
            elements.reserveCapacity(token.elementCount)
            while elements.count < token.elementCount, let element = value(&tokens) { elements.append(element) }
            return .array(elements)
        }
    }
}
