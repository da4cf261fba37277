/// Where a path leads.
enum Route {
    /// A place of the API, and what the path names there.
    case endpoint(any Endpoint.Type, PathNames)
    case ping
    case status
    /// A path of the API that leads nowhere; `lacksSlash` when it does not end in a slash, the likely reason.
    case unknownAPIPath(lacksSlash: Bool)
    case unknown

    /// The endpoints by what follows the name of the app, or of the installation. A new endpoint gets its line here.
    static let endpoints: [(collection: String, name: String, endpoint: any Endpoint.Type)] = [
        ("sentry-apps", "requests", RequestLogEndpoint.self),
        ("sentry-apps", "webhook-requests", WebhookRequestsEndpoint.self),
        ("sentry-apps", "interaction", InteractionEndpoint.self),
        ("sentry-apps", "stats", StatisticsEndpoint.self),
        ("sentry-apps", "health", HealthEndpoint.self),
        ("sentry-apps", "enable", EnableEndpoint.self),
        ("sentry-apps", "why", WhyEndpoint.self),
        ("sentry-apps", "test-event", TestEventEndpoint.self),
        ("sentry-app-installations", "events", EventsEndpoint.self),
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
        guard path.utf8.last == UInt8(ascii: "/") else {
            self = .unknownAPIPath(lacksSlash: true)
            return
        }
        self = Route.endpointRoute(path) ?? .unknownAPIPath(lacksSlash: false)
    }

    /// What counters call it.
    var label: RouteLabel {
        switch self {
        case .endpoint(let endpoint, _): RouteLabel(endpoint)
        case .ping: .ping
        case .status: .status
        case .unknownAPIPath, .unknown: .unknown
        }
    }

    /// `/api/0/{collection}/`, `…/{target}/`, `…/{name}/` or `…/{name}/{item}/{action}/`.
    private static func endpointRoute(_ path: String) -> Route? {
        // Bytes, not characters: finding those takes ten times as long.
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 9, omittingEmptySubsequences: false)
        func has(_ index: Int, _ name: String) -> Bool { segments[index].elementsEqual(name.utf8) }

        if segments.count == 5, has(3, "sentry-apps") {
            return .endpoint(AppListEndpoint.self, PathNames(target: ""))
        }
        guard segments.count >= 6, !segments[4].isEmpty else { return nil }

        var names = PathNames(target: String(Substring(segments[4])))
        switch segments.count {
        case 6 where has(3, "sentry-apps"):
            return .endpoint(AppDetailsEndpoint.self, names)
        case 7:
            return endpoints.first { has(5, $0.name) && has(3, $0.collection) }
                .map { .endpoint($0.endpoint, names) }
        case 9 where has(3, "sentry-apps") && has(5, "requests") && has(7, "redeliver"):
            guard !segments[6].isEmpty else { return nil }
            names.item = String(Substring(segments[6]))
            return .endpoint(RedeliverEndpoint.self, names)
        default: return nil
        }
    }
}
