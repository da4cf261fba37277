import Handlers
import Model
import TestSupport
import Testing

/// Who may read the log (docs/protocol.md 5.1 and 5.5): role by organization by status, tokens by scope, proxy users by app.
@Suite struct PermissionTests {
    private static let ownApps = ["pub-app", "draft-app", "int-app", "review-app"]
    private static let otherApps = ["globex-app", "globex-draft"]
    private static let endpoints = ["requests", "webhook-requests", "interaction", "stats"]

    @Test(arguments: Role.allCases, endpoints)
    func everyRoleReadsItsOrganizationsAppsOfAnyStatus(_ role: Role, _ endpoint: String) {
        for slug in PermissionTests.ownApps {
            #expect(HandlersFixture().get("\(slug)/\(endpoint)/", as: "\(role.rawValue)@acme.test").status == 200)
        }
        for slug in PermissionTests.otherApps {
            #expect(HandlersFixture().get("\(slug)/\(endpoint)/", as: "\(role.rawValue)@acme.test").status == 403)
        }
    }

    @Test(arguments: ["loner@nowhere.test", HandlersFixture.outsider], ownApps)
    func peopleOutsideTheOrganizationReadNothing(_ user: String, _ slug: String) {
        #expect(HandlersFixture().get("\(slug)/requests/", as: user).status == 403)
    }

    @Test(arguments: ownApps + otherApps)
    func anActiveSuperuserReadsEverything(_ slug: String) {
        #expect(HandlersFixture().get("\(slug)/requests/", as: HandlersFixture.superuser).status == 200)
    }

    @Test func superuserRightsNeedBothTheDirectoryAndTheWebServer() {
        let fixture = HandlersFixture()
        let path = Request.Path.encoded("/api/0/sentry-apps/pub-app/requests/")

        let withoutLeave = fixture.send(Request(method: "GET", path: path, remoteUser: HandlersFixture.superuser))
        let noSuperuser = fixture.send(
            Request(method: "GET", path: path, remoteUser: HandlersFixture.outsider, allowsSuperuser: true))
        let nobody = fixture.send(Request(method: "GET", path: path, allowsSuperuser: true))

        #expect([withoutLeave.status, noSuperuser.status, nobody.status] == [403, 403, 401])
    }

    @Test func aSuperusersTokenHasNoSpecialPower() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 112, scopes: Scope.allCases)

        let response = fixture.send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/requests/"), allowsSuperuser: true,
                authorization: "Bearer \(token)"))

        #expect(response.status == 403)
    }

    @Test(arguments: Scope.allCases)
    func aTokenReadsWithOneOfTheFourOrganizationScopes(_ scope: Scope) {
        var fixture = HandlersFixture()
        let ownersToken = fixture.token(user: 103, scopes: [scope])
        let isReader = [.orgRead, .orgIntegrations, .orgWrite, .orgAdmin].contains(scope)

        #expect(fixture.get("pub-app/requests/", token: ownersToken).status == (isReader ? 200 : 403))
        #expect(fixture.get("globex-app/requests/", token: ownersToken).status == 403)
        #expect(fixture.get("nope/requests/", token: ownersToken).status == (isReader ? 404 : 403))
    }

    @Test(arguments: [
        (Scope.orgRead, 200), (.orgIntegrations, 403), (.orgWrite, 403), (.orgAdmin, 403),
    ])
    func aMembersTokenCountsAsFarAsTheMembersRole(_ scope: Scope, _ status: Int) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 100, scopes: [scope])

        #expect(fixture.get("pub-app/requests/", token: token).status == status)
    }

    @Test func aTeamsRoleAddsToTheMembers() {
        var fixture = HandlersFixture()
        fixture.directory.memberships[0].teamRoles = [.manager]
        let token = fixture.token(user: 100, scopes: [.orgWrite])

        #expect(fixture.get("pub-app/requests/", token: token).status == 200)
    }

    @Test(arguments: endpoints)
    func tokensNeverPost(_ endpoint: String) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: Scope.allCases)

        let response = fixture.send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/\(endpoint)/"),
                body: Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8), authorization: "Bearer \(token)",
                contentType: "application/json"))

        #expect(response.status == 403)
        #expect(fixture.interactions.increments.isEmpty)
    }

    @Test func aProxyUsersTokenReadsWhereItsAppIsInstalled() throws {
        var fixture = HandlersFixture()
        let token = try fixture.proxyToken(appID: 20, appScopes: [.orgRead], tokenScopes: [.orgRead])
        #expect(fixture.get("pub-app/requests/", token: token).status == 403)

        fixture.directory.installations = [
            Installation(
                id: 1, appID: 20, organizationID: HandlersFixture.acme, uuid: "", dateAdded: HandlersFixture.now)
        ]
        #expect(fixture.get("pub-app/requests/", token: token).status == 200)
        #expect(fixture.get("globex-app/requests/", token: token).status == 403)

        fixture.directory.installations[0].dateDeleted = HandlersFixture.now
        #expect(fixture.get("pub-app/requests/", token: token).status == 403)
    }

    @Test(arguments: [
        ([Scope.orgRead], [Scope.projectRead], 403), ([.projectRead], [.orgRead], 403), ([.orgRead], [.orgAdmin], 200),
    ])
    func aProxyUsersTokenNeedsItsOwnScopeAndTheApps(_ app: [Scope], _ token: [Scope], _ status: Int) throws {
        var fixture = HandlersFixture()
        let text = try fixture.proxyToken(appID: 20, appScopes: app, tokenScopes: token)
        fixture.directory.installations = [
            Installation(
                id: 1, appID: 20, organizationID: HandlersFixture.acme, uuid: "", dateAdded: HandlersFixture.now)
        ]

        #expect(fixture.get("pub-app/requests/", token: text).status == status)
    }

    @Test func aSoftDeletedAppDoesNotExist() {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].dateDeleted = HandlersFixture.now

        #expect(fixture.get("pub-app/requests/").text == #"{"detail":"Not found."}"#)
    }

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "BREW"])
    func theRefusalOfAnUnsupportedMethodDependsOnTheCaller(_ method: String) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: Scope.allCases)
        let path = Request.Path.encoded("/api/0/sentry-apps/nope/requests/")

        let anonymous = fixture.send(Request(method: method, path: path))
        let byToken = fixture.send(Request(method: method, path: path, authorization: "Bearer \(token)"))
        let byUser = fixture.send(
            Request(method: method, path: path, remoteUser: HandlersFixture.owner, secFetchSite: "same-origin"))

        #expect([anonymous.status, byToken.status, byUser.status] == [401, 403, 405])
        #expect(byUser.detail == "Method \"\(method)\" not allowed.")
    }
}
