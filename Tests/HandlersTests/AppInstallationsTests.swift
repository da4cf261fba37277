import Handlers
import Model
import Redis
import TestSupport
import Testing

/// Where an app is installed, as far as the caller may know.
@Suite struct AppInstallationsTests {
    private static let path = "pub-app/installations/"
    private static let initech: Int64 = 3

    /// `pub-app`, which acme owns, in acme, globex and initech, and a deleted installation in hooli.
    private func fixture() -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.directory.organizations += [
            Organization(id: Self.initech, slug: "initech", name: "Initech"),
            Organization(id: 4, slug: "hooli", name: "Hooli"),
        ]
        for id: Int64 in 1...4 {
            fixture.directory.installations.append(
                Installation(
                    id: 50 + id, appID: 10, organizationID: id, uuid: "installation-\(id)",
                    status: id == 2 ? .pending : .installed, dateAdded: HandlersFixture.now,
                    dateDeleted: id == 4 ? HandlersFixture.now : nil))
        }
        return fixture
    }

    private func slugs(_ response: Response) -> [String?] {
        response.json?.elements.map { $0["organization"]["slug"].string } ?? []
    }

    @Test func aMemberSeesThatOfItsOrganizationInTheFormOfTheOriginal() {
        let response = fixture().get(Self.path, as: HandlersFixture.member)

        #expect(response.status == 200)
        #expect(
            response.text
                == #"[{"app":{"uuid":"uuid-10","slug":"pub-app"},"organization":{"slug":"acme"},"#
                + #""uuid":"installation-1","status":"installed"}]"#)
        #expect(response.header("ETag") != nil)
        #expect(response.header("Allow") == "GET, HEAD, OPTIONS")
    }

    @Test func thoseThatTheLogNamesAreVisibleToo() {
        let fixture = fixture()
        fixture.store(200, organization: HandlersFixture.globex)
        // Of an organization where the app is not installed any more.
        fixture.store(200, organization: 4)

        let response = fixture.get(Self.path, as: HandlersFixture.member)

        #expect(slugs(response) == ["acme", "globex"])
        #expect(response.json?.elements.last?["status"].string == "pending")
    }

    /// Also rows that newer ones of other events have pushed off the first page of the log.
    @Test func everyRowOfTheLogCounts() {
        let fixture = fixture()
        fixture.store(
            200, event: "issue.created", date: "2023-07-20 10:00:00+00:00", organization: HandlersFixture.globex)
        for _ in 1...300 { fixture.store(200, event: "issue.assigned") }

        #expect(slugs(fixture.get(Self.path, as: HandlersFixture.member)) == ["acme", "globex"])
    }

    @Test func aSuperuserSeesAll() {
        #expect(slugs(fixture().get(Self.path, as: HandlersFixture.superuser)) == ["acme", "globex", "initech"])
    }

    @Test func pagesAreLinked() throws {
        let fixture = fixture()

        let first = fixture.get(Self.path, "per_page=2", as: HandlersFixture.superuser)
        let second = fixture.get(Self.path, "per_page=2&cursor=0:2:0", as: HandlersFixture.superuser)

        #expect(slugs(first) == ["acme", "globex"])
        #expect(slugs(second) == ["initech"])
        let link = try #require(first.header("Link"))
        #expect(
            link.contains(
                "/api/0/sentry-apps/pub-app/installations/?per_page=2&cursor=0:2:0>; rel=\"next\"; results=\"true\""))
        #expect(second.header("Link")?.contains("rel=\"next\"; results=\"false\"") == true)
        #expect(fixture.get(Self.path, "per_page=101", as: HandlersFixture.superuser).status == 400)
    }

    @Test func itIsForThoseWhoReadTheLog() {
        var fixture = fixture()
        let without = fixture.token(user: 103, scopes: [.eventRead])
        let reader = fixture.token(user: 103, scopes: [.orgRead])

        #expect(fixture.get(Self.path, as: nil).status == 401)
        #expect(fixture.get(Self.path, as: HandlersFixture.outsider).status == 403)
        #expect(fixture.get(Self.path, token: without).status == 403)
        #expect(slugs(fixture.get(Self.path, token: reader)) == ["acme"])
        #expect(fixture.get("no-app/installations/").status == 404)
        #expect(fixture.post(Self.path, "{}").status == 405)
    }

    @Test func aLogThatCannotBeReadIs503() {
        let fixture = fixture()
        fixture.log.failure = .timedOut(server: "redis", milliseconds: 500)

        #expect(fixture.get(Self.path, as: HandlersFixture.member).status == 503)
    }
}
