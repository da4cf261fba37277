/// One HTTP request as the program behind nginx sees it. Knows no transport: libfcgi, CGI and tests make the same value.
///
/// `remoteUser`, `allowsSuperuser`, `requestID` and `isSecure` come from parameters that only the web server can set
/// (design, section 3). Everything else is the client's word.
package struct Request: Sendable {
    /// The path as it came: percent-encoded in `REQUEST_URI`, or already decoded once by the server (`PATH_INFO`).
    package enum Path: Sendable {
        case encoded(String)
        case decoded(String)
    }

    /// Upper-case as sent: `GET`.
    package var method: String
    package var path: Path
    /// Without the question mark; empty when there is none.
    package var query: String
    package var body: [UInt8]

    /// `REMOTE_USER`: who nginx says is calling; empty counts as absent.
    package var remoteUser: String?
    /// `AUTH_SUPERUSER` is `1`: nginx lets this request use superuser rights.
    package var allowsSuperuser: Bool
    /// 32 hexadecimal digits from nginx's `$request_id`, or made here.
    package var requestID: String
    /// Whether the client's connection uses TLS.
    package var isSecure: Bool

    package var authorization: String?
    package var accept: String?
    package var contentType: String?
    package var host: String?
    package var origin: String?
    package var referer: String?
    package var secFetchSite: String?
    package var idempotencyKey: String?
    package var ifNoneMatch: String?

    package init(
        method: String, path: Path, query: String = "", body: [UInt8] = [], remoteUser: String? = nil,
        allowsSuperuser: Bool = false, requestID: String = "", isSecure: Bool = true, authorization: String? = nil,
        accept: String? = nil, contentType: String? = nil, host: String? = nil, origin: String? = nil,
        referer: String? = nil, secFetchSite: String? = nil, idempotencyKey: String? = nil,
        ifNoneMatch: String? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.remoteUser = remoteUser
        self.allowsSuperuser = allowsSuperuser
        self.requestID = requestID
        self.isSecure = isSecure
        self.authorization = authorization
        self.accept = accept
        self.contentType = contentType
        self.host = host
        self.origin = origin
        self.referer = referer
        self.secFetchSite = secFetchSite
        self.idempotencyKey = idempotencyKey
        self.ifNoneMatch = ifNoneMatch
    }
}
