import Model

/// What is done at one place below `/api/0/sentry-apps/{slug}/`. One type and one file per endpoint; `Route` lists them.
protocol Endpoint: SendableMetatype {
    /// Whether the endpoint has a `POST`; every one has `GET`, and with it `HEAD`.
    static var acceptsPost: Bool { get }

    /// Who may come in, asked before the app is looked up and again when it is known.
    static var permission: any Permission.Type { get }

    /// Answers `GET`, `HEAD` (the exchange leaves the body out) and, with `acceptsPost`, `POST`.
    static func respond(to call: AppCall) throws(HTTPFailure) -> Reply
}

extension Endpoint {
    /// The value of `Allow`: the original's order (contract 2.7).
    static var allow: String { acceptsPost ? "GET, POST, HEAD, OPTIONS" : "GET, HEAD, OPTIONS" }
}

/// A request that has come as far as its endpoint: caller known, app found, access granted.
struct AppCall {
    let request: Request
    let method: Method
    let parameters: QueryParameters
    let caller: Caller
    let app: SentryApp
    let dependencies: Dependencies
}

/// The methods that endpoints tell apart.
enum Method: Sendable {
    case get
    case post
}

/// What an endpoint answers when all is well.
struct Reply {
    var status = 200
    /// JSON, compact.
    var body: [UInt8]
    /// Beside those that every answer has.
    var headers: [(name: String, value: String)] = []
    /// Stored elements left out because they are unreadable.
    var skippedElements = 0
}
