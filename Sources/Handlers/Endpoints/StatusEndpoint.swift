import Model

/// `GET hookline/status/`: the status page's JSON for active superusers. That page authenticates nobody, so the web
/// server restricts its addresses; this route knows who asks.
enum StatusEndpoint: Endpoint {
    static let acceptsPost = false

    static func admit(_ caller: Caller, method: String, rules: ProtocolRules) throws(HTTPFailure) {
        if case .anonymous = caller { throw .notAuthenticated }
        guard caller.isActiveSuperuser else {
            throw HTTPFailure(status: 403, detail: "Only an active superuser may read the status.")
        }
    }

    static func respond(to context: borrowing RequestContext) throws(HTTPFailure) -> EndpointResult {
        guard let sources = context.dependencies.status else { throw .notFound }
        let report = StatusReport(sources, now: context.now(), isFull: context.parameters["full"] != nil)
        return EndpointResult(
            body: StatusFormat.json.body(of: report), headers: [("Cache-Control", "no-store")])
    }
}
