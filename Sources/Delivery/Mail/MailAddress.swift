/// A mail address, with or without a display name.
///
/// Internationalized domains are encoded (IDNA), so that every mail server takes them. Local parts beyond ASCII need
/// SMTPUTF8, and quoted ones and address literals are legal but rejected by most servers: none of them is valid here
/// (docs/mail.md). The import of the directory applies the same rule.
package struct MailAddress: Hashable, Sendable {
    /// The display name; may be empty.
    package let name: String
    /// `local@domain`, ASCII without spaces, quotes or brackets.
    package let address: String

    /// Limit of an address in bytes (RFC 5321, 4.5.3.1.3, without the brackets).
    package static let addressLimit = 254
    /// Limit of the part before the @ in bytes (RFC 5321, 4.5.3.1.1).
    package static let localPartLimit = 64
    /// Limit of a label of a domain in bytes (RFC 1035, 2.3.4).
    private static let labelLimit = 63

    package init(_ address: String, name: String = "") throws(MailError) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocalPart(parts[0]), let domain = Self.encoded(domain: String(parts[1])),
            parts[0].utf8.count + 1 + domain.utf8.count <= Self.addressLimit
        else { throw .invalidAddress(String(address.prefix(Self.addressLimit))) }
        self.address = "\(parts[0])@\(domain)"
        self.name = name
    }

    /// The rule, for messages about an address that breaks it.
    package static let rule =
        "mail can be sent to name@domain only: an ASCII name of at most \(localPartLimit) characters without quotes, "
        + "brackets, spaces or misplaced dots, and a domain name"

    package var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    /// Whether it is a dot-atom (RFC 5322, 3.2.3): non-empty words with single dots between them.
    private static func isLocalPart(_ text: Substring) -> Bool {
        text.utf8.count <= localPartLimit
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>()[],;:\\\"".utf8.contains($0) }
            }
    }

    /// Whether a name consists of dot-separated labels of letters, digits and inner hyphens.
    static func isDomain(_ text: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...labelLimit).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
                && label.utf8.allSatisfy { MailHeaderEncoding.isAlphanumeric($0) || $0 == hyphen }
        }
    }

    /// The domain in ASCII; nil when it is no domain. libcurl encodes it with libidn2, as the hosts of webhooks.
    private static func encoded(domain: String) -> String? {
        guard !domain.utf8.allSatisfy({ $0 < 0x80 }) else { return isDomain(domain) ? domain : nil }
        guard domain.unicodeScalars.allSatisfy({ $0.value >= 0x80 || isDomainScalar($0) }) else { return nil }
        guard let host = ConnectionTarget.encodedHost(domain), isDomain(host) else { return nil }
        return host
    }

    private static func isDomainScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "-" || MailHeaderEncoding.isAlphanumeric(UInt8(scalar.value))
    }

    /// As in a header.
    var headerText: String {
        if name.isEmpty { return address }
        let phrase = MailHeaderEncoding.phrase(name)
        return phrase + (phrase.utf8.count + address.utf8.count > 60 ? "\r\n" : "") + " <\(address)>"
    }
}
