import Glibc

/// The result of routing a path.
enum Route {
    /// An endpoint of the API, and the variable parts of the path.
    case endpoint(any Endpoint.Type, PathNames)
    /// The relay of the app with this slug: `/relay/{slug}/`.
    case relay(String)
    case ping
    case status
    /// An unknown path of the API; `lacksSlash` when it does not end in a slash, the likely reason.
    case unknownAPIPath(lacksSlash: Bool)
    case unknown

    /// The endpoints by the segment after the slug or the UUID. A new endpoint gets its line here.
    static let endpoints: [(collection: String, name: String, endpoint: any Endpoint.Type)] = [
        ("sentry-apps", "requests", RequestLogEndpoint.self),
        ("sentry-apps", "webhook-requests", WebhookRequestsEndpoint.self),
        ("sentry-apps", "interaction", InteractionEndpoint.self),
        ("sentry-apps", "stats", StatisticsEndpoint.self),
        ("sentry-apps", "deliveries", DeliveriesEndpoint.self),
        ("sentry-apps", "health", HealthEndpoint.self),
        ("sentry-apps", "enable", EnableEndpoint.self),
        ("sentry-apps", "redrive", RedriveEndpoint.self),
        ("sentry-apps", "why", WhyEndpoint.self),
        ("sentry-apps", "test-event", TestEventEndpoint.self),
        ("sentry-app-installations", "events", EventsEndpoint.self),
        ("sentry-apps", "rotate-secret", RotateSecretEndpoint.self),
        ("sentry-apps", "signing-key", SigningKeyEndpoint.self),
        ("sentry-apps", "dead-letters", DeadLettersEndpoint.self),
        ("sentry-apps", "redeliveries", RedeliveriesEndpoint.self),
        ("organizations", "sentry-app-installations", InstallationListEndpoint.self),
        ("organizations", "webhook-events", FanOutEndpoint.self),
        ("sentry-apps", "settings", AppSettingsEndpoint.self),
        ("sentry-apps", "installations", AppInstallationsEndpoint.self),
        ("sentry-apps", "targets", RelayTargetsEndpoint.self),
    ]

    /// The endpoints of one item of a collection of an app, by the segments before and after the item; "" = none.
    private static let itemEndpoints: [(name: String, action: String, endpoint: any Endpoint.Type)] = [
        ("requests", "", LoggedEventEndpoint.self),
        ("requests", "redeliver", RedeliverEndpoint.self),
        ("dead-letters", "", DeadLetterEndpoint.self),
        ("dead-letters", "redrive", DeadLetterRedriveEndpoint.self),
        ("redeliveries", "", RedeliveryJobEndpoint.self),
        ("targets", "enable", RelayTargetEnableEndpoint.self),
        ("targets", "disable", RelayTargetDisableEndpoint.self),
    ]

    private static let prefix = "/api/0/"

    init(path: String) {
        if path == "/-/ping" {
            self = .ping
        } else if path == "/-/status" {
            self = .status
        } else if !path.hasPrefix(Route.prefix) {
            self = Route.relaySlug(path).map(Route.relay) ?? .unknown
        } else {
            self = path.withBytes(Route.apiRoute)
        }
    }

    /// Its name in counters.
    var label: RouteLabel {
        switch self {
        case .endpoint(let endpoint, _): RouteLabel(endpoint)
        case .relay: .relay
        case .ping: .ping
        case .status: .status
        case .unknownAPIPath, .unknown: .unknown
        }
    }

    /// The slug of `/relay/{slug}/`.
    private static func relaySlug(_ path: String) -> String? {
        let prefix = "/relay/"
        guard path.hasPrefix(prefix), path.hasSuffix("/") else { return nil }
        let slug = path.dropFirst(prefix.count).dropLast()
        return slug.isEmpty || slug.contains("/") ? nil : String(slug)
    }

    /// - Parameter path: begins with the prefix.
    private static func apiRoute(_ path: UnsafeBufferPointer<UInt8>) -> Route {
        guard path.last == UInt8(ascii: "/") else { return .unknownAPIPath(lacksSlash: true) }
        let segments = path.dropFirst(prefix.utf8.count).dropLast()
        return endpointRoute(PathSegments(UnsafeBufferPointer(rebasing: segments)))
            ?? .unknownAPIPath(lacksSlash: false)
    }

    /// `/api/0/{collection}/`, `…/{target}/`, `…/{name}/`, `…/{name}/{item}/` or `…/{name}/{item}/{action}/`;
    /// `/api/0/hookline/info/`, `…/directory/`, `…/status/`.
    private static func endpointRoute(_ path: PathSegments) -> Route? {
        var path = path
        guard let collection = path.next() else { return nil }
        let isApps = collection.areBytes(of: "sentry-apps")
        guard let target = path.next() else {
            return isApps ? .endpoint(AppListEndpoint.self, PathNames(target: "")) : nil
        }
        guard !target.isEmpty else { return nil }

        var names = PathNames(target: String(decoding: target, as: UTF8.self))
        guard let name = path.next() else {
            if isApps { return .endpoint(AppDetailsEndpoint.self, names) }
            if collection.areBytes(of: "sentry-app-installations") {
                return .endpoint(InstallationEndpoint.self, names)
            }
            guard collection.areBytes(of: "hookline") else { return nil }
            if target.areBytes(of: "directory") { return .endpoint(DirectoryEndpoint.self, names) }
            if target.areBytes(of: "status") { return .endpoint(StatusEndpoint.self, names) }
            return target.areBytes(of: "info") ? .endpoint(InfoEndpoint.self, names) : nil
        }
        guard let item = path.next() else {
            return endpoints.first { name.areBytes(of: $0.name) && collection.areBytes(of: $0.collection) }
                .map { .endpoint($0.endpoint, names) }
        }
        guard isApps, !item.isEmpty else { return nil }
        names.item = String(decoding: item, as: UTF8.self)
        let action = path.next()
        // An empty action is no action.
        guard action?.isEmpty != true, path.next() == nil else { return nil }
        return itemEndpoints.first { row in
            name.areBytes(of: row.name) && (action.map { $0.areBytes(of: row.action) } ?? row.action.isEmpty)
        }.map { .endpoint($0.endpoint, names) }
    }
}

/// The segments of a path, one after the other, without copies.
struct PathSegments {
    private var rest: UnsafeBufferPointer<UInt8>
    private var isAtEnd = false

    init(_ path: UnsafeBufferPointer<UInt8>) {
        rest = path
    }

    /// The next segment, which may be empty; nil after the last one.
    mutating func next() -> UnsafeBufferPointer<UInt8>? {
        if isAtEnd { return nil }
        let path = rest
        guard let start = path.baseAddress, let slash = memchr(start, Int32(UInt8(ascii: "/")), path.count) else {
            isAtEnd = true
            return path
        }
        let length = UnsafeRawPointer(slash) - UnsafeRawPointer(start)
        rest = UnsafeBufferPointer(rebasing: path[(length + 1)...])
        return UnsafeBufferPointer(rebasing: path[..<length])
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the UTF-8 bytes of `text`.
    func areBytes(of text: String) -> Bool {
        text.utf8.count == count
            && text.withBytes { bytes in
                guard let start = baseAddress, let other = bytes.baseAddress else { return true }
                return memcmp(start, other, count) == 0
            }
    }
}
