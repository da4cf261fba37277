import Directory
import Model
import Redis
import WireJSON

/// A response that reports an error: status, body, and the cause for the operator.
struct HTTPFailure: Error, Sendable {
    var status: Int
    /// JSON, compact.
    var body: [UInt8]
    /// In addition to those of every response.
    var headers: [(name: String, value: String)] = []
    /// What the header `WWW-Authenticate` asks for; nil = there is none.
    var challenge: Challenge?
    /// The internal cause, for the error log; nil when the client caused the error. Holds no secrets.
    var cause: String?

    /// The body `{"detail": …}`.
    init(status: Int, detail: String) {
        self.status = status
        var body = Array(#"{"detail":"#.utf8)
        JSONText.append(detail, escaping: .unicode, to: &body)
        body.append(UInt8(ascii: "}"))
        self.body = body
    }

    init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// What a client is asked for by `WWW-Authenticate` (docs/protocol.md 2.7).
enum Challenge: Hashable, Sendable {
    case credentials
    /// A token with one of these scopes.
    case scopes(ScopeSet)

    /// The header's value under these rules; nil where there is none.
    func text(under rules: ProtocolRules) -> String? {
        switch self {
        case .credentials:
            return rules.includes(.bearerChallenge) ? #"Bearer realm="api""# : #"xBasic realm="api""#
        case .scopes(let scopes):
            guard rules.includes(.scopeChallenge) else { return nil }
            let names = scopes.scopes.map(\.rawValue).sorted().joined(separator: " ")
            return #"Bearer error="insufficient_scope", scope="\#(names)""#
        }
    }
}

/// The failures of docs/protocol.md 2.7, and those that stores cause.
extension HTTPFailure {
    /// How long a client should wait after a 503, in seconds: about the time that a restart of Redis takes.
    static let retryAfterSeconds = 5

    static func badRequest(_ detail: String) -> HTTPFailure {
        HTTPFailure(status: 400, detail: detail)
    }

    /// The body is the bare JSON string (docs/protocol.md 2.2).
    static func invalidOrigin(_ origin: String) -> HTTPFailure {
        var body: [UInt8] = []
        JSONText.append("Invalid origin: " + origin, escaping: .unicode, to: &body)
        return HTTPFailure(status: 400, body: body)
    }

    /// Messages for each field of a query or a body, `{"field":["message"]}` (docs/protocol.md 2.9).
    ///
    /// - Parameter messages: those of one field stand together.
    static func invalidFields(_ messages: [(field: String, message: String)]) -> HTTPFailure {
        var body: [UInt8] = []
        var previous: String?
        for (field, message) in messages {
            if field == previous {
                body.append(UInt8(ascii: ","))
            } else {
                body += Array((previous == nil ? "{" : "],").utf8)
                JSONText.append(field, escaping: .unicode, to: &body)
                body += Array(":[".utf8)
            }
            JSONText.append(message, escaping: .unicode, to: &body)
            previous = field
        }
        body += Array((previous == nil ? "{}" : "]}").utf8)
        return HTTPFailure(status: 400, body: body)
    }

    static func unauthorized(_ detail: String) -> HTTPFailure {
        var failure = HTTPFailure(status: 401, detail: detail)
        failure.challenge = .credentials
        return failure
    }

    static let notAuthenticated = unauthorized("Authentication credentials were not provided.")

    static let forbidden = HTTPFailure(
        status: 403, detail: "You do not have permission to perform this action.")

    /// A token without one of these scopes, which the method requires.
    static func missingScope(of scopes: ScopeSet) -> HTTPFailure {
        var failure = forbidden
        if !scopes.isEmpty { failure.challenge = .scopes(scopes) }
        return failure
    }

    /// The organization that owns the app does not exist: as the original responds to an unexpected state.
    static func missingOwner(of app: SentryApp) -> HTTPFailure {
        internalError(cause: "organization \(app.ownerID), which owns the app \(app.slug), does not exist")
    }

    private static func internalError(cause: String) -> HTTPFailure {
        var failure = HTTPFailure(status: 500, body: Array(#"{"detail":"Internal Error","errorId":null}"#.utf8))
        failure.cause = cause
        return failure
    }

    static let notFound = HTTPFailure(status: 404, detail: "Not found.")

    /// There is no app with this slug or id.
    static func unknownApp(under rules: ProtocolRules) -> HTTPFailure {
        rules.includes(.unknownAppMessage)
            ? HTTPFailure(status: 404, detail: "Could not find the requested sentry app") : notFound
    }

    /// The app is shown to members of its owner only (docs/protocol.md 5.5).
    ///
    /// - Parameter organizations: the slugs of those that the caller is a member of.
    static func hiddenApp(organizations: [String]) -> HTTPFailure {
        var context = JSONObjectWriter()
        context.append("user_organizations", texts: organizations)
        var json = JSONObjectWriter()
        json.append("detail", text: "User must be in the app owner's organization for unpublished apps")
        json.append("context", json: context.finish())
        return HTTPFailure(status: 403, body: json.finish())
    }

    static func methodNotAllowed(_ method: String) -> HTTPFailure {
        HTTPFailure(status: 405, detail: "Method \"\(method)\" not allowed.")
    }

    static let notAcceptable = HTTPFailure(
        status: 406, detail: "Could not satisfy the request Accept header.")

    static func unsupportedMediaType(_ contentType: String) -> HTTPFailure {
        HTTPFailure(status: 415, detail: "Unsupported media type \"\(contentType)\" in request.")
    }

    /// RFC 9110, 15.5.16: `Accept-Encoding` names the encodings that are accepted.
    static func unsupportedContentEncoding(_ encoding: String) -> HTTPFailure {
        var failure = HTTPFailure(
            status: 415, detail: "Unsupported content encoding \"\(encoding)\" in request: send it uncompressed.")
        failure.headers = [("Accept-Encoding", "identity")]
        return failure
    }

    /// The request's address, which the header `Link` repeats for each neighbouring page, is too long.
    static func linkTooLong(limit: Int) -> HTTPFailure {
        HTTPFailure(
            status: 414,
            detail: "The query string is too long for the links of a page: the limit of both together is "
                + "\(limit) bytes.")
    }

    /// The request log could not be read from Redis (docs/compatibility.md D13).
    static func logUnavailable(_ error: RedisError) -> HTTPFailure {
        unavailable(
            detail: "The request log is temporarily unavailable. Try again in a few seconds.",
            cause: error.description)
    }

    /// A lookup in the directory failed. A row with an invalid value is so at the next attempt, too.
    static func directoryUnavailable(_ error: DirectoryError) -> HTTPFailure {
        if case .corrupt = error { return internalError(cause: error.description) }
        return unavailable(
            detail: "The directory is temporarily unavailable. Try again in a few seconds.", cause: error.description)
    }

    static func unavailable(detail: String, cause: String) -> HTTPFailure {
        var failure = HTTPFailure(status: 503, detail: detail)
        failure.headers = [("Retry-After", String(retryAfterSeconds))]
        failure.cause = cause
        return failure
    }
}

/// The result of a lookup in the directory; an error becomes a 503.
func orUnavailable<Value>(
    _ lookUp: @autoclosure () throws(DirectoryError) -> Value
) throws(HTTPFailure) -> Value {
    do {
        return try lookUp()
    } catch {
        throw .directoryUnavailable(error)
    }
}

/// The result of an operation on Redis; an error becomes the failure that names what is unavailable.
func orUnavailable<Value>(
    _ failure: (RedisError) -> HTTPFailure, _ operation: @autoclosure () throws(RedisError) -> Value
) throws(HTTPFailure) -> Value {
    do {
        return try operation()
    } catch {
        throw failure(error)
    }
}
