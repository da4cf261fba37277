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
            frameOptions, contentTypeOptions, protection, language,
        ]
    }

    /// Headers of an answer that is not the API's.
    static func plain(contentType: String) -> [(name: String, value: String)] {
        [
            ("Content-Type", contentType), ("Vary", "Accept-Language"), frameOptions, contentTypeOptions, protection,
            language,
        ]
    }

    private static let frameOptions = (name: "X-Frame-Options", value: "deny")
    private static let contentTypeOptions = (name: "X-Content-Type-Options", value: "nosniff")
    private static let protection = (name: "X-XSS-Protection", value: "1; mode=block")
    private static let language = (name: "Content-Language", value: "en")

    private static let allowedRequestHeaders =
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Authentication, Authorization, "
        + "Content-Encoding, sentry-trace, baggage, X-CSRFToken"

    /// The asking page's origin, from `Origin` or else from `Referer`; `*` where neither names one, or where what they
    /// name has no place in a header. Never comes with leave to send credentials.
    private static func allowedOrigin(for request: Request) -> String {
        if request.origin == "null" { return "*" }
        if let origin = request.origin, !origin.isEmpty { return isHeaderSafe(origin) ? origin : "*" }
        guard let referer = request.referer?.utf8, let colon = referer.firstIndex(of: UInt8(ascii: ":")),
            referer[colon...].starts(with: "://".utf8)
        else { return "*" }
        let authority = referer[colon...].dropFirst(3).prefix { byte in
            byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "#")
        }
        let origin = Substring(referer[..<authority.endIndex])
        return isHeaderSafe(origin) ? String(origin) : "*"
    }

    private static func isHeaderSafe(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
