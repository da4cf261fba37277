import Model

/// The headers of every response (docs/protocol.md 2.7 and 2.8), in the order they are sent.
enum StandardHeaders {
    static let json: StaticString = "application/json"
    static let html: StaticString = "text/html; charset=utf-8"
    static let plainText: StaticString = "text/plain"

    /// A response of the API has about 600 bytes of headers, those of its endpoint included.
    private static let typicalCount = 800

    /// Headers of a response of the API.
    static func ofAPI(
        request: Request, contentType: StaticString, allow: StaticString, rules: ProtocolRules
    ) -> ResponseHeaders {
        var headers = ResponseHeaders(capacity: typicalCount)
        headers.append(literal: "Content-Type: ")
        headers.append(literal: contentType)
        headers.append(literal: varyingWithUser)
        headers.append(literal: "Allow: ")
        headers.append(literal: allow)
        headers.append(literal: "\r\nAccess-Control-Allow-Methods: ")
        headers.append(literal: allow)
        headers.append(literal: allowedHeaders)
        headers.append(literal: rules.includes(.moreExposedHeaders) ? manyExposedHeaders : exposedHeaders)
        headers.append(literal: "Access-Control-Allow-Origin: ")
        headers.appendPlain(allowedOrigin(for: request))
        headers.append(literal: "\r\n")
        headers.append(literal: protecting)
        return headers
    }

    /// Headers of a response that is not the API's.
    static func plain(contentType: StaticString) -> ResponseHeaders {
        var headers = ResponseHeaders(capacity: 320)
        headers.append(literal: "Content-Type: ")
        headers.append(literal: contentType)
        headers.append(literal: varying)
        headers.append(literal: protecting)
        return headers
    }

    private static let varying: StaticString = "\r\nVary: Accept-Language\r\n"
    private static let varyingWithUser: StaticString = "\r\nVary: Accept-Language, Cookie\r\n"

    private static let allowedHeaders: StaticString = """
        \r
        Access-Control-Allow-Headers: X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Authentication, \
        Authorization, Content-Encoding, sentry-trace, baggage, X-CSRFToken\r

        """

    private static let exposedHeaders: StaticString = "Access-Control-Expose-Headers: X-Sentry-Error, Retry-After\r\n"
    private static let manyExposedHeaders: StaticString = """
        Access-Control-Expose-Headers: X-Sentry-Error, X-Sentry-Direct-Hit, X-Hits, X-Max-Hits, Endpoint, \
        Retry-After, Link\r

        """

    private static let protecting: StaticString = """
        X-Frame-Options: deny\r
        X-Content-Type-Options: nosniff\r
        X-XSS-Protection: 1; mode=block\r
        Content-Language: en\r

        """

    /// The longest origin that is repeated in a response, in bytes. A real one has a host name of at most 253 bytes.
    /// All headers must fit into nginx's buffer (`Paging.maximumLinkBytes`).
    static let maximumOriginBytes = 1 << 10

    /// The origin of the page that sent the request, from `Origin` or else from `Referer`; `*` where neither is there
    /// or valid in a header, and where it is too long. Credentials are never allowed.
    private static func allowedOrigin(for request: Request) -> String {
        if let origin = request.origin, !origin.isEmpty {
            return origin != "null" && origin.withBytes(isRepeatable) ? origin : "*"
        }
        return request.referer?.withBytes(origin(of:)) ?? "*"
    }

    /// What comes before the path, the query and the fragment of an address; nil where that is not valid in a header.
    private static func origin(of address: UnsafeBufferPointer<UInt8>) -> String? {
        guard let colon = address.firstIndex(of: UInt8(ascii: ":")),
            address.count >= colon + 3, address[colon + 1] == slash, address[colon + 2] == slash
        else { return nil }
        var end = colon + 3
        while end < address.count, !isDelimiter(address[end]) { end += 1 }
        let origin = UnsafeBufferPointer(rebasing: address[..<end])
        return isRepeatable(origin) ? String(decoding: origin, as: UTF8.self) : nil
    }

    private static let slash = UInt8(ascii: "/")

    private static func isDelimiter(_ byte: UInt8) -> Bool {
        byte == slash || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    private static func isRepeatable(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= maximumOriginBytes else { return false }
        for byte in bytes where byte <= 0x20 || byte >= 0x7F { return false }
        return true
    }
}
