/// Looks through the rest of an element for a second `date`, 64 bytes at a time.
///
/// A name is `date` when it stands there as `"date"`, or with letters of it spelled `\u0064`, `\u0061`, `\u0074` or
/// `\u0065`. So there can be none where no `t` stands two bytes before a quote and no backslash is, which is nearly
/// everywhere: no name that a writer of the log uses is like that but `date`.
extension EntryDate {
    private typealias Block = SIMD16<UInt8>
    private typealias Mask = SIMDMask<SIMD16<Int8>>

    /// Whether another member's name may be `date`, or an escaped spelling of it, behind `start`: false only when there
    /// is none.
    @inline(__always)
    static func mayRepeatDate(_ entry: Span<UInt8>, after start: Int) -> Bool {
        guard start >= 0 else { return true }
        let bytes = entry.bytes
        var position = start &+ 1
        // What follows the letter t of a name, or a backslash before a letter: four bytes at least.
        let last = bytes.byteCount &- 4 &- 64
        guard position <= last else { return hasName(bytes, position..<max(position, last &+ 64), after: start) }
        while position < last {
            if resemblesName(bytes, position), hasName(bytes, inFourBlocks: position, after: start) { return true }
            position &+= 64
        }
        // Overlaps the bytes before.
        return resemblesName(bytes, last) && hasName(bytes, inFourBlocks: last, after: start)
    }

    /// Whether one of the 64 bytes from `start` is a backslash, or a `t` two before a quote, going by their difference,
    /// which other pairs seldom have.
    @inline(__always)
    private static func resemblesName(_ bytes: RawSpan, _ start: Int) -> Bool {
        let first = signs(bytes, start) .| signs(bytes, start &+ 16)
        let second = signs(bytes, start &+ 32) .| signs(bytes, start &+ 48)
        return isAny(first .| second)
    }

    @inline(__always)
    private static func signs(_ bytes: RawSpan, _ start: Int) -> Mask {
        // The types stand here because the compiler makes slow code of vectors whose type it has to infer.
        let difference = Block(repeating: 0x22 &- 0x74)
        let backslash = Block(repeating: 0x5C)
        let letters = block(bytes, start)
        return ((block(bytes, start &+ 2) &- letters) .== difference) .| (letters .== backslash)
    }

    /// Whether the letter t of a name, or a backslash before one of its letters, is in `range`.
    @inline(never)
    private static func hasName(_ bytes: RawSpan, _ range: Range<Int>, after start: Int) -> Bool {
        var position = range.lowerBound
        while position &+ 16 <= range.upperBound {
            if isAny(closeSigns(bytes, position)),
                hasName(bytes, oneByOne: position..<position &+ 16, after: start)
            {
                return true
            }
            position &+= 16
        }
        return hasName(bytes, oneByOne: position..<range.upperBound, after: start)
    }

    /// The same for 64 bytes, which hardly ever hold more than a resemblance.
    @inline(never)
    private static func hasName(_ bytes: RawSpan, inFourBlocks position: Int, after start: Int) -> Bool {
        guard isAny(closeSigns(inFourBlocks: bytes, position)) else { return false }
        return hasName(bytes, position..<position &+ 64, after: start)
    }

    /// Which of sixteen bytes begin `te"`, or come before what makes a backslash the beginning of `\u006` or `\u007`,
    /// zeros aside.
    @inline(__always)
    private static func closeSigns(_ bytes: RawSpan, _ start: Int) -> Mask {
        let letterT = Block(repeating: 0x74)
        let letterE = Block(repeating: 0x65)
        let quote = Block(repeating: 0x22)
        let letterU = Block(repeating: 0x75)
        let even = Block(repeating: 0xFE)
        let six = Block(repeating: 0x36)
        let second = block(bytes, start &+ 1)
        let isEnd =
            (block(bytes, start) .== letterT) .& (second .== letterE) .& (block(bytes, start &+ 2) .== quote)
        return isEnd .| ((second .== letterU) .& ((block(bytes, start &+ 4) & even) .== six))
    }

    @inline(__always)
    private static func closeSigns(inFourBlocks bytes: RawSpan, _ start: Int) -> Mask {
        (closeSigns(bytes, start) .| closeSigns(bytes, start &+ 16))
            .| (closeSigns(bytes, start &+ 32) .| closeSigns(bytes, start &+ 48))
    }

    private static func hasName(_ bytes: RawSpan, oneByOne range: Range<Int>, after start: Int) -> Bool {
        for position in range {
            let four = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt32.self)
            let word = UInt32(littleEndian: four)
            // \u00, the first character lowest.
            if word == 0x3030_755C, byte(bytes, position &+ 4) & 0xFE == 0x36 { return true }
            // te" alike; then what is before it. Behind a colon it is a value, behind a backslash a part of a string.
            if word & 0xFF_FFFF == 0x22_6574, position >= start &+ 4,
                byte(bytes, position &- 1) == 0x61, byte(bytes, position &- 2) == 0x64,
                byte(bytes, position &- 3) == 0x22,
                byte(bytes, position &- 4) != 0x3A, byte(bytes, position &- 4) != 0x5C
            {
                return true
            }
        }
        return false
    }

    @inline(__always)
    private static func isAny(_ mask: Mask) -> Bool {
        let words = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        return words.x | words.y != 0
    }

    @inline(__always)
    private static func block(_ bytes: RawSpan, _ start: Int) -> Block {
        bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: Block.self)
    }

    @inline(__always)
    private static func byte(_ bytes: RawSpan, _ position: Int) -> UInt8 {
        bytes.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
    }
}
