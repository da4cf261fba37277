import Model

/// One request on its way to an endpoint and back, in the order of evaluation of contract 2.2.
struct RequestContext {
    private let request: Request
    private let endpoint: any Endpoint.Type
    private let names: PathNames
    private let shared: SharedDependencies

    private var caller = Caller.anonymous(claimedLogin: nil)
    private var consultedUser = false
    private var indent = 0

    init(request: Request, endpoint: any Endpoint.Type, names: PathNames, dependencies: SharedDependencies) {
        self.request = request
        self.endpoint = endpoint
        self.names = names
        shared = dependencies
    }

    /// The answer; a failure is one too.
    mutating func response() -> Response {
        if request.method == "OPTIONS" { return preflight() }
        do {
            let reply = try answer()
            var response = response(status: reply.status, body: reply.body, headers: reply.headers)
            response.skippedElements = reply.skippedElements
            if endpoint.isConditional, response.status == 200 {
                // Indented, the answer has other bytes.
                let tag = indent == 0 ? reply.tag : nil
                apply(tag ?? EntityTag(of: response.body), to: &response)
            }
            return response
        } catch {
            var response = response(status: error.status, body: error.body, headers: error.headers)
            response.failure = error.cause
            return response
        }
    }

    private mutating func answer() throws(HTTPFailure) -> Reply {
        let parameters = try QueryParameters(decoding: request.query.utf8)
        if let origin = request.origin, !origin.isEmpty, origin != "null" {
            try authenticate()
            try checkOrigin(origin)
            try negotiate(parameters)
        } else {
            try negotiate(parameters)
            try authenticate()
        }
        try endpoint.admit(caller, method: request.method)
        return try endpoint.answer(
            RequestState(
                request: request, method: try supportedMethod(), names: names, parameters: parameters, caller: caller,
                dependencies: shared))
    }

    private mutating func negotiate(_ parameters: QueryParameters) throws(HTTPFailure) {
        indent = try ContentNegotiation.indent(accept: request.accept, format: parameters["format"])
    }

    /// A user's unsafe request must be of the same origin. As in the original that belongs to authentication, so it comes
    /// before any question about the method or the app.
    private mutating func authenticate() throws(HTTPFailure) {
        defer { shared.value.didIdentify() }
        let authenticator = Authenticator(directory: shared.value.directory, now: shared.value.clock.now())
        caller = try authenticator.caller(of: request)
        if case .token = caller { return }
        consultedUser = true
        if case .user = caller, !SameOrigin.isProven(by: request) { throw .crossSiteRequest }
    }

    /// A token may be used from a page only when its application allows the page's origin; a plain user token has no
    /// application, so none.
    private func checkOrigin(_ origin: String) throws(HTTPFailure) {
        guard case .token(let token, _) = caller else { return }
        guard AllowedOrigins.allow(origin, patterns: token.allowedOrigins ?? []) else { throw .invalidOrigin(origin) }
    }

    private func supportedMethod() throws(HTTPFailure) -> Method {
        switch request.method {
        case "GET" where endpoint.acceptsGet, "HEAD" where endpoint.acceptsGet: return .get
        case "POST" where endpoint.acceptsPost: return .post
        default: throw .methodNotAllowed(request.method)
        }
    }

    private func apply(_ tag: EntityTag, to response: inout Response) {
        response.headers.append("ETag", tag.text)
        guard tag.isNamed(by: request.ifNoneMatch) else { return }
        response.status = 304
        response.body = []
    }

    private func preflight() -> Response {
        var headers = StandardHeaders.ofAPI(
            request: request, contentType: StandardHeaders.html, allow: endpoint.allow, consultedUser: false)
        headers.append("Access-Control-Max-Age", "3600")
        return Response(status: 200, headers: headers)
    }

    private func response(status: Int, body: [UInt8], headers: [(name: String, value: String)]) -> Response {
        var all = StandardHeaders.ofAPI(
            request: request, contentType: StandardHeaders.json, allow: endpoint.allow, consultedUser: consultedUser)
        for (name, value) in headers { all.append(name, value) }
        return Response(
            status: status, headers: all,
            body: indent > 0 ? JSONIndenter.indented(body, by: indent) : body,
            omitsBody: request.method == "HEAD", identity: caller.logIdentity)
    }
}
