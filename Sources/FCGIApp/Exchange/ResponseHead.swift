import Handlers

/// Writes what goes before a response's body, as CGI has it: `Status`, headers, an empty line.
enum ResponseHead {
    /// An answer of the API has about 700 bytes.
    private static let typicalCount = 1024

    static func bytes(of response: Response, requestID: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(typicalCount)
        append("Status", "\(response.status) \(reason(response.status))", to: &bytes)
        for (name, value) in response.headers { append(name, value, to: &bytes) }
        if hasLength(response.status) { append("Content-Length", String(response.body.count), to: &bytes) }
        append("X-Request-ID", requestID, to: &bytes)
        appendLineEnd(to: &bytes)
        return bytes
    }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        append(name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        append(value, to: &bytes)
        appendLineEnd(to: &bytes)
    }

    private static func appendLineEnd(to bytes: inout [UInt8]) {
        bytes.append(13)
        bytes.append(10)
    }

    /// Control characters become spaces, so that no value can begin a header of its own.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        for index in start..<bytes.count where isControl(bytes[index]) { bytes[index] = UInt8(ascii: " ") }
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F
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
