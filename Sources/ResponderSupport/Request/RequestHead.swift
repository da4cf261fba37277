import Glibc
import Handlers
import Model

/// A request made of its parameters, before the body is read.
struct RequestHead {
    /// Without its body.
    let request: Request
    /// The announced length in bytes; within the limit.
    let contentLength: Int
    /// Whether the web server passed a user name without authenticating the user (no `AUTH_TYPE`). The request is
    /// anonymous then.
    let hasUncheckedUser: Bool

    /// Makes the request of the web server's parameters.
    ///
    /// `REMOTE_USER` counts only with a non-empty `AUTH_TYPE` (RFC 3875, 4.1.1 and 4.1.11): nginx fills `$remote_user`
    /// from any `Authorization: Basic` header, and Debian's `fastcgi_params` passes it on, whether or not a password
    /// was checked.
    ///
    /// A parameter about the caller that is passed twice is refused, whatever its values: the web server's
    /// configuration contradicts itself, and the first value would silently make the caller anonymous or somebody else.
    ///
    /// - Parameters:
    ///   - requestID: the id of the request, from the web server or generated.
    ///   - readsSessions: whether the parameters that only sessions need are read.
    init(
        _ parameters: ParameterTable, limits: RequestLimits, requestID: String, readsSessions: Bool = false
    ) throws(RequestRefusal) {
        try Self.checkSize(parameters, limits)
        if let repeated = parameters.repeated { throw .repeatedParameter(repeated) }
        guard let method = parameters.nonEmpty(.requestMethod) else { throw .missingParameter(.requestMethod) }
        guard let (path, query) = Self.target(parameters) else { throw .missingParameter(.requestURI) }
        guard query.utf8.count <= limits.queryBytes else { throw .queryTooLong(limit: limits.queryBytes) }
        contentLength = try Self.contentLength(parameters, limit: max(limits.bodyBytes, limits.importBytes))
        let isUserChecked = parameters.length(of: .authType) > 0
        hasUncheckedUser = !isUserChecked && parameters.length(of: .remoteUser) > 0
        request = Request(
            method: method, path: path, query: query,
            remoteUser: isUserChecked ? parameters.nonEmpty(.remoteUser) : nil,
            allowsSuperuser: parameters.has(.authSuperuser, "1"), requestID: requestID,
            isSecure: Self.isOn(parameters.bytes(of: .https)) || parameters.has(.requestScheme, "https"),
            authorization: parameters.nonEmpty(.authorization) ?? parameters.nonEmpty(.redirectedAuthorization),
            accept: parameters[.accept, usual: "application/json"], contentType: parameters[.contentType],
            host: parameters[.host],
            origin: parameters[.origin], referer: parameters[.referer], secFetchSite: parameters[.secFetchSite],
            idempotencyKey: parameters[.idempotencyKey], ifNoneMatch: parameters.nonEmpty(.ifNoneMatch),
            ifMatch: parameters.nonEmpty(.ifMatch),
            contentEncoding: parameters.nonEmpty(.contentEncoding),
            cookie: readsSessions ? parameters[.cookie].map { Secret($0) } : nil,
            csrfToken: readsSessions ? parameters[.csrfToken].map { Secret($0) } : nil,
            remoteAddress: readsSessions ? parameters[.remoteAddress] : nil, relay: Self.relay(parameters))
    }

    private static func relay(_ parameters: ParameterTable) -> RelayHeaders? {
        guard let signature = parameters.nonEmpty(.hookSignature) else { return nil }
        return RelayHeaders(
            resource: parameters.nonEmpty(.hookResource), signature: signature,
            requestID: parameters.nonEmpty(.webhookRequestID))
    }

    private static func checkSize(_ parameters: ParameterTable, _ limits: RequestLimits) throws(RequestRefusal) {
        guard parameters.length(of: .queryString) <= limits.queryBytes else {
            throw .queryTooLong(limit: limits.queryBytes)
        }
        guard parameters.count <= limits.parameterCount else {
            throw .tooManyParameters(limit: limits.parameterCount)
        }
        guard parameters.byteCount <= limits.parameterBytes else {
            throw .parametersTooLong(limit: limits.parameterBytes)
        }
    }

    /// `PATH_INFO` is the part of the path after a CGI program's name, decoded by the server. Without it the program
    /// serves the whole site and `REQUEST_URI` is the path. Nil when both are missing.
    private static func target(_ parameters: ParameterTable) -> (path: Request.Path, query: String)? {
        if let pathInfo = parameters.nonEmpty(.pathInfo) {
            return (.decoded(pathInfo), parameters[.queryString] ?? "")
        }
        guard let uri = parameters.bytes(of: .requestURI), !uri.isEmpty else { return nil }
        guard let mark = uri.firstIndex(of: UInt8(ascii: "?")) else {
            return (.encoded(String(decoding: uri, as: UTF8.self)), "")
        }
        return (
            .encoded(String(decoding: UnsafeBufferPointer(rebasing: uri[..<mark]), as: UTF8.self)),
            String(decoding: UnsafeBufferPointer(rebasing: uri[(mark + 1)...]), as: UTF8.self)
        )
    }

    /// The log's form of a refused request: method and path, as far as they were passed.
    static func refused(_ parameters: ParameterTable, requestID: String) -> Request {
        Request(
            method: parameters[.requestMethod] ?? "", path: target(parameters)?.path ?? .encoded(""),
            requestID: requestID)
    }

    /// `on` in any case.
    private static func isOn(_ value: UnsafeBufferPointer<UInt8>?) -> Bool {
        guard let value, value.count == 2 else { return false }
        return value[0] | 0x20 == UInt8(ascii: "o") && value[1] | 0x20 == UInt8(ascii: "n")
    }

    private static func contentLength(_ parameters: ParameterTable, limit: Int) throws(RequestRefusal) -> Int {
        guard let text = parameters.bytes(of: .contentLength), !text.isEmpty else {
            // A chunked body that the web server passes on while it arrives: its length is not known.
            if parameters.length(of: .transferEncoding) > 0 { throw .lengthRequired }
            return 0
        }
        var length = 0
        var isTooLong = false
        for byte in text {
            guard (48...57).contains(byte) else { throw .malformedContentLength }
            // A number beyond 64 bits is above any limit.
            let (product, isOverflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, isOverflowToo) = product.addingReportingOverflow(Int(byte) - 48)
            length = sum
            isTooLong = isTooLong || isOverflow || isOverflowToo
        }
        guard !isTooLong, length <= limit else { throw .bodyTooLong(limit: limit) }
        return length
    }
}

/// Limits of a request's size; beyond one the response is a 4xx that names it.
package struct RequestLimits: Hashable, Sendable {
    package var parameterCount: Int
    /// Names and values together.
    package var parameterBytes: Int
    package var queryBytes: Int
    package var bodyBytes: Int
    /// The limit of a directory document that is imported, in place of `bodyBytes`.
    package var importBytes: Int

    package init(
        parameterCount: Int = 256, parameterBytes: Int = 64 << 10, queryBytes: Int = 16 << 10,
        bodyBytes: Int = 1 << 20, importBytes: Int = 0
    ) {
        self.parameterCount = parameterCount
        self.parameterBytes = parameterBytes
        self.queryBytes = queryBytes
        self.bodyBytes = bodyBytes
        self.importBytes = importBytes
    }
}

/// The id of one request in every log.
enum RequestID {
    /// The longest id that is accepted from the web server.
    static let maximumLength = 64

    /// The web server's id if it consists of 1 to 64 letters, digits and hyphens, else 32 random hexadecimal digits.
    static func from(_ parameter: UnsafeBufferPointer<UInt8>?) -> String {
        guard let parameter, (1...maximumLength).contains(parameter.count), parameter.allSatisfy(isAllowed)
        else { return random() }
        return String(decoding: parameter, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}
