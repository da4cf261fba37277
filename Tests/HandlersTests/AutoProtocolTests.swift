import Directory
import Handlers
import Model
import TestSupport
import Testing

/// `HOOKLINE_PROTOCOL=auto`: the rules follow the directory's tables, also while requests are served.
@Suite struct AutoProtocolTests {
    private let fixture = HandlersFixture()

    private func service() -> Service {
        var dependencies = fixture.dependencies()
        dependencies.protocolSettings = ProtocolSettings(.auto)
        return Service(dependencies: dependencies)
    }

    private func get(_ service: Service, _ path: String, as user: String? = HandlersFixture.owner) -> Response {
        service.respond(
            to: Request(method: "GET", path: .encoded("/api/0/sentry-apps/" + path), remoteUser: user))
    }

    @Test func aDirectoryOfItsOwnIsServedAsThatOf23_7() {
        let service = service()

        #expect(get(service, "pub-app/requests/", as: nil).header("WWW-Authenticate") == #"xBasic realm="api""#)
        #expect(get(service, "pub-app/requests/", as: HandlersFixture.member).status == 200)
    }

    @Test func answersAreThoseOfTheOldestReleaseAndRightsThoseOfTheStrictest() throws {
        try fixture.directory.becomeTables(of: ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
        fixture.store(200)
        let service = service()

        #expect(get(service, "pub-app/webhook-requests/", as: HandlersFixture.member).status == 403)
        #expect(get(service, "pub-app/webhook-requests/").status == 200)
        #expect(get(service, "pub-app/stats/", as: HandlersFixture.member).status == 200)
        #expect(get(service, "pub-app/stats/", as: nil).header("WWW-Authenticate") == #"Bearer realm="api""#)
        #expect(get(service, "pub-app/requests/").status == 404)
        #expect(!get(service, "pub-app/").text.contains("webhookEvents"))
    }

    @Test func noListOfAPossibleReleaseIsOverlooked() throws {
        try fixture.directory.becomeTables(of: ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
        fixture.store(200, event: "activity_alert.triggered")
        fixture.store(200, event: "seer.triage_started")

        #expect(get(service(), "pub-app/webhook-requests/").json?.elements.count == 2)
    }

    @Test func columnsThatAppearWhileItRunsChangeTheRules() throws {
        try fixture.directory.becomeTables(of: ProtocolRelease(24, 3)...ProtocolRelease(26, 4))
        let service = service()
        #expect(get(service, "pub-app/webhook-requests/", as: HandlersFixture.member).status == 200)
        #expect(get(service, "pub-app/stats/", as: nil).header("WWW-Authenticate") == #"xBasic realm="api""#)

        try fixture.directory.becomeTables(of: ProtocolRelease(26, 7)...ProtocolRelease(26, 9))

        #expect(get(service, "pub-app/webhook-requests/", as: HandlersFixture.member).status == 403)
        #expect(get(service, "pub-app/stats/", as: nil).header("WWW-Authenticate") == #"Bearer realm="api""#)
    }

    @Test func whileTheDirectoryDoesNotRespondTheLastRulesStay() throws {
        var fixture = fixture
        try fixture.directory.becomeTables(of: ProtocolRelease(26, 7)...ProtocolRelease(26, 9))
        let service = service()
        _ = get(service, "pub-app/stats/")

        fixture.directory.failure = .unavailable(location: "x", reason: "y")

        #expect(get(service, "pub-app/stats/", as: nil).header("WWW-Authenticate") == #"Bearer realm="api""#)
        #expect(get(service, "pub-app/stats/").status == 503)
    }

    @Test func sessionsFollowTheRulesToo() throws {
        var sessions = try SessionFixture()
        sessions.cookies.hash = .sha1
        var dependencies = sessions.base.dependencies()
        dependencies.protocolSettings = ProtocolSettings(.auto)
        let service = Service(dependencies: dependencies)
        let request = sessions.request(cookie: sessions.cookie())
        try sessions.base.directory.becomeTables(of: .default...(.default))
        #expect(service.respond(to: request).status == 200)

        try sessions.base.directory.becomeTables(of: .default...ProtocolRelease(24, 2))

        #expect(service.respond(to: request).status == 401)
    }
}
