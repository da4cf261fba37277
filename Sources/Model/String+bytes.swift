import Glibc

extension String {
    /// Whether both texts are the same bytes, as databases compare. Swift's own comparison takes different spellings of
    /// one character for the same.
    package func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isEqual: Bool?? = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { otherBytes in
                guard let bytes = bytes.baseAddress, let start = otherBytes.baseAddress else { return true }
                return memcmp(bytes, start, otherBytes.count) == 0
            }
        }
        return (isEqual ?? nil) ?? utf8.elementsEqual(other.utf8)
    }
}
