import Handlers
import Model
import TestSupport
import Testing

/// What depends on the release of the original that is followed (docs/protocol.md 11.1), and on rows that only its
/// database can have.
@Suite struct ReleaseTests {
    private func fixture(_ release: String) throws -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        return fixture
    }

    @Test(arguments: [
        ("23.7", #"xBasic realm="api""#), ("25.12", #"xBasic realm="api""#), ("26.1", #"Bearer realm="api""#),
        ("26.9", #"Bearer realm="api""#),
    ])
    func theChallengeOfA401IsThatOfTheRelease(_ release: String, _ challenge: String) throws {
        for response in try [
            fixture(release).get("pub-app/stats/", as: nil),
            fixture(release).get("pub-app/stats/", token: "nope"),
        ] {
            #expect(response.headers.filter { $0.name == "WWW-Authenticate" }.map(\.value) == [challenge])
        }
    }

    @Test(
        arguments: [
            ("26.6", nil),
            (
                "26.7",
                #"Bearer error="insufficient_scope", scope="org:admin org:integrations org:read org:write""#
            ),
        ] as [(String, String?)])
    func aTokenWithoutTheScopeIsToldWhichOneIsMissing(_ release: String, _ challenge: String?) throws {
        var fixture = try fixture(release)
        let token = fixture.token(user: 103, scopes: [.projectWrite])
        let wide = fixture.token(user: SessionFixture.outsider, scopes: [.orgRead])

        let response = fixture.get("pub-app/stats/", token: token)
        #expect(response.status == 403)
        #expect(response.detail == "You do not have permission to perform this action.")
        #expect(response.header("WWW-Authenticate") == challenge)
        // Its user lacks the right, not the token the scope; posting is for no token.
        #expect(fixture.get("pub-app/stats/", token: wide).header("WWW-Authenticate") == nil)
        let post = Request(
            method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/interaction/"), authorization: "Bearer \(wide)")
        #expect(fixture.send(post).header("WWW-Authenticate") == nil)
        #expect(fixture.get("globex-app/stats/").header("WWW-Authenticate") == nil)
    }

    @Test(arguments: [("23.7", 200), ("24.5", 200), ("24.6", 403), ("26.9", 403)])
    func fact4RolesOfTeamsCountUntilTheyAreGone(_ release: String, _ status: Int) throws {
        var fixture = try fixture(release)
        fixture.directory.memberships[0].teamRoles = [.manager]
        let token = fixture.token(user: 100, scopes: [.orgWrite])

        #expect(fixture.get("pub-app/stats/", token: token).status == status)
        let slugs = fixture.get("", token: token).json?.elements.count
        #expect(slugs == (status == 200 ? 4 : 0))
    }

    /// Hookline's own routes (docs/compatibility.md D27).
    @Test func whyFollowsTheRuleOfTheLogAndHealthThatOfTheStatistics() throws {
        let (before, after) = (try fixture("26.8"), try fixture("26.9"))
        let query = "eventType=issue.created&organizationSlug=acme"

        #expect(before.get("pub-app/why/", query, as: HandlersFixture.member).status != 403)
        #expect(after.get("pub-app/why/", query, as: HandlersFixture.member).status == 403)
        #expect(after.get("pub-app/why/", query).status != 403)
        for fixture in [before, after] {
            #expect(fixture.get("pub-app/health/", as: HandlersFixture.member).status == 200)
            #expect(fixture.get("", as: HandlersFixture.member).json?.elements.count == 4)
        }
    }

    // MARK: Rows

    @Test(arguments: ["", "webhook-requests/", "interaction/", "stats/"], [("23.7", 500), ("26.9", 403)])
    func withoutTheOwnerOfAnAppEveryCallerFailsWhoGetsPastTheFirstCheck(
        _ path: String, _ expected: (release: String, status: Int)
    ) throws {
        var fixture = try fixture(expected.release)
        fixture.directory.organizations.removeAll { $0.id == HandlersFixture.acme }
        let weak = fixture.token(user: 103, scopes: [.projectWrite])

        for user in [HandlersFixture.owner, HandlersFixture.outsider, HandlersFixture.superuser] {
            let response = fixture.get("pub-app/\(path)", as: user)
            #expect(response.status == expected.status)
            if expected.status == 500 {
                #expect(response.text == #"{"detail":"Internal Error","errorId":null}"#)
                #expect(response.failure == "organization 1, which owns the app pub-app, does not exist")
            }
        }
        #expect(fixture.get("pub-app/\(path)", as: nil).status == 401)
        #expect(fixture.get("pub-app/\(path)", token: weak).status == 403)
        #expect(fixture.get("nope/\(path)").status == 404)
        #expect(fixture.get("globex-app/\(path)", as: HandlersFixture.outsider).status == 200)
    }

    @Test(arguments: [(true, false), (false, true), (true, true)])
    func detailsAreDecidedFromTheCopiesAndEverythingElseIsNot(_ lacksMembers: Bool, _ lacksOrganizations: Bool) throws {
        var fixture = HandlersFixture()
        fixture.directory.lacksMemberCopies = lacksMembers
        fixture.directory.lacksOrganizationCopies = lacksOrganizations

        #expect(fixture.get("draft-app/").status == 404)
        #expect(fixture.get("pub-app/").json?["clientId"].string == nil)
        let superuser = fixture.get("draft-app/", as: HandlersFixture.superuser)
        #expect(superuser.status == 200)
        #expect((superuser.json?["clientId"].string == nil) == lacksOrganizations)
        for path in ["requests/", "interaction/", "stats/"] {
            #expect(fixture.get("draft-app/\(path)").status == 200)
        }
    }

    @Test func anOrganizationOfAnyStatusIsServedAndNamed() {
        var fixture = HandlersFixture()
        for status in Organization.Status.allCases {
            fixture.directory.organizations[0].status = status

            #expect(fixture.get("pub-app/requests/", "organizationSlug=acme").status == 200)
        }
    }

    @Test func anAppInDeletionWithoutEventsAndURLIsServedAndItsSlugHasACase() {
        var fixture = HandlersFixture()
        fixture.directory.apps[0].status = .deletionInProgress
        fixture.directory.apps[0].events = []
        fixture.directory.apps[0].webhookURL = nil

        #expect(fixture.get("pub-app/requests/").status == 200)
        #expect(fixture.get("PUB-APP/requests/").status == 404)
    }
}
