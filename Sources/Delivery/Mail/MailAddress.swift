/// A mailbox, with or without the name of whom it belongs to.
package struct MailAddress: Hashable, Sendable {
    /// Shown by mail programs; empty for none.
    package let name: String
    /// `local@domain`, ASCII without spaces, quotes or brackets.
    package let address: String

    /// Bytes of an address (RFC 5321, 4.5.3.1.3, without the brackets).
    package static let addressLimit = 254

    package init(_ address: String, name: String = "") throws(MailError) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, Self.isDomain(String(parts[1])),
            address.utf8.count <= Self.addressLimit,
            address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"<>()[],;:\\\"".utf8.contains($0) })
        else { throw .invalidAddress(String(address.prefix(Self.addressLimit))) }
        self.address = address
        self.name = name
    }

    package var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    /// Letters, digits, hyphens and dots, none of them empty-handed.
    static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { MailText.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// As it stands in a header.
    var headerText: String {
        if name.isEmpty { return address }
        let phrase = MailText.phrase(name)
        return phrase + (phrase.utf8.count + address.utf8.count > 60 ? "\r\n" : "") + " <\(address)>"
    }
}
