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

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        append(name, to: &bytes)
        bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
        append(value, to: &bytes)
        bytes.append(contentsOf: [13, 10])
    }

    /// Control characters become spaces, so that no value can begin a header of its own.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { characters in
            if characters.contains(where: isControl) {
                bytes.append(contentsOf: characters.map { isControl($0) ? UInt8(ascii: " ") : $0 })
            } else {
                bytes.append(contentsOf: characters)
            }
        }
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
