import System

/// What comes on a connection on which Redis tells of changes.
package enum TrackingMessage: Hashable {
    case status(String)
    case error(String)
    case integer(Int64)
    /// A reply of another kind.
    case value
    /// These keys have changed.
    case changed([[UInt8]])
    /// All keys may have changed.
    case changedEverything
    /// Another message that nobody asked for.
    case notice
}

/// Takes the messages of such a connection apart (RESP 3). Pure: reads bytes that somebody else keeps.
///
/// Apart from `ReplyParser`, which reads the logs: that one knows RESP 2 only and is made to be fast with long answers;
/// what comes here is a few bytes long. A message that has not come as a whole is begun anew when more of it is there.
struct TrackingParser {
    /// Longer messages are no answers to what is asked here.
    static let maximumMessageBytes = 1 << 20
    private static let maximumDepth = 8

    /// The message that begins at `position`, and where it ends; nil when not all of it is there.
    static func message(in bytes: [UInt8], at position: Int) throws(ReplyError) -> (TrackingMessage, end: Int)? {
        let reader = TrackingParser(bytes: bytes)
        guard let end = try reader.end(of: position, depth: 0) else {
            guard bytes.count - position <= maximumMessageBytes else {
                throw .tooLarge("a message has more than \(maximumMessageBytes) bytes")
            }
            return nil
        }
        return (try reader.message(position..<end), end)
    }

    private let bytes: [UInt8]

    private func message(_ range: Range<Int>) throws(ReplyError) -> TrackingMessage {
        let text = range.lowerBound + 1..<range.upperBound - 2
        switch bytes[range.lowerBound] {
        case UInt8(ascii: "+"): return .status(String(decoding: bytes[text], as: UTF8.self))
        case UInt8(ascii: "-"): return .error(String(decoding: bytes[text], as: UTF8.self))
        case UInt8(ascii: ":"):
            guard let number = parseDecimal(bytes.span, text) else { throw .malformed("a number that is none") }
            return .integer(Int64(number))
        case UInt8(ascii: ">"): return try push(range.lowerBound)
        default: return .value
        }
    }

    /// `invalidate` and either the keys or null; nothing else is expected to be pushed here.
    private func push(_ position: Int) throws(ReplyError) -> TrackingMessage {
        guard let head = try head(of: position), head.count == 2, let name = try bulk(at: head.end),
            bytes[name].elementsEqual("invalidate".utf8), let list = try self.head(of: name.upperBound + 2)
        else { return .notice }
        let kind = bytes[name.upperBound + 2]
        if kind == UInt8(ascii: "_") || list.count < 0 { return .changedEverything }
        guard kind == UInt8(ascii: "*") else { throw .malformed("an invalidation without keys") }
        var keys: [[UInt8]] = []
        var next = list.end
        for _ in 0..<list.count {
            guard let key = try bulk(at: next) else { throw .malformed("an invalidated key is no string") }
            keys.append(Array(bytes[key]))
            next = key.upperBound + 2
        }
        return .changed(keys)
    }

    /// The content of the string at `position`; nil when there is something else.
    private func bulk(at position: Int) throws(ReplyError) -> Range<Int>? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "$"), let head = try head(of: position),
            head.count >= 0, head.end + head.count + 2 <= bytes.count
        else { return nil }
        return head.end..<head.end + head.count
    }

    /// The number in the line at `position`, 0 where there is none, and where the line ends; nil when it does not yet.
    private func head(of position: Int) throws(ReplyError) -> (count: Int, end: Int)? {
        var index = position
        while index < bytes.count, bytes[index] != 13 { index += 1 }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == 10, index > position else { throw .malformed("a line without its end") }
        return (parseDecimal(bytes.span, position + 1..<index) ?? 0, index + 2)
    }

    /// Where the value at `position` ends; nil when not all of it is there.
    private func end(of position: Int, depth: Int) throws(ReplyError) -> Int? {
        guard depth <= Self.maximumDepth else { throw .malformed("values nested deeper than \(Self.maximumDepth)") }
        guard position < bytes.count else { return nil }
        guard let head = try head(of: position) else { return nil }
        // Lines without anything behind them.
        if "+-:,#(_".utf8.contains(bytes[position]) { return head.end }
        let count = max(0, head.count)
        guard count <= Self.maximumMessageBytes else { throw .tooLarge("a value of \(count) bytes or elements") }
        switch bytes[position] {
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            if head.count < 0 { return head.end }
            guard head.end + count + 2 <= bytes.count else { return nil }
            guard bytes[head.end + count] == 13, bytes[head.end + count + 1] == 10 else {
                throw .malformed("a value is longer than announced")
            }
            return head.end + count + 2
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: ">"):
            return try end(ofElements: count, from: head.end, depth: depth)
        case UInt8(ascii: "%"):
            return try end(ofElements: 2 * count, from: head.end, depth: depth)
        default: throw .malformed("a message begins with byte \(bytes[position])")
        }
    }

    private func end(ofElements count: Int, from position: Int, depth: Int) throws(ReplyError) -> Int? {
        var next = position
        for _ in 0..<count {
            guard let end = try end(of: next, depth: depth + 1) else { return nil }
            next = end
        }
        return next
    }
}
