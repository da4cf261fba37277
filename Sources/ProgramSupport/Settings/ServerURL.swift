package import Model
import System

/// The address of a server as settings name it: `scheme://[user:password@]host[:port][/path]`.
///
/// User and password may be percent-encoded.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let user: String?
    package let password: Secret?
    package let server: HostAndPort
    /// Begins with a slash, or is empty; a slash at its end is left out.
    package let path: String

    /// What is wrong with an address. Never holds the address itself: it may contain a password.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package init(parsing text: String) throws(ParseError) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
            text[..<colon].utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }),
            colon > text.startIndex
        else { throw ParseError(description: "the address does not begin with a scheme and ://") }
        scheme = String(text[..<colon])
        let rest = text[text.index(colon, offsetBy: 3)...]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), !rest.contains("?"), !rest.contains("#") else {
            throw ParseError(description: "the address has a space, ? or # in it; percent-encode them in a password")
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        path = rest[slash...].hasSuffix("/") ? String(rest[slash...].dropLast()) : String(rest[slash...])
        let at = authority.lastIndex(of: "@")
        (user, password) = try Self.login(at.map { authority[..<$0] })
        guard let server = HostAndPort(parsing: at.map { authority[authority.index(after: $0)...] } ?? authority) else {
            throw ParseError(description: "the address has no readable host and port")
        }
        self.server = server
    }

    private static func login(_ text: Substring?) throws(ParseError) -> (String?, Secret?) {
        guard let text else { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else {
            throw ParseError(description: "the password is missing: before the @ stands user:password")
        }
        let (user, password) = (decoded(text[..<colon]), decoded(text[text.index(after: colon)...]))
        guard let user, let password, !user.isEmpty, !password.isEmpty else {
            throw ParseError(description: "user and password are not percent-encoded text, or one of them is empty")
        }
        return (user, Secret(password))
    }

    /// Undoes percent-encoding; nil when it is wrong, or what comes out is not UTF-8 text.
    private static func decoded(_ text: Substring) -> String? {
        guard let bytes = PercentCoding.strictlyDecoded(text.utf8) else { return nil }
        return bytes.contains { $0 < 0x20 } ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// The address again, without the password.
    package var description: String {
        "\(scheme)://\(user.map { "\($0):***@" } ?? "")\(server)\(path)"
    }
}
