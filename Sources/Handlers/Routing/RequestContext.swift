import Buffer
import Directory
import Model
import System

/// One request from its route to its response: what is known about it so far, and the steps it takes in the order of
/// docs/protocol.md 2.2. Used by one thread.
///
/// Not copyable, because every step gets it: it is borrowed, without a copy of its fields and without an allocation.
struct RequestContext: ~Copyable {
    let request: Request
    let names: PathNames
    /// When the request was complete; changes that were made later may be missing in the response.
    let arrival: MonotonicTime
    private let service: Service

    private(set) var parameters = QueryParameters.empty
    private(set) var caller = Caller.anonymous(claimedLogin: nil)
    private(set) var method = Method.get
    private var indent = 0

    init(_ request: Request, names: PathNames, service: Service, arrival: MonotonicTime) {
        self.request = request
        self.names = names
        self.service = service
        self.arrival = arrival
    }

    var dependencies: Dependencies { service.dependencies }
    var directory: any DeliveryDirectory & AppListing { service.dependencies.directory }

    /// The rules of the original that the response follows.
    var rules: ProtocolRules { service.rules }

    /// The events that can be enqueued and queried.
    var events: EventCatalogue { service.dependencies.events ?? rules.events }

    /// Fails with 403 for a disabled app, where the settings and the release say so.
    func requireEnabled(_ app: SentryApp) throws(HTTPFailure) {
        guard app.isDisabled, service.dependencies.protocolSettings.refusesDisabledApps,
            rules.includes(.disabledAppsAreRefused)
        else { return }
        throw .forbidden
    }

    var access: AppAccess { AppAccess(directory: directory, rules: rules) }

    /// The current time.
    func now() -> Timestamp { service.dependencies.clock.now() }

    /// The response; a failure is one too.
    mutating func response(of endpoint: any Endpoint.Type) -> Response {
        if request.method == "OPTIONS" { return preflight(endpoint) }
        do {
            let result = try result(of: endpoint)
            var response = response(status: result.status, body: result.body, headers: result.headers, endpoint)
            response.skippedElements = result.skippedElements
            if endpoint.isConditional, method == .get, response.status == 200 {
                // An indented body has other bytes.
                let tag = indent == 0 ? result.tag : nil
                apply(tag ?? EntityTag(of: response.body), to: &response)
            }
            return response
        } catch {
            var response = response(status: error.status, body: error.body, headers: error.headers, endpoint)
            if let challenge = error.challenge?.text(under: rules) {
                response.headers.append("WWW-Authenticate", challenge)
            }
            response.failure = error.cause
            return response
        }
    }

    /// Reads the request log; fails with 503 when Redis is unavailable (docs/compatibility.md D13).
    func readLog(_ query: WebhookRequestQuery) throws(HTTPFailure) -> WebhookRequestPage {
        try orUnavailable(HTTPFailure.logUnavailable, service.dependencies.requestLog.read(query))
    }

    /// The id of the organization with this slug, whatever its status; fails with 400 when there is none.
    func organizationID(slug: String) throws(HTTPFailure) -> Int64 {
        guard let organization = try orUnavailable(directory.organization(slug: slug)) else {
            throw .badRequest("Invalid organization.")
        }
        return organization.id
    }

    private mutating func result(of endpoint: any Endpoint.Type) throws(HTTPFailure) -> EndpointResult {
        parameters = try QueryParameters(decoding: request.query.utf8)
        if let origin = request.origin, !origin.isEmpty, origin != "null" {
            try authenticate()
            try checkOrigin(origin)
            try negotiate()
        } else {
            try negotiate()
            try authenticate()
        }
        try endpoint.admit(caller, method: request.method, rules: rules)
        method = try supportedMethod(of: endpoint)
        return try endpoint.respond(to: self)
    }

    private mutating func negotiate() throws(HTTPFailure) {
        indent = try ContentNegotiation.indent(accept: request.accept, format: parameters["format"])
    }

    /// A user's unsafe request must be of the same origin. As in the original that is part of authentication, so it is
    /// checked before the method and the app.
    private mutating func authenticate() throws(HTTPFailure) {
        defer { service.dependencies.didIdentify() }
        caller = try Authenticator(directory: directory, sessions: service.sessions?.identity, now: now())
            .caller(of: request)
        guard case .user = caller else { return }
        if let sessions = service.sessions {
            try sessions.check.verify(request)
        } else if !SameOrigin.isProven(by: request) {
            throw SameOrigin.failure(of: request)
        }
    }

    /// A token or key may be used from a page only when the page's origin is allowed for it.
    private func checkOrigin(_ origin: String) throws(HTTPFailure) {
        guard let patterns = caller.allowedOrigins else { return }
        guard AllowedOrigins.allow(origin, patterns: patterns) else { throw .invalidOrigin(origin) }
    }

    private func supportedMethod(of endpoint: any Endpoint.Type) throws(HTTPFailure) -> Method {
        switch request.method {
        case "GET" where endpoint.acceptsGet, "HEAD" where endpoint.acceptsGet: return .get
        case "POST" where endpoint.acceptsPost: return .post
        case "PUT" where endpoint.acceptsPut: return .put
        case "DELETE" where endpoint.acceptsDelete: return .delete
        default: throw .methodNotAllowed(request.method)
        }
    }

    private func apply(_ tag: EntityTag, to response: inout Response) {
        response.headers.append("ETag", tag.text)
        guard tag.isNamed(by: request.ifNoneMatch) else { return }
        response.status = 304
        response.body = []
    }

    private func preflight(_ endpoint: any Endpoint.Type) -> Response {
        var headers = StandardHeaders.ofAPI(
            request: request, contentType: StandardHeaders.html, allow: endpoint.allow, rules: rules)
        headers.append("Access-Control-Max-Age", "3600")
        return Response(status: 200, headers: headers)
    }

    private func response(
        status: Int, body: [UInt8], headers: [(name: String, value: String)], _ endpoint: any Endpoint.Type
    ) -> Response {
        var all = StandardHeaders.ofAPI(
            request: request, contentType: StandardHeaders.json, allow: endpoint.allow, rules: rules)
        for (name, value) in headers { all.append(name, value) }
        return Response(
            status: status, headers: all,
            body: indent > 0 ? JSONIndenter.indented(body, by: indent) : body,
            omitsBody: request.method == "HEAD", identity: caller.logIdentity)
    }
}
