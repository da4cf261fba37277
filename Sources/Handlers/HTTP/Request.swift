package import Model

/// One HTTP request as the program behind nginx sees it. Knows no transport: libfcgi, CGI and tests make the same
/// value.
///
/// `remoteUser`, `allowsSuperuser`, `requestID`, `isSecure` and `remoteAddress` come from parameters that only the web
/// server can set (docs/security.md). Everything else is what the client sent.
///
/// An object, because copying a reference is cheaper than copying eighteen strings.
package final class Request: Sendable {
    /// The path as received: percent-encoded in `REQUEST_URI`, or already decoded once by the server (`PATH_INFO`).
    package enum Path: Sendable {
        case encoded(String)
        case decoded(String)
    }

    /// Upper-case as sent: `GET`.
    package let method: String
    package let path: Path
    /// Without the question mark; empty when there is none.
    package let query: String
    /// Empty also where the body is longer than what the endpoint reads, and was not received.
    package let body: [UInt8]
    /// The length of the body, whether it was received or not.
    package var bodyByteCount: Int { body.count + omittedBodyBytes }
    private let omittedBodyBytes: Int

    /// `REMOTE_USER`: the user that nginx has authenticated; empty counts as absent.
    package let remoteUser: String?
    /// `AUTH_SUPERUSER` is `1`: nginx lets this request use superuser rights.
    package let allowsSuperuser: Bool
    /// 32 hexadecimal digits from nginx's `$request_id`, or made here.
    package let requestID: String
    /// Whether the client's connection uses TLS.
    package let isSecure: Bool

    package let authorization: String?
    package let accept: String?
    package let contentType: String?
    package let host: String?
    package let origin: String?
    package let referer: String?
    package let secFetchSite: String?
    /// Empty when the client sent an empty header, which is no valid key.
    package let idempotencyKey: String?
    package let ifNoneMatch: String?
    package let ifMatch: String?
    /// How the body is compressed; nil when it is not.
    package let contentEncoding: String?

    /// The header `Cookie`; nil also where sessions are not recognized, as are the two below.
    package let cookie: Secret?
    /// The header `X-CSRFToken`.
    package let csrfToken: Secret?
    /// The client's address.
    package let remoteAddress: String?
    /// Nil without the header `Sentry-Hook-Signature`.
    package let relay: RelayHeaders?

    package init(
        method: String, path: Path, query: String = "", body: [UInt8] = [], omittedBodyBytes: Int = 0,
        remoteUser: String? = nil,
        allowsSuperuser: Bool = false, requestID: String = "", isSecure: Bool = true, authorization: String? = nil,
        accept: String? = nil, contentType: String? = nil, host: String? = nil, origin: String? = nil,
        referer: String? = nil, secFetchSite: String? = nil, idempotencyKey: String? = nil,
        ifNoneMatch: String? = nil, ifMatch: String? = nil, contentEncoding: String? = nil, cookie: Secret? = nil,
        csrfToken: Secret? = nil, remoteAddress: String? = nil, relay: RelayHeaders? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.omittedBodyBytes = omittedBodyBytes
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
        self.ifMatch = ifMatch
        self.contentEncoding = contentEncoding
        self.cookie = cookie
        self.csrfToken = csrfToken
        self.remoteAddress = remoteAddress
        self.relay = relay
    }

    /// The same request with its body, which is received last.
    package func with(body: [UInt8]) -> Request {
        body.isEmpty ? self : with(body: body, omittedBytes: 0)
    }

    /// The same request with a body of this length that was not received.
    package func withoutBody(byteCount: Int) -> Request {
        with(body: [], omittedBytes: byteCount)
    }

    private func with(body: [UInt8], omittedBytes: Int) -> Request {
        Request(
            method: method, path: path, query: query, body: body, omittedBodyBytes: omittedBytes,
            remoteUser: remoteUser,
            allowsSuperuser: allowsSuperuser, requestID: requestID, isSecure: isSecure, authorization: authorization,
            accept: accept, contentType: contentType, host: host, origin: origin, referer: referer,
            secFetchSite: secFetchSite, idempotencyKey: idempotencyKey, ifNoneMatch: ifNoneMatch,
            ifMatch: ifMatch, contentEncoding: contentEncoding, cookie: cookie, csrfToken: csrfToken,
            remoteAddress: remoteAddress, relay: relay)
    }
}
