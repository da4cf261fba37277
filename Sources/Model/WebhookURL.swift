import Glibc

/// The URL of a webhook as it is sent.
///
/// What the import of a directory, the diagnosis of a delivery and the sender accept is decided here, once: a URL that
/// can be parsed is refused later only for its international name, which libcurl converts.
package struct WebhookURL: Hashable, Sendable {
    /// Whether the scheme is https.
    package let isSecure: Bool
    /// As written: an IPv6 address without its brackets, a name that may contain percent sequences or characters
    /// outside ASCII.
    package let host: String
    /// Path and query in the form of RFC 3986, as the original sends them; begins with a slash.
    package let target: String
    /// The whole URL with `target` and without fragment. May contain a password.
    package let text: String

    /// Why a webhook cannot be sent to a URL. Quotes nothing of the URL, which may contain a password.
    package struct Problem: Error, Hashable, Sendable {
        package let reason: String

        package init(reason: String) {
            self.reason = reason
        }
    }

    /// Parses a URL: http or https, with a host, without control characters and without spaces before the path.
    package init(parsing text: String) throws(Problem) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Problem(reason: "the URL contains a control character")
        }
        guard bytes.first != 0x20, bytes.last != 0x20 else {
            throw Problem(reason: "the URL begins or ends with a space")
        }
        let scheme = try WebhookURL.scheme(bytes)
        let afterScheme = bytes.dropFirst(scheme.utf8.count + 1)
        guard afterScheme.starts(with: "//".utf8) else { throw Problem(reason: "the URL has no host") }
        let authority = afterScheme.dropFirst(2).prefix { byte in
            !"/\\?#".utf8.contains(byte)
        }
        let remainder = bytes[authority.endIndex...]
        guard remainder.first != UInt8(ascii: "\\") else {
            throw Problem(reason: "the URL's host contains a backslash")
        }
        let at = authority.lastIndex(of: UInt8(ascii: "@"))
        let hostAndPort = at.map { authority[($0 + 1)...] } ?? authority
        let user = at.map { authority[..<$0] }
        isSecure = scheme == "https"
        host = try WebhookURL.host(hostAndPort)
        target = RequestTarget.encoded(remainder)
        let login = user.map { RequestTarget.encoded(component: $0, isAllowed: RequestTarget.isUserInfoByte) + [0x40] }
        self.text =
            "\(scheme)://" + String(decoding: login ?? [], as: UTF8.self)
            + String(decoding: hostAndPort, as: UTF8.self) + target
    }

    /// In lower case.
    private static func scheme(_ bytes: [UInt8]) throws(Problem) -> String {
        let scheme = String(decoding: bytes.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
        guard scheme == "http" || scheme == "https", scheme.utf8.count < bytes.count else {
            throw Problem(reason: "the URL's scheme is neither http nor https")
        }
        return scheme
    }

    /// Checks host and port; returns the host.
    private static func host(_ text: ArraySlice<UInt8>) throws(Problem) -> String {
        guard !text.isEmpty else { throw Problem(reason: "the URL has no host") }
        if text.first == UInt8(ascii: "[") { return try bracketedHost(text.dropFirst()) }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        try checkPort(text[colon...])
        let host = text[..<colon]
        guard !host.isEmpty else { throw Problem(reason: "the URL has no host") }
        guard host.allSatisfy(isHostByte) else {
            throw Problem(reason: "the URL's host contains an invalid character")
        }
        let name = String(decoding: host, as: UTF8.self)
        // What becomes of percent sequences and characters outside ASCII is known only to libcurl.
        let isPlain = host.allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "%") }
        guard !isPlain || HostNumber(name) != .invalid else {
            throw Problem(reason: "the URL's host ends in a number and is not an IPv4 address")
        }
        return name
    }

    private static func bracketedHost(_ text: ArraySlice<UInt8>) throws(Problem) -> String {
        let content = text.prefix { $0 != UInt8(ascii: "]") }
        // The zone of a link-local address begins with a percent sign.
        let address = String(decoding: content.prefix { $0 != UInt8(ascii: "%") }, as: UTF8.self)
        var six = in6_addr()
        guard content.endIndex < text.endIndex, inet_pton(AF_INET6, address, &six) == 1,
            content.dropFirst(address.utf8.count).allSatisfy({ $0 == UInt8(ascii: "%") || isHostByte($0) })
        else { throw Problem(reason: "the URL's host is not an IPv6 address") }
        try checkPort(text[(content.endIndex + 1)...])
        return address
    }

    /// - Parameter text: empty, or a colon and the port; a colon alone stands for the scheme's port.
    private static func checkPort(_ text: ArraySlice<UInt8>) throws(Problem) {
        guard let first = text.first else { return }
        let digits = text.dropFirst()
        let port = digits.isEmpty ? 1 : Int(String(decoding: digits, as: UTF8.self)) ?? 0
        guard first == UInt8(ascii: ":"), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            (1...65535).contains(port)
        else { throw Problem(reason: "the URL's port is not a number from 1 to 65535") }
    }

    /// Whether libcurl takes the byte in a name: letters, digits, percent sequences and characters outside ASCII, and
    /// of the others those that some name servers know.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "|") && !"/:#?!@{}[]\\$'\"^`*<>=;,+&()".utf8.contains(byte)
    }
}
