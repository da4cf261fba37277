/// The way nearly all values come: whole, and short enough for a header of one word.
extension ReplyToken {
    /// Reads a value whose header begins at `start`; nil when it is not all there, is of another kind, has more bytes than
    /// allowed, or 100,000 and more.
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

    /// The number in a word that begins with three digits, as most do, a carriage return and a line feed.
    @inline(__always)
    private static func threeDigits(_ word: UInt64) -> Int? {
        let digits = (word & 0xFF_FFFF) ^ 0x30_3030
        // Adding 0x76 carries a byte above 9 into the high bit.
        guard (word &>> 24) & 0xFFFF == 0x0A0D, (digits | (digits &+ 0x76_7676)) & 0x80_8080 == 0 else { return nil }
        return Int(truncatingIfNeeded: (digits & 0xFF) &* 100 &+ ((digits &>> 8) & 0xFF) &* 10 &+ digits &>> 16)
    }

    /// How many digits a word of seven bytes begins with, one to five, and their number; nil when there are none or
    /// more, or no carriage return and line feed behind them.
    private static func digits(_ word: UInt64) -> (count: Int, number: Int)? {
        let digits = word ^ 0x30_3030_3030_3030
        let others = (digits | (digits &+ 0x76_7676_7676_7676)) & 0x80_8080_8080_8080
        let bits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) &- 7
        guard bits &- 8 <= 32, (word &>> bits) & 0xFFFF == 0x0A0D else { return nil }
        return (Int(truncatingIfNeeded: bits &>> 3), number(digits &<< (64 &- bits)))
    }

    /// The number of the eight digits in a word, the first lowest.
    @inline(__always)
    private static func number(_ digits: UInt64) -> Int {
        let pairs = (digits &* 10 &+ digits &>> 8) & 0x00FF_00FF_00FF_00FF
        let fours = (pairs &* 100 &+ pairs &>> 16) & 0x0000_FFFF_0000_FFFF
        return Int(truncatingIfNeeded: (fours &* 10_000 &+ fours &>> 32) & 0xFFFF_FFFF)
    }
}
