import Handlers
import TestSupport
import Testing

/// The names of routes in counters.
@Suite
struct RouteLabelTests {
    private func label(_ path: String) -> String {
        let fixture = HandlersFixture()
        return Service(
            dependencies: Dependencies(
                directory: fixture.directory, requestLog: fixture.log, interactions: fixture.interactions,
                queue: MemoryEventQueue(), payloads: MemoryPayloads(), clock: fixture.clock)
        ).respond(to: Request(method: "GET", path: .encoded(path))).route.text
    }

    @Test(arguments: [
        ("/-/ping", "ping"), ("/-/status", "status"), ("/", "unknown"), ("/api/0/", "unknown"),
        ("/api/0/sentry-apps/a/requests", "unknown"), ("/%", "unknown"), ("/a/../b", "unknown"),
        ("/api/0/sentry-apps/", "sentry-apps"), ("/api/0/sentry-apps/a/", "sentry-app"),
        ("/api/0/sentry-apps/a/requests/", "requests"), ("/api/0/sentry-apps/b/requests/", "requests"),
        ("/api/0/sentry-apps/a/webhook-requests/", "webhook-requests"),
        ("/api/0/sentry-apps/a/requests/b/", "request"), ("/api/0/sentry-apps/a/requests//", "unknown"),
        ("/api/0/sentry-apps/a/requests/b/c/", "unknown"), ("/api/0/sentry-apps/a/stats/b/", "unknown"),
        ("/api/0/sentry-apps/a/requests/b/redeliver/", "redeliver"), ("/api/0/sentry-apps/a/health/", "health"),
        ("/api/0/sentry-apps/a/deliveries/", "deliveries"),
        ("/api/0/sentry-app-installations/a/events/", "events"), ("/api/0/hookline/info/", "info"),
        ("/api/0/hookline/status/", "hookline-status"), ("/api/0/sentry-apps/a/settings/", "settings"),
        ("/api/0/sentry-apps/a/installations/", "installations"), ("/api/0/hookline/status", "unknown"),
    ])
    func areThoseOfTheRoute(_ path: String, _ expected: String) {
        #expect(label(path) == expected)
    }

    @Test func areDifferentForEachAndFewEnough() {
        let names = RouteLabel.all.map(\.text)

        #expect(Set(names).count == names.count)
        #expect(names.count == RouteLabel.count)
        #expect(RouteLabel.all.map(\.index) == Array(0..<UInt8(RouteLabel.count)))
    }

    @Test func unsupportedMethodsShareOneLabel() {
        let supported = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]
        #expect(supported.map { MethodLabel($0).text } == supported)
        for method in ["", "get", "BREW", "PATCH"] { #expect(MethodLabel(method).text == "other") }
    }

    @Test func aCounterKeepsItsPartsApart() {
        for route in RouteLabel.all {
            for method in MethodLabel.allCases {
                let key = RequestCounts.Key(route: route, method: method, status: 503)

                #expect((key.route, key.method, key.status) == (route, method, 503))
            }
        }
    }
}
