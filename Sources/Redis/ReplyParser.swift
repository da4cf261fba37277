import System

/// Bounds on what one answer of Redis may hold.
package struct ReplyLimits: Hashable, Sendable {
    /// Larger elements are left out of the answer without being kept in memory.
    package var maximumElementBytes: Int
    /// What may be kept in memory of the replies to one request; at most 1 GiB.
    package var maximumReplyBytes: Int
    /// Replies and elements of the answer to one request.
    package var maximumElements: Int
    /// The longest status or error line.
    package var maximumLineBytes: Int
    /// Memory that is kept from one call to the next.
    package var retainedBytes: Int

    package init(
        maximumElementBytes: Int = 1 << 20, maximumReplyBytes: Int = 64 << 20, maximumElements: Int = 1 << 20,
        maximumLineBytes: Int = 64 << 10, retainedBytes: Int = 1 << 20
    ) {
        precondition(
            maximumReplyBytes <= 1 << 30 && maximumElementBytes <= 1 << 30 && maximumElements <= 1 << 30,
            "positions in a reply are kept in 32 bits")
        self.maximumElementBytes = maximumElementBytes
        self.maximumReplyBytes = maximumReplyBytes
        self.maximumElements = maximumElements
        self.maximumLineBytes = maximumLineBytes
        self.retainedBytes = retainedBytes
    }
}

/// One piece of an answer: a value, or the head of an array whose elements follow.
package struct ReplyToken: Hashable, Sendable {
    package enum Kind: UInt8 {
        case status, error, integer, bulk, array, null
        /// A value larger than the limit; its bytes are gone.
        case oversized
    }

    package var kind: Kind
    /// Where the value's text stands in the reply's bytes.
    package var lower: UInt32 = 0
    package var upper: UInt32 = 0

    /// How many elements an array has.
    package var elementCount: Int { Int(upper - lower) }
    var range: Range<Int> { Int(lower)..<Int(upper) }
}

/// Why bytes are no acceptable answer.
enum ReplyError: Error, Hashable {
    case malformed(String)
    case tooLarge(String)
}

/// Takes apart the answers of Redis (RESP 2) as they arrive. Pure: reads bytes that somebody else keeps and can be
/// stopped at any of them.
struct ReplyParser {
    /// What the owner of the bytes has to do next.
    enum Action: Hashable {
        case readMore
        /// Remove these bytes; they belong to an element that is too large. Then advance again.
        case discard(Range<Int>)
        case finished
    }

    private enum State {
        case header
        case bulk(length: Int)
        case discarding(length: Int)
    }

    let limits: ReplyLimits
    private(set) var tokens: [ReplyToken] = []
    /// Whether an error is among the tokens.
    private(set) var hasErrors = false
    /// Where the piece being read begins.
    private(set) var position = 0
    private var state = State.header
    /// How far the end of the line was looked for.
    private var searched = 0
    /// How many values are still to come: of the innermost array, and of those around it, the outermost first.
    private var remaining = 0
    private var enclosing: [Int] = []

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// Makes room for so many replies and elements at once.
    mutating func reserve(_ tokenCount: Int) {
        tokens.reserveCapacity(tokenCount)
    }

    /// Makes ready for the answers to `replies` commands.
    mutating func begin(replies: Int) {
        tokens.removeAll(keepingCapacity: tokens.capacity <= 1 << 14)
        hasErrors = false
        position = 0
        searched = 0
        state = .header
        enclosing.removeAll(keepingCapacity: true)
        remaining = replies
    }

    /// Reads on in `bytes`, which begin with the first answer and have grown at their end since the last call.
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

    /// Reads values that are there as a whole, which is how nearly all come, up to the first that is anything else.
    private mutating func readWholeBulks(_ bytes: Span<UInt8>) {
        while remaining > 0 {
            let count = appendWholeBulks(bytes, atMost: min(remaining, limits.maximumElements - tokens.count))
            guard count > 0 else { break }
            remaining -= count - 1
            completeValue()
        }
        searched = max(searched, position)
    }

    /// Notes whole values that follow one another; returns how many.
    private mutating func appendWholeBulks(_ bytes: Span<UInt8>, atMost maximum: Int) -> Int {
        // The smallest has six bytes: an array that says it has more elements than have come gets no memory for them yet.
        let space = min(maximum, (bytes.count - position) / 6)
        guard space > 0 else { return 0 }
        let maximumByteCount = limits.maximumElementBytes
        var next = position
        var count = 0
        tokens.append(addingCapacity: space) { output in
            while count < space, let value = ReplyToken(wholeBulkIn: bytes, at: next, maximumByteCount) {
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
            // Counted here and not at the end, so that it makes no difference in which pieces the line comes.
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
        default: throw .malformed("a reply begins with byte \(kind)")
        }
    }

    private mutating func readBulkHeader(length: Int) throws(ReplyError) {
        guard length >= 0 else { return try appendNull(length) }
        // Far beyond what Redis can hold; keeps the sums below from overflowing.
        guard length < 1 << 40 else { throw .malformed("a value of \(length) bytes") }
        state = length <= limits.maximumElementBytes ? .bulk(length: length) : .discarding(length: length + 2)
    }

    private mutating func readArrayHeader(count: Int) throws(ReplyError) {
        guard count >= 0 else { return try appendNull(count) }
        guard count <= limits.maximumElements else {
            throw .tooLarge("an array of \(count) elements; at most \(limits.maximumElements) are accepted")
        }
        try append(.array, from: 0, to: count)
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
        guard let value = parseDecimal(bytes, range) else { throw .malformed("a number that is none") }
        return value
    }
}
