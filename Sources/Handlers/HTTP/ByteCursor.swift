/// Writes many small pieces into memory that was reserved for all of them: `Array.append` asks each time whether the array
/// is shared and has room, which costs more than copying the piece. Writing more than was reserved is a programmer's error
/// and stops the program.
struct ByteCursor: ~Copyable {
    private let space: UnsafeMutableRawBufferPointer
    fileprivate private(set) var count = 0

    fileprivate init(_ space: UnsafeMutableRawBufferPointer) {
        self.space = space
    }

    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// - Parameter literal: ASCII.
    mutating func append(_ literal: StaticString) {
        append(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
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
