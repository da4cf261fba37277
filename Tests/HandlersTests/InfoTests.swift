import Handlers
import Model
import TestSupport
import Testing
import WebhookRules

/// What a deployment says about itself.
@Suite struct InfoTests {
    private func get(
        _ fixture: HandlersFixture, as user: String? = nil, token: String? = nil, method: String = "GET"
    ) -> Response {
        var dependencies = fixture.dependencies()
        dependencies.version = "1.2.3"
        return Service(dependencies: dependencies).respond(
            to: Request(
                method: method, path: .encoded("/api/0/hookline/info/"), remoteUser: user,
                authorization: token.map { "Bearer " + $0 }, secFetchSite: "same-origin"))
    }

    @Test func theDeploymentsOwnEventsAreInTheirOrder() {
        var fixture = HandlersFixture()
        fixture.events = EventCatalogue(setting: "issue.created, deploy.finished")
        fixture.diagnosis.policy = .standard
        fixture.diagnosis.plan.names = PlatformNames(product: "Acme \"Hooks\"")

        let response = get(fixture, as: HandlersFixture.member)

        #expect(response.status == 200)
        #expect(
            response.text
                == #"{"name":"Acme \"Hooks\"","version":"1.2.3","protocol":"23.7","policy":"standard","#
                + #""events":["issue.created","deploy.finished"]}"#)
        #expect(response.header("Allow") == "GET, HEAD, OPTIONS")
        #expect(response.header("ETag") != nil)
    }

    @Test func everyUserAndEveryTokenMayReadItAndNobodyElse() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 111, scopes: [.hooklineEnqueue])

        #expect(get(fixture, as: "loner@nowhere.test").status == 200)
        #expect(get(fixture, token: token).status == 200)
        #expect(get(fixture).status == 401)
        #expect(get(fixture, token: "unknown").status == 401)
        #expect(get(fixture, as: HandlersFixture.owner, method: "POST").status == 405)
    }

    @Test(arguments: ["/api/0/hookline/", "/api/0/hookline/info", "/api/0/hookline/info/x/", "/api/0/other/info/"])
    func otherPathsAreUnknown(path: String) {
        let response = HandlersFixture().send(
            Request(method: "GET", path: .encoded(path), remoteUser: HandlersFixture.owner))

        #expect(response.status == 404)
    }
}
