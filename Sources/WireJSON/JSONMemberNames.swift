/// Names of selected members: at most 16 bytes of ASCII each, packed into two words for fast comparison.
package struct JSONMemberNames: Sendable {
    /// A name that is collected byte by byte.
    struct Packed: Hashable, Sendable {
        var low: UInt64 = 0
        var high: UInt64 = 0
        /// 17 = too long to be selected, or not ASCII.
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

    /// A selected name, and the masks of its bytes in the two words.
    private struct Selected {
        var name: Packed
        var lowMask: UInt64
        var highMask: UInt64

        init(_ name: Packed) {
            self.name = name
            lowMask = JSONMemberNames.mask(name.count)
            highMask = JSONMemberNames.mask(name.count - 8)
        }
    }

    private let selected: [Selected]

    package init(_ names: [StaticString]) {
        selected = names.map { name in
            var result = Packed()
            name.withUTF8Buffer { bytes in
                precondition(bytes.count <= 16 && bytes.allSatisfy { $0 < 0x80 }, "selected names are short and ASCII")
                for byte in bytes { result.append(byte) }
            }
            return Selected(result)
        }
    }

    package var count: Int { selected.count }

    /// The index of a collected name; -1 = not selected.
    func index(of name: Packed) -> Int {
        for index in selected.indices where selected[index].name == name { return index }
        return -1
    }

    /// The index of the name in this range of `bytes`; -1 = not selected.
    func index(of bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        guard range.count <= 16 else { return -1 }
        var name = Packed()
        for index in range { name.append(bytes[index]) }
        return index(of: name)
    }

    /// The index, from `first` on, of the name at `start` with its closing quote; -1 = another name, or too near to the
    /// end of `bytes` to decide.
    @inline(__always)
    func index(ofNameAt start: Int, in bytes: Span<UInt8>, from first: Int) -> Int {
        guard start &+ 17 <= bytes.count else { return -1 }
        let raw = bytes.bytes
        let low = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start, as: UInt64.self))
        let high = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromUncheckedByteOffset: start &+ 8, as: UInt64.self))
        let candidates = selected.span
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

    /// The byte count of a name.
    @inline(__always)
    func length(_ index: Int) -> Int { selected[index].name.count }

    /// A mask of the lowest bytes of a word.
    private static func mask(_ byteCount: Int) -> UInt64 {
        if byteCount >= 8 { return .max }
        return byteCount <= 0 ? 0 : (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }
}
