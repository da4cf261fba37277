/// What is done at one place of the API. One type and one file per endpoint; `Route` lists them.
protocol Endpoint: SendableMetatype {
    /// Whether the endpoint has a `GET`, and with it `HEAD`.
    static var acceptsGet: Bool { get }

    /// Whether the endpoint has a `POST`.
    static var acceptsPost: Bool { get }

    /// Whether a `GET` is answered with a tag, and with 304 where the client has that answer already.
    static var isConditional: Bool { get }

    /// Who may come in at all, asked before anything that the path names is looked up, so that an outsider learns
    /// nothing about what exists. Fails with 401 or 403.
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure)

    /// Looks up what the path names, asks whether the caller may do this to it, and does it.
    static func answer(_ visit: RequestState) throws(HTTPFailure) -> Reply
}

extension Endpoint {
    static var acceptsGet: Bool { true }
    static var isConditional: Bool { false }

    /// The value of `Allow`: the original's order (contract 2.7).
    static var allow: StaticString {
        switch (acceptsGet, acceptsPost) {
        case (true, true): "GET, POST, HEAD, OPTIONS"
        case (true, false): "GET, HEAD, OPTIONS"
        case (false, true): "POST, OPTIONS"
        case (false, false): "OPTIONS"
        }
    }
}

/// What the variable parts of a path name.
struct PathNames: Equatable {
    /// The app or the installation.
    var target: String
    /// What of it, on paths that go on behind it: the id of a request.
    var item: String?
}

/// A request that has come as far as its endpoint: caller known, and let in.
///
/// An object, because it is handed on from step to step: copying a reference is cheaper than copying fifty fields.
final class RequestState {
    let request: Request
    let method: Method
    let names: PathNames
    let parameters: QueryParameters
    let caller: Caller
    private let shared: SharedDependencies

    init(
        request: Request, method: Method, names: PathNames, parameters: QueryParameters, caller: Caller,
        dependencies: SharedDependencies
    ) {
        self.request = request
        self.method = method
        self.names = names
        self.parameters = parameters
        self.caller = caller
        shared = dependencies
    }

    var dependencies: Dependencies { shared.value }
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
    /// The tag of `body`, where it is known already.
    var tag: EntityTag?
    /// Stored elements left out because they are unreadable.
    var skippedElements = 0
}
