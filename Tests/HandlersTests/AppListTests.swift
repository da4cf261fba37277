import Directory
import Handlers
import Model
import TestSupport
import Testing

/// The list of apps: those whose log the caller may read.
@Suite struct AppListTests {
    @Test(arguments: [
        (HandlersFixture.owner, ["review-app", "int-app", "draft-app", "pub-app"]),
        (HandlersFixture.member, ["review-app", "int-app", "draft-app", "pub-app"]),
        (HandlersFixture.outsider, ["globex-draft", "globex-app"]), ("loner@nowhere.test", []),
        (HandlersFixture.superuser, ["globex-draft", "globex-app", "review-app", "int-app", "draft-app", "pub-app"]),
    ])
    func everybodySeesTheAppsWhoseLogTheyMayRead(_ user: String, _ slugs: [String]) {
        let fixture = HandlersFixture()

        let response = fixture.get("", as: user)

        #expect(response.status == 200)
        #expect(response.slugs == slugs)
        for slug in slugs {
            #expect(fixture.get("\(slug)/webhook-requests/", as: user).status == 200)
        }
    }

    @Test func anonymousSeesNothing() {
        let response = HandlersFixture().get("", as: nil)

        #expect(response.status == 401)
    }

    @Test(arguments: [
        ("owner=acme", ["review-app", "int-app", "draft-app", "pub-app"]), ("owner=globex", []),
        ("owner=nobody", []), ("status=published", ["pub-app"]), ("status=internal", ["int-app"]),
        ("status=unpublished&owner=acme", ["draft-app"]),
        ("status=other&owner=", ["review-app", "int-app", "draft-app", "pub-app"]),
    ])
    func itIsChosenFromByOwnerAndStatus(_ query: String, _ slugs: [String]) {
        #expect(HandlersFixture().get("", query).slugs == slugs)
    }

    @Test func rowsAreAppsAsTheirDetailsShowThemWithoutTheSecret() throws {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].clientSecret = Secret("the-secret-of-pub-app")

        let list = fixture.get("", "status=published")

        let details = fixture.get("pub-app/").text
        #expect(details.contains("the-secret-of-pub-app"))
        let stars = String(repeating: "*", count: 64)
        #expect(list.text == "[" + details.replacing("the-secret-of-pub-app", with: stars) + "]")
    }

    @Test(arguments: [(Scope.orgRead, 4), (.orgWrite, 4), (.orgIntegrations, 4)])
    func aTokenSeesWhatItsUserAndItsScopesAllow(_ scope: Scope, _ count: Int) {
        var fixture = HandlersFixture()
        let owner = fixture.token(user: 103, scopes: [scope])
        let loner = fixture.token(user: 111, scopes: [scope])

        #expect(fixture.get("", token: owner).slugs?.count == count)
        #expect(fixture.get("", token: loner).slugs?.isEmpty == true)
    }

    @Test func aTokenWithoutAScopeToReadIsRefused() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: [.eventRead])

        #expect(fixture.get("", token: token).status == 403)
    }

    @Test func itIsPagedAsTheOriginalPages() {
        let fixture = HandlersFixture()

        let first = fixture.get("", "per_page=3")
        let second = fixture.get("", "per_page=3&cursor=0:3:0")

        #expect(first.slugs == ["review-app", "int-app", "draft-app"])
        #expect(first.header("Link")?.contains(#"rel="next"; results="true"; cursor="0:3:0""#) == true)
        #expect(second.slugs == ["pub-app"])
        #expect(second.header("Link")?.contains(#"rel="next"; results="false""#) == true)
        #expect(fixture.get("", "per_page=0").status == 400)
    }

    @Test func deletedAppsAreNotListed() {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].dateDeleted = HandlersFixture.now

        #expect(fixture.get("", "status=published").slugs == [])
    }

    @Test func aFailingDirectoryIs503AndNotAnEmptyList() {
        var fixture = HandlersFixture()
        fixture.directory.failure = .unavailable(location: "here", reason: "test")

        #expect(fixture.get("").status == 503)
    }
}

extension Response {
    fileprivate var slugs: [String]? { json?.elements.compactMap { $0["slug"].string } }
}
