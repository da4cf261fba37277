import Handlers

/// Writes a response as CGI has it: `Status`, headers, an empty line, the body.
enum ResponseHead {
    /// The whole answer in one block.
    static func bytes(of response: Response, requestID: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + (response.omitsBody ? 0 : response.body.count))
        append("Status", "\(response.status) \(reason(response.status))", to: &bytes)
        for (name, value) in response.headers { append(name, value, to: &bytes) }
        if hasLength(response.status) { append("Content-Length", String(response.body.count), to: &bytes) }
        append("X-Request-ID", requestID, to: &bytes)
        bytes.append(contentsOf: [13, 10])
        if !response.omitsBody { bytes.append(contentsOf: response.body) }
        return bytes
    }

    /// Control characters become spaces, so that no value can begin a header of its own.
    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8.lazy.map(printable))
        bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
        bytes.append(contentsOf: value.utf8.lazy.map(printable))
        bytes.append(contentsOf: [13, 10])
    }

    private static func printable(_ byte: UInt8) -> UInt8 {
        byte < 0x20 || byte == 0x7F ? UInt8(ascii: " ") : byte
    }

    /// RFC 9110, 8.6: not with these.
    private static func hasLength(_ status: Int) -> Bool {
        status != 204 && status != 304
    }

    private static func reason(_ status: Int) -> String {
        reasons[status] ?? "Unknown"
    }

    /// RFC 9110 and RFC 6585.
    private static let reasons = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 301: "Moved Permanently", 302: "Found",
        304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 422: "Unprocessable Content",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    ]
}
