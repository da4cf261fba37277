/// The rule for mail addresses, as far as their text shows it (docs/mail.md).
///
/// Whether an international domain name has a form in ASCII is known to `MailAddress` alone, which asks libcurl.
package enum MailAddressSyntax {
    /// Limit of an address in bytes (RFC 5321, 4.5.3.1.3, without the brackets).
    package static let addressLimit = 254
    /// Limit of the part before the @ in bytes (RFC 5321, 4.5.3.1.1).
    package static let localPartLimit = 64
    /// Limit of a label of a domain in bytes (RFC 1035, 2.3.4).
    private static let labelLimit = 63

    /// The rule, for messages about an address that breaks it.
    package static let rule =
        "mail can be sent to name@domain only: an ASCII name of at most \(localPartLimit) characters without quotes, "
        + "brackets, spaces or misplaced dots, and a domain name"

    /// Whether the address fits the rule; of an international domain, whether its characters do.
    package static func isValid(_ address: String) -> Bool {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, address.utf8.count <= addressLimit, isLocalPart(parts[0]) else { return false }
        let domain = String(parts[1])
        return isASCII(domain) ? isDomain(domain) : isInternationalDomain(domain)
    }

    /// Whether it is a dot-atom (RFC 5322, 3.2.3): non-empty words with single dots between them.
    package static func isLocalPart(_ text: Substring) -> Bool {
        text.utf8.count <= localPartLimit
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { word in
                !word.isEmpty && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"<>()[],;:\\\"".utf8.contains($0) }
            }
    }

    /// Whether a name consists of dot-separated labels of letters, digits and inner hyphens.
    package static func isDomain(_ text: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...labelLimit).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
        }
    }

    /// Whether a domain that is not ASCII has only characters that one may have.
    package static func isInternationalDomain(_ text: String) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
            && text.unicodeScalars.allSatisfy { $0.value >= 0x80 || isDomainScalar($0) }
    }

    package static func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    private static func isDomainScalar(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "-" || isAlphanumeric(UInt8(scalar.value))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
