/// The name that a request's route has in counters: one of a fixed list, never a path of a client.
package struct RouteLabel: Hashable, Sendable {
    static let ping = RouteLabel(index: 0)
    static let status = RouteLabel(index: 1)
    /// Paths that lead nowhere.
    static let unknown = RouteLabel(index: 2)
    /// Requests that did not get as far as their path.
    package static let refused = RouteLabel(index: 3)
    private static let appList = RouteLabel(index: 4)
    private static let appDetails = RouteLabel(index: 5)
    private static let redelivery = RouteLabel(index: 6)
    private static let other = RouteLabel(index: 7)

    /// The names in the order of `index`; behind those above, the endpoints of the table of routes.
    private static let names =
        ["ping", "status", "unknown", "refused", "sentry-apps", "sentry-app", "redeliver", "other"]
        + Route.endpoints.map(\.name)

    /// Those of the table, in its order: compared for each request, and numbers are compared fastest.
    private static let endpoints = Route.endpoints.map { ObjectIdentifier($0.endpoint) }

    /// How many labels there are.
    package static var count: Int { names.count }

    /// All labels, in the order they are shown.
    package static var all: [RouteLabel] { names.indices.map { RouteLabel(index: UInt8($0)) } }

    /// Below `count`.
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
        } else {
            self = .other
        }
    }

    /// `requests`, `ping`, `unknown`.
    package var text: String { RouteLabel.names[Int(index)] }
}
