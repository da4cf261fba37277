/// The parameters that Hookline reads.
///
/// Names that begin with `HTTP_` hold the client's words, all others the web server's. `HTTP_PROXY` is not among them:
/// whatever a client says there means nothing here.
enum Parameter: Int, CaseIterable {
    case requestMethod, requestURI, pathInfo, queryString
    case contentLength, contentType
    case https, requestScheme, remoteAddress
    case authType, remoteUser, authSuperuser, requestID
    case authorization, redirectedAuthorization
    case accept, host, origin, referer, secFetchSite, idempotencyKey, ifNoneMatch

    /// What web servers call it.
    var name: StaticString {
        switch self {
        case .requestMethod: "REQUEST_METHOD"
        case .requestURI: "REQUEST_URI"
        case .pathInfo: "PATH_INFO"
        case .queryString: "QUERY_STRING"
        case .contentLength: "CONTENT_LENGTH"
        case .contentType: "CONTENT_TYPE"
        case .https: "HTTPS"
        case .requestScheme: "REQUEST_SCHEME"
        case .remoteAddress: "REMOTE_ADDR"
        case .authType: "AUTH_TYPE"
        case .remoteUser: "REMOTE_USER"
        case .authSuperuser: "AUTH_SUPERUSER"
        case .requestID: "REQUEST_ID"
        case .authorization: "HTTP_AUTHORIZATION"
        // What Apache makes of a variable named HTTP_AUTHORIZATION that a rewrite rule has set.
        case .redirectedAuthorization: "REDIRECT_HTTP_AUTHORIZATION"
        case .accept: "HTTP_ACCEPT"
        case .host: "HTTP_HOST"
        case .origin: "HTTP_ORIGIN"
        case .referer: "HTTP_REFERER"
        case .secFetchSite: "HTTP_SEC_FETCH_SITE"
        case .idempotencyKey: "HTTP_IDEMPOTENCY_KEY"
        case .ifNoneMatch: "HTTP_IF_NONE_MATCH"
        }
    }
}
