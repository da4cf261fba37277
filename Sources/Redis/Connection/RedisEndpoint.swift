package import Model
import System

/// The Redis to use: the setting `HOOKLINE_REDIS`.
///
/// `redis://[user:password@]host[:port][/database]`, IPv6 addresses in brackets, or
/// `unix:PATH[?db=N&user=NAME&password=PASSWORD]`. Users, passwords and paths may be percent-encoded.
package struct RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    package enum Address: Hashable, Sendable {
        case unix(path: String)
        case tcp(host: String, port: UInt16)
    }

    package var address: Address
    /// Nil for Redis' default user, also when there is a password.
    package var user: String?
    package var password: Secret?
    package var database: Int

    package init(address: Address, user: String? = nil, password: Secret? = nil, database: Int = 0) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
    }

    /// The setting without the password.
    package var description: String {
        let credentials = password == nil ? "" : "\(user ?? ""):***@"
        return switch address {
        case .tcp(let host, let port):
            "redis://\(credentials)\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path):
            "unix:\(path)" + (database == 0 ? "" : "?db=\(database)")
        }
    }

    /// The address alone, for messages.
    package var server: String {
        switch address {
        case .tcp(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// Why a `HOOKLINE_REDIS` setting is invalid. Never holds the setting itself: it may contain a password.
package struct RedisEndpointError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String

    package var description: String {
        "\(reason); write redis://[user:password@]host[:port][/database] or unix:PATH[?db=N]"
    }
}

extension RedisEndpoint {
    /// Parses a setting.
    package init(parsing setting: String) throws(RedisEndpointError) {
        if let rest = setting.dropping(prefix: "redis://") {
            try self.init(network: rest)
        } else if let rest = setting.dropping(prefix: "unix:") {
            try self.init(unix: rest)
        } else if setting.hasPrefix("rediss://") {
            throw RedisEndpointError(reason: "Redis over TLS (rediss://) is not supported")
        } else {
            throw RedisEndpointError(reason: "the setting begins with neither redis:// nor unix:")
        }
    }

    private init(network address: Substring) throws(RedisEndpointError) {
        guard !address.contains("?"), !address.contains("#") else {
            throw RedisEndpointError(reason: "a redis:// address has no ? or #; percent-encode them in a password")
        }
        let slash = address.firstIndex(of: "/")
        let authority = address[..<(slash ?? address.endIndex)]
        let path = slash.map { address[address.index(after: $0)...] } ?? ""
        var host = authority
        var user: String?
        var password: Secret?
        if let at = authority.lastIndex(of: "@") {
            host = authority[authority.index(after: at)...]
            let credentials = authority[..<at]
            guard let colon = credentials.firstIndex(of: ":") else {
                throw RedisEndpointError(reason: "the password is missing; the part before the @ is user:password")
            }
            let name = try decoded(credentials[..<colon], as: "user")
            user = name.isEmpty ? nil : name
            password = Secret(try decoded(credentials[credentials.index(after: colon)...], as: "password"))
        }
        self.init(
            address: try RedisEndpoint.address(host), user: user, password: password,
            database: path.isEmpty ? 0 : try RedisEndpoint.database(path))
    }

    private static func address(_ text: Substring) throws(RedisEndpointError) -> Address {
        let host: Substring
        var rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw RedisEndpointError(reason: "the IPv6 address has no closing bracket")
            }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
        }
        guard !host.isEmpty else { throw RedisEndpointError(reason: "the host is missing") }
        if rest.isEmpty { return .tcp(host: String(host), port: 6379) }
        guard rest.removeFirst() == ":", rest.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(rest), port > 0
        else { throw RedisEndpointError(reason: "the port is not a number from 1 to 65535") }
        return .tcp(host: String(host), port: port)
    }

    private init(unix text: Substring) throws(RedisEndpointError) {
        let mark = text.firstIndex(of: "?")
        let rawPath = text[..<(mark ?? text.endIndex)]
        let path = try decoded(rawPath.dropping(prefix: "//") ?? rawPath, as: "path")
        guard path.hasPrefix("/") else { throw RedisEndpointError(reason: "the socket's path does not begin with /") }
        // The path is shown in messages, and an address may have a password.
        guard !path.contains("://") else {
            throw RedisEndpointError(reason: "the socket's path has an address in it")
        }
        // The size of sun_path on Linux, with its final zero.
        guard path.utf8.count <= 107 else {
            throw RedisEndpointError(reason: "the socket's path has \(path.utf8.count) bytes, at most 107 are possible")
        }
        self.init(address: .unix(path: path))
        guard let mark else { return }
        for part in text[text.index(after: mark)...].split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            let value = part[equals...].dropFirst()
            switch part[..<equals] {
            case "db": database = try RedisEndpoint.database(value)
            case "user": user = try decoded(value, as: "user")
            case "password": password = Secret(try decoded(value, as: "password"))
            default:
                // Without a value it may be the end of a password.
                let name = equals == part.endIndex ? "without a value" : String(part[..<equals])
                throw RedisEndpointError(reason: "unknown option \(name); known: db, user, password")
            }
        }
        guard user == nil || password != nil else { throw RedisEndpointError(reason: "a user without a password") }
    }

    private static func database(_ text: Substring) throws(RedisEndpointError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            number <= Int(Int32.max)
        else { throw RedisEndpointError(reason: "the database is not a number; it follows the host's / or ?db=") }
        return number
    }
}

/// Decodes percent-encoding.
private func decoded(_ text: Substring, as what: String) throws(RedisEndpointError) -> String {
    guard let bytes = PercentCoding.strictlyDecoded(text.utf8) else {
        throw RedisEndpointError(reason: "a % in the \(what) is not followed by two hexadecimal digits")
    }
    guard !bytes.contains(0), let result = String(validating: bytes, as: UTF8.self) else {
        throw RedisEndpointError(reason: "the \(what) is not valid UTF-8")
    }
    return result
}

extension StringProtocol where SubSequence == Substring {
    /// The string behind `prefix`; nil when it has another beginning.
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
