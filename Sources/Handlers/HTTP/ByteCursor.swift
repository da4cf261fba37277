/// Writes many short byte strings into a buffer with capacity for all of them: `Array.append` checks each time whether
/// the array is shared and has the capacity, which costs more than the copy. Exceeding the capacity is a programmer
/// error and stops the program.
struct ByteCursor: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    fileprivate private(set) var count = 0

    fileprivate init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
    }

    /// - Parameter literal: ASCII.
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends `bytes` from `lower` to `upper`.
    mutating func append(_ bytes: Span<UInt8>, from lower: Int, to upper: Int) {
        precondition(0 <= lower && lower <= upper && upper <= bytes.count, "range outside the bytes")
        let length = upper &- lower
        precondition(length <= buffer.count &- count, "more bytes than the capacity")
        // Two words that may overlap are faster than a call that has to branch on the length.
        switch length {
        case 65...: copy(bytes, from: lower, to: upper)
        case 32...: copyTwoWords(bytes, from: lower, to: upper, of: SIMD32<UInt8>.self)
        case 16...: copyTwoWords(bytes, from: lower, to: upper, of: SIMD16<UInt8>.self)
        case 8...: copyTwoWords(bytes, from: lower, to: upper, of: UInt64.self)
        case 4...: copyTwoWords(bytes, from: lower, to: upper, of: UInt32.self)
        default: copy(bytes, from: lower, to: upper)
        }
        count &+= length
    }

    @inline(__always)
    private func copy(_ bytes: Span<UInt8>, from lower: Int, to upper: Int) {
        bytes.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
            (target + count).copyMemory(from: source + lower, byteCount: upper &- lower)
        }
    }

    /// - Parameter word: at most as long as what is copied, and at least half as long.
    @inline(__always)
    private func copyTwoWords<Word: BitwiseCopyable>(
        _ bytes: Span<UInt8>, from lower: Int, to upper: Int, of word: Word.Type
    ) {
        let last = upper &- MemoryLayout<Word>.size
        let first = bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: lower, as: word)
        let second = bytes.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: last, as: word)
        buffer.storeBytes(of: first, toByteOffset: count, as: word)
        buffer.storeBytes(of: second, toByteOffset: count &+ last &- lower, as: word)
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= buffer.count - count, "more bytes than the capacity")
        guard let source = bytes.baseAddress, let target = buffer.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}

extension [UInt8] {
    /// Appends what `write` appends to the cursor: at most `maximum` bytes.
    mutating func append(addingUpTo maximum: Int, _ write: (inout ByteCursor) -> Void) {
        append(addingCapacity: maximum) { output in
            output.withUnsafeMutableBufferPointer { buffer, count in
                var cursor = ByteCursor(UnsafeMutableRawBufferPointer(buffer))
                write(&cursor)
                count = cursor.count
            }
        }
    }
}

extension [UInt8] {
    /// Appends an ASCII literal without making a `String` of it.
    package mutating func append(literal: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends a decimal number.
    package mutating func append(decimal: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = digits.count
        var rest = decimal.magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if decimal < 0 { append(UInt8(ascii: "-")) }
        digits.span.extracting(start...).withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}

extension String {
    /// Runs `body` with the UTF-8 bytes of the string without a copy: iterating over the string's view costs several
    /// times as much.
    @inline(__always)
    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}
