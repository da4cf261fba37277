/// The headers that every answer carries (contract 2.7, 2.8), in the order they are sent.
enum StandardHeaders {
    static let json = "application/json"
    static let html = "text/html; charset=utf-8"
    static let plainText = "text/plain"

    /// Headers of an answer of the API.
    ///
    /// - Parameter consultedUser: whether the answer depended on who is signed in; the original then says that it varies
    ///   with the cookie, and so do we.
    static func ofAPI(
        request: Request, contentType: String, allow: String, consultedUser: Bool
    ) -> [(name: String, value: String)] {
        [
            ("Content-Type", contentType),
            ("Vary", consultedUser ? "Accept-Language, Cookie" : "Accept-Language"),
            ("Allow", allow),
            ("Access-Control-Allow-Methods", allow),
            ("Access-Control-Allow-Headers", allowedRequestHeaders),
            ("Access-Control-Expose-Headers", "X-Sentry-Error, Retry-After"),
            ("Access-Control-Allow-Origin", allowedOrigin(for: request)),
        ] + security
    }

    /// Headers of an answer that is not the API's.
    static func plain(contentType: String) -> [(name: String, value: String)] {
        [("Content-Type", contentType), ("Vary", "Accept-Language")] + security
    }

    private static let security = [
        ("X-Frame-Options", "deny"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-XSS-Protection", "1; mode=block"),
        ("Content-Language", "en"),
    ]

    private static let allowedRequestHeaders =
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Authentication, Authorization, "
        + "Content-Encoding, sentry-trace, baggage, X-CSRFToken"

    /// The asking page's origin, from `Origin` or else from `Referer`; `*` where neither names one, or where what they
    /// name has no place in a header. Never comes with leave to send credentials.
    private static func allowedOrigin(for request: Request) -> String {
        if request.origin == "null" { return "*" }
        if let origin = request.origin, !origin.isEmpty { return isHeaderSafe(origin) ? origin : "*" }
        guard let referer = request.referer, let colon = referer.firstIndex(of: ":"), referer[colon...].hasPrefix("://")
        else { return "*" }
        let authority = referer[referer.index(colon, offsetBy: 3)...].prefix { !"/?#".contains($0) }
        let origin = referer[..<colon] + "://" + authority
        return isHeaderSafe(origin) ? String(origin) : "*"
    }

    private static func isHeaderSafe(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
