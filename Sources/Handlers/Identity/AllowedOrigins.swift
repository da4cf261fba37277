/// Which pages may use an application's token from a browser.
enum AllowedOrigins {
    /// Whether `origin` matches one of `patterns`: `*`, a host, `*.domain`, `host:port`, or one of these after a scheme.
    /// Case does not matter.
    static func allow(_ origin: String, patterns: [String]) -> Bool {
        let origin = origin.lowercased()
        let (scheme, authority) = parts(of: origin)
        let name = authority.split(separator: ":", omittingEmptySubsequences: false).first ?? ""

        return patterns.contains { pattern in
            let pattern = pattern.lowercased()
            if pattern == "*" || pattern == origin { return true }
            let (patternScheme, patternAuthority) = parts(of: pattern)
            guard patternScheme.isEmpty || patternScheme == "*" || patternScheme == scheme else { return false }
            if patternAuthority == "*" || patternAuthority == authority || patternAuthority == name { return true }
            guard patternAuthority.hasPrefix("*.") else { return false }
            return name.hasSuffix(patternAuthority.dropFirst()) || name == patternAuthority.dropFirst(2)
        }
    }

    /// The scheme, empty when there is none, and what follows it up to a slash.
    private static func parts(of text: String) -> (scheme: Substring, authority: Substring) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            return ("", text.prefix { $0 != "/" })
        }
        return (text[..<colon], text[text.index(colon, offsetBy: 3)...].prefix { $0 != "/" })
    }
}
