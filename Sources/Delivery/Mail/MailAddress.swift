import Model

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

    /// Limit of an address in bytes.
    package static let addressLimit = MailAddressSyntax.addressLimit

    package init(_ address: String, name: String = "") throws(MailError) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, MailAddressSyntax.isLocalPart(parts[0]),
            let domain = Self.encoded(domain: String(parts[1])),
            parts[0].utf8.count + 1 + domain.utf8.count <= Self.addressLimit
        else { throw .invalidAddress(String(address.prefix(Self.addressLimit))) }
        self.address = "\(parts[0])@\(domain)"
        self.name = name
    }

    /// The rule, for messages about an address that breaks it.
    package static let rule = MailAddressSyntax.rule

    package var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    /// Whether a name consists of dot-separated labels of letters, digits and inner hyphens.
    static func isDomain(_ text: String) -> Bool { MailAddressSyntax.isDomain(text) }

    /// The domain in ASCII; nil when it is no domain. libcurl encodes it with libidn2, as the hosts of webhooks.
    private static func encoded(domain: String) -> String? {
        guard !MailAddressSyntax.isASCII(domain) else { return isDomain(domain) ? domain : nil }
        guard MailAddressSyntax.isInternationalDomain(domain) else { return nil }
        guard let host = ConnectionTarget.encodedHost(domain), isDomain(host) else { return nil }
        return host
    }

    /// As in a header.
    var headerText: String {
        if name.isEmpty { return address }
        let phrase = MailHeaderEncoding.phrase(name)
        return phrase + (phrase.utf8.count + address.utf8.count > 60 ? "\r\n" : "") + " <\(address)>"
    }
}
