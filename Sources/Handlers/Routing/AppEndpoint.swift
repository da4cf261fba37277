import Directory
import Model

/// An endpoint at an app, below `/api/0/sentry-apps/{slug}/`.
protocol AppEndpoint: Endpoint {
    /// Who may come in, asked before the app is looked up and again when it is known.
    static var permission: any Permission.Type { get }

    /// Answers `GET`, `HEAD` (the exchange leaves the body out) and, with `acceptsPost`, `POST`.
    static func respond(to call: AppRequestContext) throws(HTTPFailure) -> Reply
}

extension AppEndpoint {
    static func admit(_ caller: Caller, method: String) throws(HTTPFailure) {
        try permission.admit(caller, method: method)
    }

    static func answer(_ visit: RequestState) throws(HTTPFailure) -> Reply {
        let call = AppRequestContext(visit, app: try app(slug: visit.names.target, of: visit.dependencies.directory))
        try permission.admit(call.caller, method: call.method, to: call.app, directory: call.dependencies.directory)
        return try respond(to: call)
    }

    private static func app(slug: String, of directory: any DirectoryStore) throws(HTTPFailure) -> SentryApp {
        let found: SentryApp?
        do {
            found = try directory.app(slug: slug)
        } catch {
            throw .unavailable(error)
        }
        guard let found else { throw .notFound }
        return found
    }
}

/// A request whose app is found, and access to it granted.
struct AppRequestContext {
    let app: SentryApp
    private let visit: RequestState

    init(_ visit: RequestState, app: SentryApp) {
        self.visit = visit
        self.app = app
    }

    var request: Request { visit.request }
    var method: Method { visit.method }
    var names: PathNames { visit.names }
    var parameters: QueryParameters { visit.parameters }
    var caller: Caller { visit.caller }
    var dependencies: Dependencies { visit.dependencies }
}
