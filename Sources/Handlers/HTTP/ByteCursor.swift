/// Writes many small pieces into memory that was reserved for all of them: `Array.append` asks each time whether the array
/// is shared and has room, which costs more than copying the piece. Writing more than was reserved is a programmer's error
/// and stops the program.
struct ByteCursor: ~Copyable {
    private let space: UnsafeMutableRawBufferPointer
    fileprivate private(set) var count = 0

    fileprivate init(_ space: UnsafeMutableRawBufferPointer) {
        self.space = space
    }

    /// - Parameter literal: ASCII.
    @inline(__always)
    mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the bytes from `lower` to `upper` of a text.
    mutating func append(_ bytes: Span<UInt8>, from lower: Int, to upper: Int) {
        precondition(0 <= lower && lower <= upper && upper <= bytes.count, "bytes outside the text")
        let length = upper &- lower
        precondition(length <= space.count &- count, "more bytes than were reserved")
        // Two words that may overlap: less work than a call that has to find out how many bytes they are.
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
            guard let source = bytes.baseAddress, let target = space.baseAddress else { return }
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
        space.storeBytes(of: first, toByteOffset: count, as: word)
        space.storeBytes(of: second, toByteOffset: count &+ last &- lower, as: word)
    }

    @inline(__always)
    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= space.count - count, "more bytes than were reserved")
        guard let source = bytes.baseAddress, let target = space.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}

extension [UInt8] {
    /// Appends what `write` gives the cursor: at most `maximum` bytes.
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
