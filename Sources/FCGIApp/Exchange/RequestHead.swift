import Handlers

/// The request as its parameters tell it, before the body is read.
struct RequestHead {
    var request: Request
    /// As announced; within the limit.
    var contentLength: Int

    /// Makes the request from what the web server passed.
    ///
    /// - Parameter requestID: used where the web server gave none.
    init(
        _ parameters: ParameterTable, limits: RequestLimits, requestID: String
    ) throws(RequestRefusal) {
        try Self.checkSize(parameters, limits)
        guard let method = parameters[.requestMethod], !method.isEmpty else {
            throw .missingParameter(.requestMethod)
        }
        let (path, query) = try Self.target(parameters)
        guard query.utf8.count <= limits.queryBytes else { throw .queryTooLong(limit: limits.queryBytes) }
        contentLength = try Self.contentLength(parameters[.contentLength], limit: limits.bodyBytes)
        request = Request(
            method: method, path: path, query: query, remoteUser: nonEmpty(parameters[.remoteUser]),
            allowsSuperuser: parameters[.authSuperuser] == "1", requestID: requestID,
            isSecure: parameters[.https]?.lowercased() == "on" || parameters[.requestScheme] == "https",
            authorization: nonEmpty(parameters[.authorization]) ?? nonEmpty(parameters[.redirectedAuthorization]),
            accept: parameters[.accept], contentType: parameters[.contentType], host: parameters[.host],
            origin: parameters[.origin], referer: parameters[.referer], secFetchSite: parameters[.secFetchSite],
            idempotencyKey: nonEmpty(parameters[.idempotencyKey]), ifNoneMatch: nonEmpty(parameters[.ifNoneMatch]))
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

    /// `PATH_INFO` is what remains of the path behind a CGI program's own name, decoded by the server; where there is none
    /// the program stands for the whole site and `REQUEST_URI` is the path.
    private static func target(
        _ parameters: ParameterTable
    ) throws(RequestRefusal) -> (path: Request.Path, query: String) {
        if let pathInfo = nonEmpty(parameters[.pathInfo]) {
            return (.decoded(pathInfo), parameters[.queryString] ?? "")
        }
        guard let uri = nonEmpty(parameters[.requestURI]) else { throw .missingParameter(.requestURI) }
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            return (.encoded(uri), "")
        }
        return (.encoded(String(uri[..<mark])), String(uri[uri.index(after: mark)...]))
    }

    /// What the log says of a request that is refused: method and path, as far as they were passed.
    static func refused(_ parameters: ParameterTable, requestID: String) -> Request {
        let path = (try? target(parameters))?.path
        return Request(method: parameters[.requestMethod] ?? "", path: path ?? .encoded(""), requestID: requestID)
    }

    private static func contentLength(_ text: String?, limit: Int) throws(RequestRefusal) -> Int {
        guard let text = nonEmpty(text) else { return 0 }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }) else { throw .malformedContentLength }
        // A number that 64 bits cannot hold is above any limit.
        guard let length = Int(text), length <= limit else { throw .bodyTooLong(limit: limit) }
        return length
    }
}

private func nonEmpty(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0 }
}
