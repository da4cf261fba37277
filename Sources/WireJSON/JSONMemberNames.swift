/// Names of members to look for: at most 16 bytes of ASCII each, kept in two words so that comparing is cheap.
package struct JSONMemberNames: Sendable {
    /// A name as it is collected byte by byte.
    struct Packed: Hashable, Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// 17 = too long to be wanted, or not ASCII.
        var count = 0

        mutating func append(_ byte: UInt8) {
            if count < 8 {
                low |= UInt64(byte) << UInt64(count * 8)
            } else if count < 16 {
                high |= UInt64(byte) << UInt64((count - 8) * 8)
            }
            count = min(count + 1, 17)
        }

        mutating func makeUnknown() {
            count = 17
        }
    }

    private let packed: [Packed]

    package init(_ names: [StaticString]) {
        packed = names.map { name in
            var result = Packed()
            name.withUTF8Buffer { bytes in
                precondition(bytes.count <= 16 && bytes.allSatisfy { $0 < 0x80 }, "wanted names are short and ASCII")
                for byte in bytes { result.append(byte) }
            }
            return result
        }
    }

    package var count: Int { packed.count }

    /// The index of a collected name; -1 = not wanted.
    func index(of name: Packed) -> Int {
        for index in packed.indices where packed[index] == name { return index }
        return -1
    }

    /// The index of the name that stands in `bytes`; -1 = not wanted. Looks at `first` and those behind it, then at the
    /// others.
    func index(of bytes: Span<UInt8>, _ range: Range<Int>, near first: Int) -> Int {
        guard range.count <= 16 else { return -1 }
        guard range.lowerBound + 16 <= bytes.count else {
            var name = Packed()
            for index in range { name.append(bytes[index]) }
            return index(of: name)
        }
        let raw = bytes.bytes
        let name = Packed(
            low: UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
                & JSONMemberNames.mask(range.count),
            high: UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound + 8, as: UInt64.self))
                & JSONMemberNames.mask(range.count - 8),
            count: range.count)
        for index in first..<max(first, packed.count) where packed[index] == name { return index }
        for index in 0..<min(first, packed.count) where packed[index] == name { return index }
        return -1
    }

    /// The lowest bytes of a word.
    private static func mask(_ byteCount: Int) -> UInt64 {
        if byteCount >= 8 { return .max }
        return byteCount <= 0 ? 0 : (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }
}
