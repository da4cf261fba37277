import Glibc

/// The parameters that Hookline reads.
///
/// Names that begin with `HTTP_` hold what the client sent, all others what the web server set (docs/security.md).
/// `HTTP_PROXY` is never read.
package enum Parameter: Int, CaseIterable, Sendable {
    case requestMethod, requestURI, pathInfo, queryString
    case contentLength, contentType
    case https, requestScheme, remoteAddress
    case authType, remoteUser, authSuperuser, requestID
    case authorization, redirectedAuthorization
    case accept, host, origin, referer, secFetchSite, idempotencyKey, ifNoneMatch, ifMatch
    case contentEncoding, transferEncoding
    /// Read only with a signature: those of a webhook that is to be relayed.
    case hookSignature, hookResource, webhookRequestID
    /// Read only where sessions of the original are recognized.
    case cookie, csrfToken

    /// Whether the parameter says who the caller is or what the caller may do. If it is passed twice, it is not clear
    /// which one counts.
    var isAboutCaller: Bool {
        self == .remoteUser || self == .authSuperuser || self == .authType
    }

    /// Its CGI name (RFC 3875 4.1).
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
        // Apache's name for HTTP_AUTHORIZATION when a rewrite rule has set it.
        case .redirectedAuthorization: "REDIRECT_HTTP_AUTHORIZATION"
        case .accept: "HTTP_ACCEPT"
        case .host: "HTTP_HOST"
        case .origin: "HTTP_ORIGIN"
        case .referer: "HTTP_REFERER"
        case .secFetchSite: "HTTP_SEC_FETCH_SITE"
        case .idempotencyKey: "HTTP_IDEMPOTENCY_KEY"
        case .ifNoneMatch: "HTTP_IF_NONE_MATCH"
        case .ifMatch: "HTTP_IF_MATCH"
        case .contentEncoding: "HTTP_CONTENT_ENCODING"
        case .transferEncoding: "HTTP_TRANSFER_ENCODING"
        case .hookSignature: "HTTP_SENTRY_HOOK_SIGNATURE"
        case .hookResource: "HTTP_SENTRY_HOOK_RESOURCE"
        case .webhookRequestID: "HTTP_REQUEST_ID"
        case .cookie: "HTTP_COOKIE"
        case .csrfToken: "HTTP_X_CSRFTOKEN"
        }
    }
}

/// Finds a parameter by its name, in a hash table with linear probing. Each request has two dozen names, many of which
/// are not read.
///
/// The hash is made of a name's length and one letter, so that an unknown name is nearly always rejected without a
/// comparison.
final class ParameterNames: Sendable {
    static let known = ParameterNames()

    /// A power of two, several times the number of names.
    private static let slotCount = 128
    /// The hashed letter, counted from the end: it differs between names of one length.
    private static let letter = 3
    /// Spreads the lengths so that no two known names share a slot.
    private static let factor = 41

    private struct Slot {
        var name: StaticString = ""
        var parameter: Parameter?
    }

    private let slots: [Slot]

    private init() {
        var slots = [Slot](repeating: Slot(), count: Self.slotCount)
        for parameter in Parameter.allCases {
            let name = parameter.name
            var index = Self.firstIndex(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
            while slots[index].parameter != nil { index = Self.index(after: index) }
            slots[index] = Slot(name: name, parameter: parameter)
        }
        self.slots = slots
    }

    /// The parameter of this name; nil when Hookline does not read it.
    func parameter(_ name: UnsafeBufferPointer<UInt8>) -> Parameter? {
        guard name.count >= Self.letter else { return nil }
        var index = Self.firstIndex(name)
        while let parameter = slots[index].parameter {
            if Self.isSame(slots[index].name, name) { return parameter }
            index = Self.index(after: index)
        }
        return nil
    }

    private static func firstIndex(_ name: UnsafeBufferPointer<UInt8>) -> Int {
        (name.count &* factor &+ Int(name[name.count - letter])) & (slotCount - 1)
    }

    private static func index(after index: Int) -> Int {
        (index + 1) & (slotCount - 1)
    }

    private static func isSame(_ known: StaticString, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard known.utf8CodeUnitCount == name.count, let start = name.baseAddress else { return false }
        return memcmp(known.utf8Start, start, name.count) == 0
    }
}
