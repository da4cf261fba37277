import Glibc

/// A string that must not reach a log, an error or a response by accident: its description is `***`.
package struct Secret: Hashable, Sendable, Undisclosed {
    /// The string itself. Read it only where it is used.
    package let exposed: String

    package init(_ text: String) {
        exposed = text
    }

    /// Begins the encrypted form of a stored secret; no unencrypted one may begin with it.
    package static let encryptedPrefix = "secretbox:"

    /// Whether it has the form of an encrypted secret.
    package var isEncrypted: Bool { exposed.hasPrefix(Self.encryptedPrefix) }
}

extension String {
    /// Whether both strings are the same bytes, as databases compare them. Swift's `==` treats canonically equivalent
    /// strings as equal.
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
