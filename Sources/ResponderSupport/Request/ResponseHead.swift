import Handlers

/// Writes the head of a CGI response (RFC 3875 6): `Status`, headers, an empty line.
enum ResponseHead {
    /// Bytes for all lines but the response's headers: status and reason, length, request id.
    private static let capacity = 192

    /// - Parameter requestID: letters, digits and hyphens, as `RequestID` returns it.
    static func bytes(of response: Response, requestID: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(response.headers.lines.count + capacity)
        bytes.append(literal: "Status: ")
        bytes.append(decimal: Int64(response.status))
        bytes.append(UInt8(ascii: " "))
        bytes.append(literal: reason(response.status))
        bytes.append(literal: "\r\n")
        bytes.append(contentsOf: response.headers.lines)
        if hasLength(response.status) {
            bytes.append(literal: "Content-Length: ")
            bytes.append(decimal: Int64(response.body.count))
            bytes.append(literal: "\r\n")
        }
        bytes.append(literal: "X-Request-ID: ")
        bytes.append(contentsOf: requestID.utf8)
        bytes.append(literal: "\r\n\r\n")
        return bytes
    }

    /// RFC 9110 8.6 forbids a length with these statuses.
    private static func hasLength(_ status: Int) -> Bool {
        status != 204 && status != 304
    }

    /// The reason phrases of RFC 9110 and RFC 6585.
    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        default: "Unknown"
        }
    }
}
