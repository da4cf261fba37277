import Handlers
import Model
import TestSupport
import Testing

/// The status for superusers, who need no address for it.
@Suite struct StatusEndpointTests {
    private let fixture = HandlersFixture()

    private func get(
        _ query: String = "", as user: String? = HandlersFixture.superuser, allowsSuperuser: Bool = true,
        token: String? = nil, method: String = "GET", path: String = "/api/0/hookline/status/",
        with change: (inout Dependencies) -> Void = { _ in }
    ) -> Response {
        var dependencies = fixture.dependencies()
        var sources = StatusSources(version: "1.2", startedAt: HandlersFixture.now.adding(seconds: -3600))
        sources.process = { ProcessStatus(pool: "one", manager: .static) }
        dependencies.status = sources
        change(&dependencies)
        return Service(dependencies: dependencies).respond(
            to: Request(
                method: method, path: .encoded(path), query: query, remoteUser: user, allowsSuperuser: allowsSuperuser,
                authorization: token.map { "Bearer " + $0 }, secFetchSite: "same-origin"))
    }

    @Test func aSuperuserGetsTheJSONOfTheStatusPage() {
        let response = get()
        let page = get("json", as: nil, path: "/-/status")

        #expect(response.status == 200)
        #expect(page.status == 200)
        #expect(response.text == page.text)
        #expect(response.json?["version"].string == "1.2")
        #expect(response.header("Cache-Control") == "no-store")
        #expect(get("full").text == get("json&full", as: nil, path: "/-/status").text)
    }

    @Test func nobodyElseDoes() {
        var fixture = fixture
        let token = fixture.token(user: 112, scopes: [.hooklineAdmin, .orgAdmin])

        #expect(get(as: nil).status == 401)
        let refused = get(as: HandlersFixture.owner)
        #expect(refused.status == 403)
        #expect(refused.detail == "Only an active superuser may read the status.")
        #expect(get(allowsSuperuser: false).status == 403)
        #expect(get(as: nil, token: token).status == 403)
        #expect(get(method: "POST").status == 405)
    }

    /// As in a CGI program, whose page would be everybody's.
    @Test func itIsServedWhereThePageIsNot() {
        #expect(get { $0.servesStatusPage = false }.status == 200)
        #expect(get("json", as: nil, path: "/-/status") { $0.servesStatusPage = false }.status == 404)
        #expect(get { $0.status = nil }.status == 404)
    }
}
