/// Where a path leads.
enum Route {
    /// An endpoint below `/api/0/sentry-apps/{slug}/`.
    case app(slug: String, endpoint: any Endpoint.Type)
    case ping
    case status
    /// A path of the API that leads nowhere; `lacksSlash` when it does not end in a slash, the likely reason.
    case unknownAPIPath(lacksSlash: Bool)
    case unknown

    /// The endpoints by what follows the slug. A new endpoint of an app gets its line here.
    private static let appEndpoints: [(name: String, endpoint: any Endpoint.Type)] = [
        ("", AppDetailsEndpoint.self),
        ("requests", RequestLogEndpoint.self),
        ("webhook-requests", WebhookRequestsEndpoint.self),
        ("interaction", InteractionEndpoint.self),
        ("stats", StatisticsEndpoint.self),
    ]

    init(path: String) {
        if path == "/-/ping" {
            self = .ping
            return
        }
        if path == "/-/status" {
            self = .status
            return
        }
        guard path.hasPrefix("/api/0/") else {
            self = .unknown
            return
        }
        guard path.hasSuffix("/") else {
            self = .unknownAPIPath(lacksSlash: true)
            return
        }
        self = Route.appRoute(path) ?? .unknownAPIPath(lacksSlash: false)
    }

    private static func appRoute(_ path: String) -> Route? {
        let segments = path.split(separator: "/", maxSplits: 7, omittingEmptySubsequences: false)
        guard segments.count == 6 || segments.count == 7, segments[3] == "sentry-apps", !segments[4].isEmpty
        else { return nil }

        let name = segments.count == 7 ? segments[5] : ""
        guard let match = appEndpoints.first(where: { $0.name == name }), name.isEmpty == (segments.count == 6)
        else { return nil }
        return .app(slug: String(segments[4]), endpoint: match.endpoint)
    }
}
