import Model

/// The events, the apps they are for, and how the apps' receivers behave.
struct LedgerPlan: Sendable {
    /// How an app's receiver behaves; the raw value is the path of the test kit's receiver.
    enum Behaviour: String, CaseIterable {
        case accepts = "/status/200"
        /// That of the first target of every app, where webhooks are relayed.
        case isSteady = "/status/204"
        case fails = "/status/500"
        case isBusy = "/retry-after/1"
        case hangs = "/hang"
        case resets = "/reset"
        case closes = "/close"

        /// The response code in the log row of each attempt.
        var responseCode: Int {
            switch self {
            case .accepts: 200
            case .isSteady: 204
            case .fails: 500
            case .isBusy: 429
            case .hangs, .resets, .closes: 0
            }
        }

        /// Share of the events in percent.
        var share: Int {
            switch self {
            case .accepts: 88
            case .isSteady: 0
            case .fails, .isBusy: 3
            case .hangs, .resets, .closes: 2
            }
        }

        var appCount: Int {
            switch self {
            case .accepts: 40
            case .isSteady: 0
            case .fails, .isBusy, .hangs, .resets, .closes: 4
            }
        }

        /// Whether every webhook is delivered in the end.
        var isReliable: Bool { self == .accepts || self == .isSteady }
    }

    struct App: Sendable {
        let id: Int64
        let behaviour: Behaviour
        var slug: String { "app-\(id)" }

        /// The targets of its relay: one that is always up, and one that behaves as the app.
        var targets: [(name: String, behaviour: Behaviour)] { [("steady", .isSteady), ("other", behaviour)] }

        /// Also that of its only installation.
        var uuid: String {
            let digits = String(id)
            return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
        }
    }

    struct Event: Sendable {
        let app: App
        let type: EventType
    }

    /// An event on its way to one receiver.
    struct Delivery: Sendable {
        /// In the queue and the log.
        let id: String
        /// The header `Request-ID`, which the targets of a relay share.
        let requestID: String
        let behaviour: Behaviour
    }

    let apps: [App]
    let events: [Event]
    /// Whether the events are webhooks of an original, for two targets each.
    let isRelay: Bool

    static let secret = String(repeating: "5", count: 64)
    /// Attempts until an event becomes a dead letter.
    static let attemptCount = 4

    /// Events of all types in turn, so that no list of the log exceeds its limit.
    init(eventCount: Int, isRelay: Bool = false) {
        self.isRelay = isRelay
        var apps: [App] = []
        for behaviour in Behaviour.allCases {
            for _ in 0..<behaviour.appCount { apps.append(App(id: Int64(apps.count + 1), behaviour: behaviour)) }
        }
        let groups = Dictionary(grouping: apps, by: \.behaviour)
        let hundred = Behaviour.allCases.flatMap { Array(repeating: $0, count: $0.share) }
        let types = EventCatalogue.version23Dot7.events
        var counts: [Behaviour: Int] = [:]
        self.apps = apps
        events = (0..<eventCount).map { index in
            // 37 and 100 have no common divisor: each hundred has its shares, mixed.
            let behaviour = hundred[index * 37 % 100]
            let count = counts[behaviour, default: 0]
            counts[behaviour] = count + 1
            let group = groups[behaviour] ?? apps
            return Event(app: group[count % group.count], type: types[count / group.count % types.count])
        }
    }
}
