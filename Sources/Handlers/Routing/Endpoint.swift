import Directory
import Model

/// The implementation of one route of the API. One type and one file per endpoint; `Route` lists them.
protocol Endpoint: SendableMetatype {
    /// Whether the endpoint has a `GET`, and with it `HEAD`.
    static var acceptsGet: Bool { get }

    /// Whether the endpoint has a `POST`.
    static var acceptsPost: Bool { get }

    /// Whether the response to `GET` has a tag, and is 304 where the client has it already.
    static var isConditional: Bool { get }

    /// The longest body that a `POST` reads, in bytes; a longer one is not received, and is 413 where it is read.
    static func bodyLimit(_ limits: EventLimits) -> Int

    /// Authorizes the caller before anything that the path names is looked up, so that outsiders cannot find out what
    /// exists. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure)

    /// Looks up what the path names, authorizes the caller for it, and carries the request out.
    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult
}

extension Endpoint {
    static var acceptsGet: Bool { true }
    static var isConditional: Bool { false }

    /// Enough for a few names.
    static func bodyLimit(_ limits: EventLimits) -> Int { Service.smallBodyBytes }

    /// The value of `Allow`, in the original's order (docs/protocol.md 2.7).
    static var allow: StaticString {
        switch (acceptsGet, acceptsPost) {
        case (true, true): "GET, POST, HEAD, OPTIONS"
        case (true, false): "GET, HEAD, OPTIONS"
        case (false, true): "POST, OPTIONS"
        case (false, false): "OPTIONS"
        }
    }
}

/// An endpoint of an app, below `/api/0/sentry-apps/{slug}/`.
protocol AppEndpoint: Endpoint {
    /// Who may use it, checked before the app is looked up and again when it is known.
    static var permission: any Permission.Type { get }

    /// Responds to an authorized request. For `HEAD` the body is left out later.
    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult
}

extension AppEndpoint {
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        try permission.admit(caller, method: method)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        guard let app = try orUnavailable(context.directory.app(slug: context.names.target)) else { throw .notFound }
        let access = context.access
        try access.requireOwner(of: app)
        try permission.admit(context.caller, method: context.method, to: app, access: access)
        return try respond(to: context, app: app)
    }
}

/// The variable parts of a path.
struct PathNames: Equatable {
    /// The slug of the app or the UUID of the installation.
    var target: String
    /// The id of a request, on paths that have one.
    var item: String?
}

/// The methods that endpoints distinguish.
enum Method: Sendable {
    case get
    case post
}

/// The successful result of an endpoint, from which the response is made.
struct EndpointResult {
    var status = 200
    /// JSON, compact.
    var body: [UInt8]
    /// In addition to those of every response.
    var headers: [(name: String, value: String)] = []
    /// The tag of `body`, if already computed.
    var tag: EntityTag?
    /// Stored elements left out because they are unreadable.
    var skippedElements = 0
    /// When the passing of time alone changes the result; nil = never.
    var expiry: Timestamp?
}
