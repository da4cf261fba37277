/// Limits for the replies to one request.
package struct ReplyLimits: Hashable, Sendable {
    /// A payload of 1 MiB, with what the queue adds to it.
    package static let defaultElementBytes = (1 << 20) + (64 << 10)

    /// Larger elements are dropped from the reply as they arrive.
    package var maximumElementBytes: Int
    /// Bytes kept in memory of the replies to one request; at most 1 GiB.
    package var maximumReplyBytes: Int
    /// Replies and elements of the replies to one request.
    package var maximumElements: Int
    /// The longest status or error line.
    package var maximumLineBytes: Int
    /// Capacity kept from one call to the next.
    package var retainedBytes: Int
    /// The least free capacity for one `recv`.
    package var receiveBytes: Int

    package init(
        maximumElementBytes: Int = ReplyLimits.defaultElementBytes, maximumReplyBytes: Int = 64 << 20,
        maximumElements: Int = 1 << 20,
        maximumLineBytes: Int = 64 << 10, retainedBytes: Int = 1 << 20, receiveBytes: Int = 64 << 10
    ) {
        precondition(
            maximumReplyBytes <= 1 << 30 && maximumElementBytes <= 1 << 30 && maximumElements <= 1 << 30,
            "positions in a reply are kept in 32 bits")
        self.maximumElementBytes = maximumElementBytes
        self.maximumReplyBytes = maximumReplyBytes
        self.maximumElements = maximumElements
        self.maximumLineBytes = maximumLineBytes
        self.retainedBytes = retainedBytes
        self.receiveBytes = receiveBytes
    }
}

/// One token of a reply: a value, or the header of an aggregate whose elements follow.
package struct ReplyToken: Hashable, Sendable {
    package enum Kind: UInt8 {
        case status, error, integer, bulk, null
        /// An array; in RESP 3 also a set, or a map as names and values in turn.
        case array
        /// A RESP 3 push, which is not a reply.
        case push
        /// A value larger than the limit; its bytes were dropped.
        case oversized
    }

    package var kind: Kind
    /// The value's range in the reply's bytes; of an aggregate 0 and the number of its elements.
    package var lower: UInt32 = 0
    package var upper: UInt32 = 0

    @inlinable package var elementCount: Int { Int(upper - lower) }
    @inlinable var range: Range<Int> { Int(lower)..<Int(upper) }
}

extension [ReplyToken] {
    /// The index behind the value that begins with the token at `index`.
    func endOfValue(at index: Int) -> Int {
        var index = index
        var remaining = 1
        while remaining > 0, index < count {
            remaining += self[index].kind == .array || self[index].kind == .push ? self[index].elementCount - 1 : -1
            index += 1
        }
        return index
    }
}

// Nearly all values arrive whole and are short enough for a header of one word.
extension ReplyToken {
    /// Reads a value whose header begins at `start`; nil when it is incomplete, of another kind, or has more bytes than
    /// allowed or than 99,999.
    @inline(__always)
    init?(wholeBulkIn bytes: Span<UInt8>, at start: Int, _ maximumByteCount: Int) {
        guard start <= bytes.count &- 8 else { return nil }
        // A dollar, at most five digits, a carriage return and a line feed as one word, the first character lowest.
        let header = UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
        guard header & 0xFF == 0x24 else { return nil }
        let (lower, length): (Int, Int)
        if let number = ReplyToken.threeDigits(header &>> 8) {
            (lower, length) = (start &+ 6, number)
        } else {
            guard let digits = ReplyToken.digits(header &>> 8) else { return nil }
            (lower, length) = (start &+ 3 &+ digits.count, digits.number)
        }
        let upper = lower &+ length
        guard length <= maximumByteCount, upper &+ 2 <= bytes.count, bytes[unchecked: upper] == 13,
            bytes[unchecked: upper &+ 1] == 10
        else { return nil }
        self.init(
            kind: .bulk, lower: UInt32(truncatingIfNeeded: lower), upper: UInt32(truncatingIfNeeded: upper))
    }

    /// The value of a word that begins with three digits, as most do, a carriage return and a line feed.
    @inline(__always)
    private static func threeDigits(_ word: UInt64) -> Int? {
        let digits = (word & 0xFF_FFFF) ^ 0x30_3030
        // Adding 0x76 carries a byte above 9 into the high bit.
        guard (word &>> 24) & 0xFFFF == 0x0A0D, (digits | (digits &+ 0x76_7676)) & 0x80_8080 == 0 else { return nil }
        return Int(truncatingIfNeeded: (digits & 0xFF) &* 100 &+ ((digits &>> 8) & 0xFF) &* 10 &+ digits &>> 16)
    }

    /// The number of digits at the beginning of a word of seven bytes, one to five, and their value; nil when there are
    /// none or more, or when no carriage return and line feed follow.
    private static func digits(_ word: UInt64) -> (count: Int, number: Int)? {
        let digits = word ^ 0x30_3030_3030_3030
        let others = (digits | (digits &+ 0x76_7676_7676_7676)) & 0x80_8080_8080_8080
        let bits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) &- 7
        guard bits &- 8 <= 32, (word &>> bits) & 0xFFFF == 0x0A0D else { return nil }
        return (Int(truncatingIfNeeded: bits &>> 3), number(digits &<< (64 &- bits)))
    }

    /// The value of the eight digits in a word, the first lowest.
    @inline(__always)
    private static func number(_ digits: UInt64) -> Int {
        let pairs = (digits &* 10 &+ digits &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return Int(truncatingIfNeeded: (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF)
    }
}
