import Directory
import Handlers
import Model
import TestSupport
import Testing
import WebhookRules

/// What a deployment says about itself.
@Suite struct InfoTests {
    private func get(
        _ fixture: HandlersFixture, as user: String? = nil, token: String? = nil, method: String = "GET",
        allowsSuperuser: Bool = false, ifNoneMatch: String? = nil,
        with change: (inout Dependencies) -> Void = { _ in }
    ) -> Response {
        var dependencies = fixture.dependencies()
        dependencies.version = "1.2.3"
        change(&dependencies)
        return Service(dependencies: dependencies).respond(
            to: Request(
                method: method, path: .encoded("/api/0/hookline/info/"), remoteUser: user,
                allowsSuperuser: allowsSuperuser, authorization: token.map { "Bearer " + $0 },
                secFetchSite: "same-origin", ifNoneMatch: ifNoneMatch))
    }

    /// A way to change the directory, which these requests do not use.
    private static let management = DirectoryManagement(
        IncompleteDirectory(missing: []), at: .default, opener: IncompleteDirectoryOpener(findings: []),
        changes: DirectoryChanges())

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
                + #""events":["issue.created","deploy.finished"],"managedBy":"sentry","#
                + #""limits":{"logRows":100,"logSeconds":2592000,"eventBytes":262144,"payloadSeconds":259200,"#
                + #""detailsBytes":16384,"timeoutMs":5000,"minimumTimeoutMs":500,"maximumTimeoutMs":30000},"#
                + #""signOutUrl":null,"#
                + #""user":{"username":"member@acme.test","name":"","isSuperuser":false}}"#)
        #expect(response.header("Allow") == "GET, HEAD, OPTIONS")
        #expect(response.header("ETag") != nil)
        #expect(response.header("Cache-Control") == "private, no-cache")
    }

    @Test func aUserIsNamedAsTheDirectoryHasTheName() {
        var fixture = HandlersFixture()
        fixture.directory.users[0].username = "max"
        fixture.directory.users[0].name = "Max \u{202E}\"<b>"

        let user = get(fixture, as: HandlersFixture.member).json?["user"]

        #expect(user?["username"].string == "max")
        #expect(user?["name"].string == "Max \u{202E}\"<b>")
    }

    @Test func aSuperuserIsOneWhereTheRightsAreInForce() {
        let fixture = HandlersFixture()

        let elsewhere = get(fixture, as: HandlersFixture.superuser)
        let active = get(fixture, as: HandlersFixture.superuser, allowsSuperuser: true)

        #expect(elsewhere.json?["user"]["username"].string == "su")
        #expect(elsewhere.json?["user"]["isSuperuser"].bool == false)
        #expect(active.json?["user"]["isSuperuser"].bool == true)
        #expect(
            get(fixture, as: HandlersFixture.member, allowsSuperuser: true).json?["user"]["isSuperuser"].bool == false)
    }

    @Test func aTokenHasNoUser() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 100, scopes: [.orgRead])

        let response = get(fixture, token: token)

        #expect(response.json?["user"].isNull == true)
        #expect(!response.text.contains("acme.test"))
    }

    @Test func theTagIsThatOfTheUserAndItsRights() throws {
        let fixture = HandlersFixture()
        let tag = try #require(get(fixture, as: HandlersFixture.superuser).header("ETag"))

        #expect(get(fixture, as: HandlersFixture.superuser, ifNoneMatch: tag).status == 304)
        #expect(get(fixture, as: HandlersFixture.superuser, allowsSuperuser: true, ifNoneMatch: tag).status == 200)
        #expect(get(fixture, as: HandlersFixture.member, ifNoneMatch: tag).status == 200)
    }

    @Test func itSaysWhereToSignOut() {
        let response = get(HandlersFixture(), as: HandlersFixture.member) { $0.signOutURL = "/oauth2/sign_out?rd=%2F" }

        #expect(response.json?["signOutUrl"].string == "/oauth2/sign_out?rd=%2F")
    }

    @Test func itSaysWhoChangesApps() throws {
        let fixture = HandlersFixture()
        func manager(_ management: DirectoryManagement?) -> String? {
            get(fixture, as: HandlersFixture.member) { $0.management = management }.json?["managedBy"].string
        }

        #expect(manager(Self.management) == "hookline")
        #expect(manager(nil) == "sentry")
        try fixture.directory.becomeTables(of: ProtocolRelease(24, 1)...ProtocolRelease(24, 1))
        #expect(manager(Self.management) == "sentry")
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
