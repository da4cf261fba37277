import Model

/// The parameters of one demo app.
struct DemoApp {
    let slug: String
    let name: String
    let ownerID: Int64
    let status: SentryApp.Status
    let author: String
    let overview: String
    let webhookURL: String
    let isAlertable: Bool
    /// The resources that it subscribes to.
    let subscriptions: [String]
    let componentTypes: [String]
    let popularity: Int
    let installationCount: Int
    /// Requests for each event type; 200 give full lists of requests and of errors.
    let requestsPerEvent: Int
    /// The count of event types with requests, from the catalogue's first; nil = all.
    let eventCount: Int?
    /// The percentage of failed requests.
    let errorPercent: Int
    /// The maximum of views per hour.
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
        overview: "Calls the engineer on duty. In development.",
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
