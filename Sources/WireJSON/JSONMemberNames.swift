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
}
