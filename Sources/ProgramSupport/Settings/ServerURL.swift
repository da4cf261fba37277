package import Model
import System

/// The address of a server in a setting: `scheme://[user:password@]host[:port][/path]`.
///
/// User and password may be percent-encoded.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    package let user: String?
    package let password: Secret?
    package let server: HostAndPort
    /// Begins with a slash, or is empty; without a slash at its end.
    package let path: String

    /// Why an address is invalid. Never holds the address itself, which may contain a password.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    package init(parsing text: String) throws(ParseError) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://"),
            text[..<colon].utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }),
            colon > text.startIndex
        else { throw ParseError(description: "the address does not begin with a scheme and ://") }
        scheme = String(text[..<colon])
        let remainder = text[text.index(colon, offsetBy: 3)...]
        guard remainder.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), !remainder.contains("?"), !remainder.contains("#")
        else {
            throw ParseError(description: "the address contains a space, ? or #; percent-encode them in a password")
        }
        let slash = remainder.firstIndex(of: "/") ?? remainder.endIndex
        let authority = remainder[..<slash]
        path = remainder[slash...].hasSuffix("/") ? String(remainder[slash...].dropLast()) : String(remainder[slash...])
        let at = authority.lastIndex(of: "@")
        (user, password) = try Self.login(at.map { authority[..<$0] })
        guard let server = HostAndPort(parsing: at.map { authority[authority.index(after: $0)...] } ?? authority) else {
            throw ParseError(description: "the address has no valid host and port")
        }
        self.server = server
    }

    private static func login(_ text: Substring?) throws(ParseError) -> (String?, Secret?) {
        guard let text else { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else {
            throw ParseError(description: "the password is missing: expected user:password before the @")
        }
        let (user, password) = (decoded(text[..<colon]), decoded(text[text.index(after: colon)...]))
        guard let user, let password, !user.isEmpty, !password.isEmpty else {
            throw ParseError(description: "user or password is empty or not valid percent-encoding")
        }
        return (user, Secret(password))
    }

    /// Decodes percent-encoding; nil when it is invalid, or the result is not UTF-8 or has control characters.
    private static func decoded(_ text: Substring) -> String? {
        guard let bytes = PercentCoding.strictlyDecoded(text.utf8) else { return nil }
        return bytes.contains { $0 < 0x20 } ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// The address with the password masked; also a path that has an `@`: what stands before it may be one.
    package var description: String {
        "\(scheme)://\(user.map { "\($0):***@" } ?? "")\(server)\(path.contains("@") ? "/***" : path)"
    }
}

/// A host name or IP address with a port: `mail.example:25`, `127.0.0.1:8125`, `[::1]:8125`.
package struct HostAndPort: Hashable, Sendable, CustomStringConvertible {
    /// IPv6 addresses without brackets.
    package let host: String
    /// Nil when none is given.
    package let port: UInt16?

    /// Parses `HOST`, `HOST:PORT` and the same with an IPv6 address in brackets; nil for anything else.
    package init?(parsing text: some StringProtocol) {
        let host: String
        var suffix: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = String(text[..<end].dropFirst())
            suffix = Substring(text[text.index(after: end)...])
            guard host.contains(":"), host.utf8.allSatisfy(Self.isInAddress) else { return nil }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = String(text[..<colon])
            suffix = Substring(text[colon...])
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isInName) else { return nil }
        }
        self.host = host
        guard !suffix.isEmpty else {
            port = nil
            return
        }
        guard suffix.removeFirst() == ":", suffix.utf8.allSatisfy(Self.isDigit), let port = UInt16(suffix), port > 0
        else { return nil }
        self.port = port
    }

    package var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// With dots for an IPv4 address embedded in an IPv6 one.
    private static func isInAddress(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...102).contains(byte | 0x20) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        isDigit(byte) || (97...122).contains(byte | 0x20) || "-._".utf8.contains(byte)
    }
}
