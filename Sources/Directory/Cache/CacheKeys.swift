import Model

/// A string that equals another only byte for byte, as databases compare.
///
/// Swift's own comparison treats different spellings of one character as equal; a cache with such keys would return one
/// user's row for another.
struct ExactString: Hashable, Sendable {
    let value: String

    init(_ value: String) {
        self.value = value
    }

    static func == (left: ExactString, right: ExactString) -> Bool {
        left.value.hasSameBytes(as: right.value)
    }

    func hash(into hasher: inout Hasher) {
        let hashed: Void? = value.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        // Only a string that is not stored as UTF-8 has no such storage.
        if hashed == nil { Array(value.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    }
}

/// The key of what belongs to two rows.
struct PairKey: Hashable {
    let first: Int64
    let second: Int64
}

/// The key of what has a name within another row.
struct NameKey: Hashable {
    let owner: Int64
    let name: ExactString
}
