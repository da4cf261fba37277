/// The proof that an unsafe request comes from Hookline's own pages (docs/security.md): a browser adds the web server's
/// credentials to any request, so another site's page could act in a user's name.
enum SameOrigin {
    private static let safeMethods = ["GET", "HEAD", "OPTIONS", "TRACE"]

    /// Whether `request` is safe or of the same origin. `Sec-Fetch-Site` decides where a browser sends it; otherwise
    /// the host of `Origin` must be the request's, and over TLS its scheme `https`.
    ///
    /// - Parameters:
    ///   - trustedOrigin: counts as the same origin, too. A page with its host name and another scheme does not:
    ///     anybody on the way to the browser can make a page for `http`.
    ///   - isPortKnown: whether the request's host has its port unless that is the scheme's own.
    static func isProven(
        by request: Request, trusting trustedOrigin: String? = nil, isPortKnown: Bool = false
    ) -> Bool {
        if safeMethods.contains(request.method) { return true }
        if let site = request.secFetchSite, !site.isEmpty { return site == "same-origin" || site == "none" }
        if let trustedOrigin, request.origin == trustedOrigin { return true }
        guard let origin = request.origin, let host = request.host, let separator = schemeSeparator(in: origin)
        else { return false }

        let scheme = origin[..<separator.lowerBound].lowercased()
        guard scheme == "https" || (scheme == "http" && !request.isSecure) else { return false }
        if let trustedOrigin, let end = schemeSeparator(in: trustedOrigin), scheme != trustedOrigin[..<end.lowerBound],
            split(origin[separator.upperBound...]).name.lowercased() == split(trustedOrigin[end.upperBound...]).name
        {
            return false
        }
        return isSameHost(
            origin[separator.upperBound...], host, isSecure: scheme == "https", isPortKnown: isPortKnown)
    }

    /// The response to a request without the proof: what is missing, and what programs do instead.
    ///
    /// The original checks a token in a cookie, Hookline the request's origin. The beginning is the original's, because
    /// clients look for it.
    static func failure(of request: Request) -> HTTPFailure {
        let reason =
            if let site = request.secFetchSite, !site.isEmpty {
                "its Sec-Fetch-Site is neither same-origin nor none"
            } else if let origin = request.origin, !origin.isEmpty {
                "its Origin is not this site's"
            } else {
                "it has neither Sec-Fetch-Site nor Origin, which browsers send"
            }
        return HTTPFailure(
            status: 403,
            detail: "CSRF Failed: with a password or a single sign-on, a request that changes something must come "
                + "from this site's own pages, but \(reason). Programs send an API token instead: Authorization: "
                + "Bearer.")
    }

    private static func schemeSeparator(in origin: String) -> Range<String.Index>? {
        guard let colon = origin.firstIndex(of: ":") else { return nil }
        let rest = origin[colon...]
        guard rest.hasPrefix("://") else { return nil }
        return colon..<origin.index(colon, offsetBy: 3)
    }

    /// A request's host without a port may be nginx's `$host`, which has none: then only names are compared.
    private static func isSameHost(
        _ origin: Substring, _ host: String, isSecure: Bool, isPortKnown: Bool
    ) -> Bool {
        let (originName, originPort) = split(origin)
        let (hostName, hostPort) = split(Substring(host))
        guard !originName.isEmpty, originName.lowercased() == hostName.lowercased() else { return false }
        let ownPort: Substring = isSecure ? "443" : "80"
        guard let hostPort else { return !isPortKnown || originPort == nil || originPort == ownPort }
        return (originPort ?? ownPort) == hostPort
    }

    /// The name and the port of `name:port`, `[::1]:port`, or either without the port.
    private static func split(_ authority: Substring) -> (name: Substring, port: Substring?) {
        guard let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") else {
            return (authority, nil)
        }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }
}

/// The origins of pages that may use an application's token from a browser.
enum AllowedOrigins {
    /// Whether `origin` matches one of `patterns`: `*`, a host, `*.domain`, `host:port`, or one of these after a
    /// scheme. Case does not matter.
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
