/// A request's route as a label of counters: one of a fixed list, never a client's path.
package struct RouteLabel: Hashable, Sendable {
    static let ping = RouteLabel(index: 0)
    static let status = RouteLabel(index: 1)
    /// Unknown paths.
    static let unknown = RouteLabel(index: 2)
    /// Requests refused before their path was looked at.
    package static let refused = RouteLabel(index: 3)
    private static let appList = RouteLabel(index: 4)
    private static let appDetails = RouteLabel(index: 5)
    private static let redelivery = RouteLabel(index: 6)
    private static let info = RouteLabel(index: 7)
    private static let loggedEvent = RouteLabel(index: 8)
    private static let installation = RouteLabel(index: 9)
    private static let directory = RouteLabel(index: 10)
    private static let deadLetter = RouteLabel(index: 11)
    private static let redeliveryJob = RouteLabel(index: 12)
    private static let statusForUsers = RouteLabel(index: 13)
    static let relay = RouteLabel(index: 14)
    private static let other = RouteLabel(index: 15)

    /// The names in the order of `index`: those above, then the endpoints of the table of routes.
    private static let names =
        [
            "ping", "status", "unknown", "refused", "sentry-apps", "sentry-app", "redeliver", "info", "request",
            "sentry-app-installation", "directory", "dead-letter", "redelivery", "hookline-status", "relay", "other",
        ]
        + Route.endpoints.map(\.name)

    /// The endpoints of the table of routes in its order, as identifiers, because they are compared for each request.
    private static let endpoints = Route.endpoints.map { ObjectIdentifier($0.endpoint) }

    /// The number of labels.
    package static var count: Int { names.count }

    /// All labels in display order.
    package static var all: [RouteLabel] { names.indices.map { RouteLabel(index: UInt8($0)) } }

    /// Less than `count`.
    package let index: UInt8

    init(index: UInt8) {
        self.index = index
    }

    init(_ endpoint: any Endpoint.Type) {
        if let row = RouteLabel.endpoints.firstIndex(of: ObjectIdentifier(endpoint)) {
            self.init(index: RouteLabel.other.index + 1 + UInt8(row))
        } else if endpoint == AppListEndpoint.self {
            self = .appList
        } else if endpoint == AppDetailsEndpoint.self {
            self = .appDetails
        } else if endpoint == RedeliverEndpoint.self {
            self = .redelivery
        } else if endpoint == InfoEndpoint.self {
            self = .info
        } else if endpoint == LoggedEventEndpoint.self {
            self = .loggedEvent
        } else if endpoint == InstallationEndpoint.self {
            self = .installation
        } else if endpoint == DirectoryEndpoint.self {
            self = .directory
        } else if endpoint == DeadLetterEndpoint.self || endpoint == DeadLetterRedriveEndpoint.self {
            self = .deadLetter
        } else if endpoint == RedeliveryJobEndpoint.self {
            self = .redeliveryJob
        } else if endpoint == StatusEndpoint.self {
            self = .statusForUsers
        } else {
            self = .other
        }
    }

    /// `requests`, `ping`, `unknown`.
    package var text: String { RouteLabel.names[Int(index)] }
}

/// A request's method as a label of counters: one of a fixed list, whatever the client sent.
package enum MethodLabel: UInt8, CaseIterable, Sendable {
    case get, head, post, put, delete, options, other

    package init(_ method: String) {
        switch method {
        case "GET": self = .get
        case "HEAD": self = .head
        case "POST": self = .post
        case "PUT": self = .put
        case "DELETE": self = .delete
        case "OPTIONS": self = .options
        default: self = .other
        }
    }

    /// The method's name; `other` for methods that no endpoint accepts.
    package var text: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .other: "other"
        }
    }
}
