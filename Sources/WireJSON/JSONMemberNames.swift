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

    /// A wanted name, and which bytes of the two words it fills.
    private struct Wanted {
        var name: Packed
        var lowMask: UInt64
        var highMask: UInt64

        init(_ name: Packed) {
            self.name = name
            lowMask = JSONMemberNames.mask(name.count)
            highMask = JSONMemberNames.mask(name.count - 8)
        }
    }

    private let wanted: [Wanted]

    package init(_ names: [StaticString]) {
        wanted = names.map { name in
            var result = Packed()
            name.withUTF8Buffer { bytes in
                precondition(bytes.count <= 16 && bytes.allSatisfy { $0 < 0x80 }, "wanted names are short and ASCII")
                for byte in bytes { result.append(byte) }
            }
            return Wanted(result)
        }
    }

    package var count: Int { wanted.count }

    /// The index of a collected name; -1 = not wanted.
    func index(of name: Packed) -> Int {
        for index in wanted.indices where wanted[index].name == name { return index }
        return -1
    }

    /// The index of the name that stands in `bytes`; -1 = not wanted.
    func index(of bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        guard range.count <= 16 else { return -1 }
        var name = Packed()
        for index in range { name.append(bytes[index]) }
        return index(of: name)
    }

    /// The index of the name that stands at `start` with its closing quote, if it is one of those from `first` on; -1 = it
    /// is none of them, or too near to the end of `bytes` to tell.
    @inline(__always)
    func index(ofNameAt start: Int, in bytes: Span<UInt8>, from first: Int) -> Int {
        guard start &+ 17 <= bytes.count else { return -1 }
        let raw = bytes.bytes
        let low = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
        let high = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 8, as: UInt64.self))
        let candidates = wanted.span
        var index = first
        while index < candidates.count {
            if (low ^ candidates[unchecked: index].name.low) & candidates[unchecked: index].lowMask == 0,
                (high ^ candidates[unchecked: index].name.high) & candidates[unchecked: index].highMask == 0,
                // No name has more than 16 bytes.
                bytes[unchecked: start &+ candidates[unchecked: index].name.count] == UInt8(ascii: "\"")
            {
                return index
            }
            index &+= 1
        }
        return -1
    }

    /// How many bytes a name has.
    @inline(__always)
    func length(_ index: Int) -> Int { wanted[index].name.count }

    /// The lowest bytes of a word.
    private static func mask(_ byteCount: Int) -> UInt64 {
        if byteCount >= 8 { return .max }
        return byteCount <= 0 ? 0 : (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }
}
