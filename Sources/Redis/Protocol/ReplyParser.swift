import System

/// Why bytes are not an acceptable reply.
enum ReplyError: Error, Hashable {
    case malformed(String)
    case tooLarge(String)
}

/// Parses replies of Redis as they arrive. Pure: the caller owns the bytes, and parsing can stop at any of them.
///
/// Of RESP 3 it knows the types that appear on a tracked connection: pushes, and the maps, sets and nulls of `HELLO`.
struct ReplyParser {
    enum ProtocolVersion {
        case resp2, resp3
    }

    /// What the caller has to do next.
    enum Action: Hashable {
        case readMore
        /// Remove these bytes of an element that is too large, then advance again.
        case discard(Range<Int>)
        case finished
    }

    private enum State {
        case header
        case bulk(length: Int)
        case discarding(length: Int)
    }

    let limits: ReplyLimits
    let protocolVersion: ProtocolVersion
    private(set) var tokens: [ReplyToken] = []
    /// Whether an error is among the tokens.
    private(set) var hasErrors = false
    /// Start of the value being read.
    private(set) var position = 0
    private var state = State.header
    /// How far the line was searched for its end.
    private var searched = 0
    /// The values still to come of the innermost aggregate, and of the enclosing ones, the outermost first.
    private var remaining = 0
    private var enclosing: [Int] = []

    init(limits: ReplyLimits, protocolVersion: ProtocolVersion = .resp2) {
        self.limits = limits
        self.protocolVersion = protocolVersion
    }

    /// Reserves capacity for tokens.
    mutating func reserve(_ tokenCount: Int) {
        tokens.reserveCapacity(tokenCount)
    }

    /// Starts with the replies to `replies` commands.
    mutating func begin(replies: Int) {
        tokens.removeAll(keepingCapacity: tokens.capacity <= 1 << 14)
        hasErrors = false
        position = 0
        searched = 0
        state = .header
        enclosing.removeAll(keepingCapacity: true)
        remaining = replies
    }

    /// Continues in `bytes`, which begin with the first reply and have grown at their end since the last call.
    mutating func advance(over bytes: Span<UInt8>) throws(ReplyError) -> Action {
        while remaining > 0 {
            switch state {
            case .header:
                readWholeBulks(bytes)
                guard remaining > 0 else { return .finished }
                guard let end = try endOfLine(in: bytes) else { return .readMore }
                try readHeader(bytes, end: end)
            case .bulk(let length):
                guard bytes.count - position >= length + 2 else { return .readMore }
                guard bytes[position + length] == 13, bytes[position + length + 1] == 10 else {
                    throw .malformed("a value is longer than announced")
                }
                try append(.bulk, from: position, to: position + length)
                position += length + 2
                searched = position
                state = .header
                completeValue()
            case .discarding(let length):
                let count = min(length, bytes.count - position)
                if length == count {
                    try append(.oversized, from: position, to: position)
                    state = .header
                    completeValue()
                } else {
                    state = .discarding(length: length - count)
                    if count == 0 { return .readMore }
                }
                return .discard(position..<position + count)
            }
        }
        return .finished
    }

    /// Reads complete values, as nearly all are, up to the first that is anything else.
    private mutating func readWholeBulks(_ bytes: Span<UInt8>) {
        while remaining > 0 {
            let count = appendWholeBulks(bytes, atMost: min(remaining, limits.maximumElements - tokens.count))
            guard count > 0 else { break }
            remaining -= count - 1
            completeValue()
        }
        searched = max(searched, position)
    }

    /// Appends consecutive complete values; returns their count.
    private mutating func appendWholeBulks(_ bytes: Span<UInt8>, atMost maximum: Int) -> Int {
        // The smallest has six bytes: elements that an array announces get no memory before they arrive.
        let capacity = min(maximum, (bytes.count - position) / 6)
        guard capacity > 0 else { return 0 }
        let maximumByteCount = limits.maximumElementBytes
        var next = position
        var count = 0
        tokens.append(addingCapacity: capacity) { output in
            while count < capacity, let value = ReplyToken(wholeBulkIn: bytes, at: next, maximumByteCount) {
                output.append(value)
                next = Int(value.upper) &+ 2
                count &+= 1
            }
        }
        position = next
        return count
    }

    /// The index of the carriage return that ends the line at `position`; nil when it has not come yet.
    private mutating func endOfLine(in bytes: Span<UInt8>) throws(ReplyError) -> Int? {
        var index = searched
        while index + 1 < bytes.count {
            if bytes[index] == 13 {
                guard bytes[index + 1] == 10 else { throw .malformed("a carriage return without a line feed") }
                return index
            }
            index += 1
            // Checked here and not at the end, so that the result does not depend on how the line is split.
            guard index - position <= limits.maximumLineBytes else {
                throw .tooLarge("a line has more than \(limits.maximumLineBytes) bytes")
            }
        }
        searched = index
        return nil
    }

    private mutating func readHeader(_ bytes: Span<UInt8>, end: Int) throws(ReplyError) {
        let start = position + 1
        guard start <= end else { throw .malformed("an empty line") }
        let kind = bytes[position]
        position = end + 2
        searched = position
        switch kind {
        case UInt8(ascii: "$"): try readBulkHeader(length: number(bytes, start..<end))
        case UInt8(ascii: "*"): try readArrayHeader(count: number(bytes, start..<end))
        case UInt8(ascii: ":"):
            _ = try number(bytes, start..<end)
            try append(.integer, from: start, to: end)
            completeValue()
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            try append(kind == UInt8(ascii: "+") ? .status : .error, from: start, to: end)
            hasErrors = hasErrors || kind == UInt8(ascii: "-")
            completeValue()
        default:
            guard protocolVersion == .resp3 else { throw .malformed("a reply begins with byte \(kind)") }
            try readRESP3Header(kind, bytes, start..<end)
        }
    }

    private mutating func readRESP3Header(
        _ kind: UInt8, _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(ReplyError) {
        switch kind {
        case UInt8(ascii: "_"):
            guard line.isEmpty else { throw .malformed("a null with a value") }
            try append(.null, from: 0, to: 0)
            completeValue()
        case UInt8(ascii: "~"): try readArrayHeader(count: number(bytes, line))
        case UInt8(ascii: "%"):
            let count = try number(bytes, line)
            guard (0...limits.maximumElements).contains(count) else {
                throw .tooLarge("a map of \(count) members; at most \(limits.maximumElements) are accepted")
            }
            try readArrayHeader(count: 2 * count)
        case UInt8(ascii: ">"):
            let count = try number(bytes, line)
            guard enclosing.isEmpty, count >= 0 else {
                throw .malformed("a push inside a reply, or of \(count) elements")
            }
            // It is not one of the replies.
            remaining += 1
            try readArrayHeader(count: count, kind: .push)
        default: throw .malformed("a reply begins with byte \(kind)")
        }
    }

    private mutating func readBulkHeader(length: Int) throws(ReplyError) {
        guard length >= 0 else { return try appendNull(length) }
        // Far beyond what Redis can hold; prevents overflow below.
        guard length < 1 << 40 else { throw .malformed("a value of \(length) bytes") }
        state = length <= limits.maximumElementBytes ? .bulk(length: length) : .discarding(length: length + 2)
    }

    private mutating func readArrayHeader(count: Int, kind: ReplyToken.Kind = .array) throws(ReplyError) {
        guard count >= 0 else { return try appendNull(count) }
        guard count <= limits.maximumElements else {
            throw .tooLarge("an array of \(count) elements; at most \(limits.maximumElements) are accepted")
        }
        try append(kind, from: 0, to: count)
        if count == 0 { return completeValue() }
        guard enclosing.count < 7 else { throw .malformed("arrays nested deeper than 7") }
        enclosing.append(remaining)
        remaining = count
    }

    private mutating func appendNull(_ length: Int) throws(ReplyError) {
        guard length == -1 else { throw .malformed("a length of \(length)") }
        try append(.null, from: 0, to: 0)
        completeValue()
    }

    @inline(__always)
    private mutating func append(_ kind: ReplyToken.Kind, from lower: Int, to upper: Int) throws(ReplyError) {
        guard tokens.count < limits.maximumElements else {
            throw .tooLarge("more than \(limits.maximumElements) elements")
        }
        tokens.append(ReplyToken(kind: kind, lower: UInt32(lower), upper: UInt32(upper)))
    }

    @inline(__always)
    private mutating func completeValue() {
        remaining -= 1
        while remaining == 0, let outer = enclosing.popLast() {
            remaining = outer - 1
        }
    }

    private func number(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ReplyError) -> Int {
        guard let value = parseDecimal(bytes, range) else { throw .malformed("an invalid number") }
        return value
    }
}
