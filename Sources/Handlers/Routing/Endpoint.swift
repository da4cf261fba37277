import Directory
import Model

/// The implementation of one route of the API. One type and one file per endpoint; `Route` lists them.
protocol Endpoint: SendableMetatype {
    /// Whether the endpoint has a `GET`, and with it `HEAD`.
    static var acceptsGet: Bool { get }

    /// Whether the endpoint has a `POST`.
    static var acceptsPost: Bool { get }

    /// Whether the endpoint has a `PUT`.
    static var acceptsPut: Bool { get }

    /// Whether the endpoint has a `DELETE`.
    static var acceptsDelete: Bool { get }

    /// Whether the response to `GET` has a tag, and is 304 where the client has it already.
    static var isConditional: Bool { get }

    /// The change of the protocol with which the endpoint is gone; nil = every release has it.
    static var removal: ProtocolChange? { get }

    /// The longest body that a `POST` or a `PUT` reads, in bytes; a longer one is not received, and is 413 where it is
    /// read.
    static func bodyLimit(_ limits: EventLimits) -> Int

    /// Authorizes the caller before anything that the path names is looked up, so that outsiders cannot find out what
    /// exists. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure)

    /// Looks up what the path names, authorizes the caller for it, and carries the request out.
    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult
}

extension Endpoint {
    static var acceptsGet: Bool { true }
    static var acceptsPut: Bool { false }
    static var acceptsDelete: Bool { false }
    static var isConditional: Bool { false }
    static var removal: ProtocolChange? { nil }

    /// Enough for a few names.
    static func bodyLimit(_ limits: EventLimits) -> Int { Service.smallBodyBytes }

    /// The value of `Allow`, in the original's order (docs/protocol.md 2.7).
    static var allow: StaticString {
        switch (acceptsGet, acceptsPost) {
        case (true, true): "GET, POST, HEAD, OPTIONS"
        case (true, false):
            if acceptsDelete {
                acceptsPut ? "GET, PUT, DELETE, HEAD, OPTIONS" : "GET, DELETE, HEAD, OPTIONS"
            } else {
                "GET, HEAD, OPTIONS"
            }
        case (false, true): acceptsDelete ? "POST, DELETE, OPTIONS" : "POST, OPTIONS"
        case (false, false): acceptsDelete ? "DELETE, OPTIONS" : "OPTIONS"
        }
    }
}

/// An endpoint of an app, below `/api/0/sentry-apps/{slug}/`.
protocol AppEndpoint: Endpoint {
    /// Who may use it, checked before the app is looked up and again when it is known.
    static var permission: any Permission.Type { get }

    /// Whether it is one of the original's endpoints that an option lets refuse disabled apps (docs/protocol.md 12.2).
    static var mayRefuseDisabledApps: Bool { get }

    /// Responds to an authorized request. For `HEAD` the body is left out later.
    static func respond(to context: borrowing RequestContext, app: SentryApp) throws(HTTPFailure) -> EndpointResult
}

extension AppEndpoint {
    static var mayRefuseDisabledApps: Bool { false }

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        try permission.admit(caller, method: method, rules: rules)
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        guard let app = try context.namedApp() else { throw .unknownApp(under: context.rules) }
        let access = context.access
        try access.requireOwner(of: app)
        try permission.admit(context.caller, method: context.method, to: app, access: access)
        if mayRefuseDisabledApps { try context.requireEnabled(app) }
        return try respond(to: context, app: app)
    }
}

extension RequestContext {
    /// The app that the path names by its slug, or by its id where that is allowed: only digits are an id then.
    func namedApp() throws(HTTPFailure) -> SentryApp? {
        let name = names.target
        guard rules.includes(.appsByID), name.utf8.allSatisfy({ (48...57).contains($0) }) else {
            return try orUnavailable(directory.app(slug: name))
        }
        guard let id = Int64(name) else { return nil }
        return try orUnavailable(directory.app(id: id))
    }
}

/// The variable parts of a path.
struct PathNames: Equatable {
    /// The slug of the app or the organization, or the UUID of the installation.
    var target: String
    /// The id of a request, a dead letter or a redelivery job, on paths that have one.
    var item: String?
}

/// The methods that endpoints distinguish.
enum Method: Sendable {
    case get
    case post
    case put
    case delete
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
