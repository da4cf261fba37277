import Model

extension RedisEndpoint {
    /// Reads a setting.
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

    private init(network text: Substring) throws(RedisEndpointError) {
        guard !text.contains("?"), !text.contains("#") else {
            throw RedisEndpointError(reason: "a redis:// address takes no ? or #; percent-encode them in a password")
        }
        let slash = text.firstIndex(of: "/")
        let authority = text[..<(slash ?? text.endIndex)]
        let path = slash.map { text[text.index(after: $0)...] } ?? ""
        var host = authority
        var user: String?
        var password: Secret?
        if let at = authority.lastIndex(of: "@") {
            host = authority[authority.index(after: at)...]
            let credentials = authority[..<at]
            guard let colon = credentials.firstIndex(of: ":") else {
                throw RedisEndpointError(reason: "the password is missing: before the @ stands user:password")
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
        else { throw RedisEndpointError(reason: "the port is no number from 1 to 65535") }
        return .tcp(host: String(host), port: port)
    }

    private init(unix text: Substring) throws(RedisEndpointError) {
        let mark = text.firstIndex(of: "?")
        let rawPath = text[..<(mark ?? text.endIndex)]
        let path = try decoded(rawPath.dropping(prefix: "//") ?? rawPath, as: "path")
        guard path.hasPrefix("/") else { throw RedisEndpointError(reason: "the socket's path does not begin with /") }
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
            default: throw RedisEndpointError(reason: "unknown option \(part[..<equals]); known: db, user, password")
            }
        }
        guard user == nil || password != nil else { throw RedisEndpointError(reason: "a user without a password") }
    }

    private static func database(_ text: Substring) throws(RedisEndpointError) -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
            number <= Int(Int32.max)
        else { throw RedisEndpointError(reason: "the database is no number: it stands after the host's / or in ?db=") }
        return number
    }
}

/// Undoes percent-encoding.
private func decoded(_ text: Substring, as what: String) throws(RedisEndpointError) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2, let value = hexadecimalByte(rest.prefix(2)) else {
            throw RedisEndpointError(reason: "a % in the \(what) is not followed by two hexadecimal digits")
        }
        bytes.append(value)
        rest.removeFirst(2)
    }
    guard !bytes.contains(0), let result = String(validating: bytes, as: UTF8.self) else {
        throw RedisEndpointError(reason: "the \(what) is not UTF-8 text")
    }
    return result
}

private func hexadecimalByte(_ digits: ArraySlice<UInt8>) -> UInt8? {
    guard digits.allSatisfy({ (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }) else {
        return nil
    }
    return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
}

extension StringProtocol where SubSequence == Substring {
    /// What follows `prefix`; nil when the text does not begin with it.
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
