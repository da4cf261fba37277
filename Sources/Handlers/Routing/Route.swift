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

    private static let prefix = "/api/0/"

    init(path: String) {
        if path == "/-/ping" {
            self = .ping
        } else if path == "/-/status" {
            self = .status
        } else if !path.hasPrefix(Route.prefix) {
            self = .unknown
        } else {
            self = path.withBytes(Route.apiRoute)
        }
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

    /// - Parameter path: begins with the prefix.
    private static func apiRoute(_ path: UnsafeBufferPointer<UInt8>) -> Route {
        guard path.last == UInt8(ascii: "/") else { return .unknownAPIPath(lacksSlash: true) }
        let places = path.dropFirst(prefix.utf8.count).dropLast()
        return endpointRoute(PathSegments(UnsafeBufferPointer(rebasing: places))) ?? .unknownAPIPath(lacksSlash: false)
    }

    /// `/api/0/{collection}/`, `…/{target}/`, `…/{name}/` or `…/{name}/{item}/{action}/`.
    private static func endpointRoute(_ path: PathSegments) -> Route? {
        var path = path
        guard let collection = path.next() else { return nil }
        let isApps = collection.areBytes(of: "sentry-apps")
        guard let target = path.next() else {
            return isApps ? .endpoint(AppListEndpoint.self, PathNames(target: "")) : nil
        }
        guard !target.isEmpty else { return nil }

        var names = PathNames(target: String(decoding: target, as: UTF8.self))
        guard let name = path.next() else { return isApps ? .endpoint(AppDetailsEndpoint.self, names) : nil }
        guard let item = path.next() else {
            return endpoints.first { name.areBytes(of: $0.name) && collection.areBytes(of: $0.collection) }
                .map { .endpoint($0.endpoint, names) }
        }
        guard isApps, name.areBytes(of: "requests"), !item.isEmpty, path.next()?.areBytes(of: "redeliver") == true,
            path.next() == nil
        else { return nil }
        names.item = String(decoding: item, as: UTF8.self)
        return .endpoint(RedeliverEndpoint.self, names)
    }
}
