extension JSONScanner {
    /// Reads plain characters of a string from `start` on and the byte after them; returns the next position.
    mutating func consumeString(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let end = JSONScanner.endOfPlain(bytes, from: start)
        let collects = isKey && depth == 1
        if collects { for index in start..<end { key.append(bytes[index]) } }
        guard end < bytes.count else { return end }
        switch bytes[end] {
        case UInt8(ascii: "\""): endString(at: offset + end + 1)
        case UInt8(ascii: "\\"): state = .escape
        case 0x80...:
            if collects { key.makeUnknown() }
            beginSequence(bytes[end])
        default: fail()
        }
        return end + 1
    }

    /// The first byte from `start` on that is a quote, a backslash, a control character or not ASCII; the end where
    /// there is none.
    @inline(__always)
    static func endOfPlain(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = bytes.bytes
        var index = start
        while index &+ 16 <= bytes.count {
            let (low, high) = notPlain(sixteen: raw, index)
            if low != 0 { return index &+ low.trailingZeroBitCount &>> 3 }
            if high != 0 { return index &+ 8 &+ high.trailingZeroBitCount &>> 3 }
            index &+= 16
        }
        if index &+ 8 <= bytes.count {
            let word = raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            let marks = notPlain(UInt64(littleEndian: word))
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < bytes.count, isPlain(bytes[unchecked: index]) { index &+= 1 }
        return index
    }

    /// Two words in which the bytes that are not plain are 0xFF and the others 0; the first byte is the lowest of
    /// `low`.
    @inline(__always)
    private static func notPlain(sixteen bytes: RawSpan, _ start: Int) -> (low: UInt64, high: UInt64) {
        // Explicit types: with inferred vector types the compiler generates slow code.
        let space = SIMD16<Int8>(repeating: 0x20)
        let quote = SIMD16<Int8>(repeating: 0x22)
        let backslash = SIMD16<Int8>(repeating: 0x5C)
        let block = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: SIMD16<Int8>.self)
        // As signed integers, non-ASCII bytes are below the space, too.
        let found = (block .< space) .| ((block .== quote) .| (block .== backslash))
        let words = unsafeBitCast(found, to: SIMD2<UInt64>.self)
        return (UInt64(littleEndian: words.x), UInt64(littleEndian: words.y))
    }

    /// A word whose lowest set bit belongs to the first byte that is not plain; 0 = all are.
    @inline(__always)
    private static func notPlain(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        // A byte's high bit is set where the subtraction borrows: where it was zero (or, for `word`, below 0x20).
        // Borrows into higher bytes do not matter: only the lowest mark is used.
        let found =
            ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word) | word
        return found & (ones &* 0x80)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func endString(at end: Int) {
        guard isKey else { return endValue(at: end) }
        if depth == 1 {
            slot = names.index(of: key)
            if slot == 0, options.keepsFirst { skipRepeatedFirst() }
        }
        state = .colon
    }

    /// Called for each first selected name where the first of repeated members counts: ignores a repeated one, and
    /// keeps `consumeMembers` from expecting the name again.
    @inline(never)
    private mutating func skipRepeatedFirst() {
        if !fragments[0].isEmpty { slot = -1 }
        expectedMember = max(expectedMember, 1)
    }

    private mutating func appendToKey(_ scalar: UInt32) {
        guard isKey, depth == 1 else { return }
        if scalar < 0x80 { key.append(UInt8(scalar)) } else { key.makeUnknown() }
    }

    mutating func readEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "u"):
            pending = 4
            hexadecimalValue = 0
            state = .hexadecimal
            return
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): appendToKey(UInt32(byte))
        // No selected name has a control character.
        case UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            key.makeUnknown()
        default: return fail()
        }
        state = .string
    }

    mutating func readHexadecimal(_ byte: UInt8) {
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - 0x57
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - 0x37
        default: return fail()
        }
        hexadecimalValue = hexadecimalValue << 4 | UInt32(digit)
        pending -= 1
        guard pending == 0 else { return }
        appendToKey(hexadecimalValue)
        state = .string
    }

    /// Begins a UTF-8 sequence of two to four bytes; the range of the first continuation byte excludes overlong
    /// encodings, surrogates and code points above U+10FFFF.
    private mutating func beginSequence(_ lead: UInt8) {
        switch lead {
        case 0xC2...0xDF: (pending, continuationRange) = (1, 0x80...0xBF)
        case 0xE0: (pending, continuationRange) = (2, 0xA0...0xBF)
        case 0xED: (pending, continuationRange) = (2, 0x80...0x9F)
        case 0xE1...0xEF: (pending, continuationRange) = (2, 0x80...0xBF)
        case 0xF0: (pending, continuationRange) = (3, 0x90...0xBF)
        case 0xF1...0xF3: (pending, continuationRange) = (3, 0x80...0xBF)
        case 0xF4: (pending, continuationRange) = (3, 0x80...0x8F)
        default: return fail()
        }
        state = .continuation
    }

    mutating func readContinuation(_ byte: UInt8) {
        guard continuationRange.contains(byte) else { return fail() }
        continuationRange = 0x80...0xBF
        pending -= 1
        if pending == 0 { state = .string }
    }
}
