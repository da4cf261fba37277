import Model

/// What the demo says about one of its apps.
struct DemoApp {
    let slug: String
    let name: String
    let ownerID: Int64
    let status: SentryApp.Status
    let author: String
    let overview: String
    let webhookURL: String
    let isAlertable: Bool
    /// Resources, as an app subscribes to them.
    let subscriptions: [String]
    let componentTypes: [String]
    let popularity: Int
    let installationCount: Int
    /// Requests for each event; 200 give full lists of requests and of errors.
    let requestsPerEvent: Int
    /// How many of the catalogue's events it has, from the first; nil = all.
    let eventCount: Int?
    /// Failed requests of a hundred.
    let errorPercent: Int
    /// Views an hour, at the busiest.
    let viewsPerHour: Int

    /// The events of the resources it subscribes to.
    var subscribedEvents: [String] {
        EventCatalogue.version23Dot7.events.map(\.rawValue).filter { event in
            subscriptions.contains { event.hasPrefix($0 + ".") }
        }
    }

    static let all = [releaseRadar, nightWatch, pagerBridge, globexSync]

    private static let releaseRadar = DemoApp(
        slug: "release-radar", name: "Release Radar", ownerID: 9001, status: .published, author: "Acme",
        overview: "Links issues to the releases that brought them.",
        webhookURL: "https://hooks.example.com/release-radar", isAlertable: true,
        subscriptions: ["issue", "error", "comment"], componentTypes: ["issue-link", "stacktrace-link"],
        popularity: 80, installationCount: 48, requestsPerEvent: 200, eventCount: nil, errorPercent: 25,
        viewsPerHour: 40)

    private static let nightWatch = DemoApp(
        slug: "night-watch", name: "Night Watch", ownerID: 9001, status: .unpublished, author: "Acme",
        overview: "Wakes whoever is on duty. Still being built.",
        webhookURL: "https://night-watch.acme.test/hook?from=demo", isAlertable: true, subscriptions: ["issue"],
        componentTypes: ["alert-rule-action"], popularity: 1, installationCount: 1, requestsPerEvent: 12,
        eventCount: 4, errorPercent: 25, viewsPerHour: 3)

    private static let pagerBridge = DemoApp(
        slug: "pager-bridge", name: "Pager Bridge", ownerID: 9001, status: .internal, author: "Acme",
        overview: "Hands alerts to the pagers.", webhookURL: "https://pager.acme.test:8443/in",
        isAlertable: true, subscriptions: ["issue", "comment"], componentTypes: ["stacktrace-link"],
        popularity: 1, installationCount: 1, requestsPerEvent: 60, eventCount: 8, errorPercent: 70, viewsPerHour: 6)

    private static let globexSync = DemoApp(
        slug: "globex-sync", name: "Globex Sync", ownerID: 9002, status: .published, author: "Globex",
        overview: "Keeps issues and tickets in step.", webhookURL: "https://sync.globex.test/webhooks",
        isAlertable: false, subscriptions: ["issue"], componentTypes: ["issue-link", "issue-link"], popularity: 20,
        installationCount: 16, requestsPerEvent: 40, eventCount: 10, errorPercent: 10, viewsPerHour: 12)
}
