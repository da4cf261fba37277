import Handlers
import Model
import TestSupport
import Testing

/// The longest body that each endpoint reads.
@Suite struct BodyLimitTests {
    private static let events = "/api/0/sentry-app-installations/installation-1/events/"
    private static let interaction = "/api/0/sentry-apps/pub-app/interaction/"
    private static let tooLong = Service.smallBodyBytes + 1

    /// A request whose body was announced and not received.
    private static func request(
        _ path: String, byteCount: Int = tooLong, user: String? = nil, token: String? = nil
    ) -> Request {
        Request(
            method: "POST", path: .encoded(path), remoteUser: user, authorization: token.map { "Bearer \($0)" },
            contentType: "application/json", secFetchSite: "same-origin"
        ).withoutBody(byteCount: byteCount)
    }

    @Test(arguments: [
        ("POST", events, 1000), ("POST", interaction, 8192), ("POST", "/api/0/sentry-apps/pub-app/test-event/", 8192),
        ("GET", interaction, 0), ("POST", "/-/ping", 0), ("POST", "/api/0/sentry-apps/pub-app/none/", 0),
        ("POST", "/api/0/%zz", 0),
    ])
    func eachEndpointHasALimit(method: String, path: String, limit: Int) {
        var fixture = HandlersFixture.installed()
        fixture.eventLimits.maximumEventBytes = 1000
        let service = Service(dependencies: fixture.dependencies())

        #expect(service.bodyLimit(of: Request(method: method, path: .encoded(path))) == limit)
    }

    @Test func aLongerBodyIs413AfterTheChecksOfTheCallerAndTheApp() {
        let fixture = HandlersFixture()
        let elsewhere = "/api/0/sentry-apps/globex-app/test-event/"
        let owner = HandlersFixture.owner

        #expect(fixture.send(Self.request(Self.interaction)).status == 401)
        #expect(fixture.send(Self.request(elsewhere, user: owner)).status == 403)
        #expect(fixture.send(Self.request("/api/0/sentry-apps/none/interaction/", user: owner)).status == 404)
        let response = fixture.send(Self.request(Self.interaction, user: owner))
        #expect(response.status == 413)
        #expect(response.detail == "The request body has 8193 bytes: the limit is 8192 bytes.")
        #expect(fixture.interactions.increments.isEmpty)
    }

    @Test func aReceivedBodyAboveTheLimitIs413AndOneAtTheLimitIsRead() {
        let report = #"{"tsdbField":"sentry_app_viewed"}"#
        let padding = String(repeating: " ", count: Service.smallBodyBytes - report.utf8.count)

        #expect(HandlersFixture().post("pub-app/interaction/", report + padding).status == 201)
        #expect(HandlersFixture().post("pub-app/interaction/", report + padding + " ").status == 413)
        #expect(HandlersFixture().post("pub-app/test-event/", report + padding + " ").status == 413)
    }

    @Test func anEventThatWasNotReceivedIs413() {
        var fixture = HandlersFixture.installed()
        let token = fixture.platformToken()
        let byteCount = fixture.eventLimits.maximumEventBytes + 1

        let response = fixture.send(Self.request(Self.events, byteCount: byteCount, token: token))

        #expect(response.status == 413)
        #expect(response.detail == "The request body has 262145 bytes: the limit is 262144 bytes.")
    }
}
