extension JSONScanner {
    /// Reads the plain part of a string from `start` on; returns where to go on, in whatever state that is.
    mutating func consumeString(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let collects = isKey && depth == 1
        var index = collects ? start : JSONScanner.endOfPlainWords(bytes, from: start)
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                endString(at: offset + index)
                return index
            case UInt8(ascii: "\\"):
                state = .escape
                return index
            case 0..<0x20:
                fail()
                return index
            case 0x80...:
                if collects { key.makeUnknown() }
                beginSequence(byte)
                return index
            default:
                if collects { key.append(byte) }
            }
        }
        return index
    }

    /// Steps over whole words of eight bytes that need no look at the single byte: no quote, no backslash, no control
    /// character, nothing but ASCII.
    private static func endOfPlainWords(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let raw = bytes.bytes
        var index = start
        while index + 8 <= raw.byteCount {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            // A byte's high bit gets set where the subtraction borrows: where it was zero (or, for `word`, below 0x20).
            let found =
                ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word) | word
            if found & highs != 0 { break }
            index += 8
        }
        return index
    }

    private mutating func endString(at end: Int) {
        guard isKey else { return endValue(at: end) }
        if depth == 1 { slot = names.index(of: key) }
        state = .colon
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
        // No wanted name has a control character.
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

    /// Begins a UTF-8 sequence of two to four bytes; the first continuation byte's range keeps out overlong forms,
    /// surrogates and what lies beyond U+10FFFF.
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
