import Directory
import Handlers
import Model
import TestSupport
import Testing

/// Whose session it is (docs/protocol.md 5.3), and what counts before it (docs/security.md).
@Suite struct SessionUserTests {
    /// A session with one member replaced.
    private func status(_ fixture: SessionFixture, replacing member: String, with other: String) -> Int {
        fixture.status(ofSession: fixture.json().replacing(member, with: other))
    }

    // MARK: The password

    @Test func aSessionEndsWhenThePasswordChanges() throws {
        var fixture = try SessionFixture()
        #expect(fixture.status(ofSession: fixture.json()) == 200)

        fixture.base.directory.logins[SessionFixture.owner] = .init(passwordHash: "pbkdf2_sha256$1$other$other=")
        #expect(fixture.status(ofSession: fixture.json()) == 401)
        fixture.cookies.hash = .sha1
        let json = fixture.json()
        fixture.cookies.hash = .sha256
        #expect(fixture.status(ofSession: json) == 401)
    }

    @Test func aSessionWithoutTheCodeOfThePasswordIsNobodys() throws {
        let fixture = try SessionFixture()
        let code = fixture.cookies.passwordCode(of: SessionFixture.passwordHash)

        for other in ["", code.uppercased(), String(code.dropLast()), code + "0", "x"] {
            #expect(status(fixture, replacing: code, with: other) == 401, "\(other)")
        }
        #expect(status(fixture, replacing: "_auth_user_hash", with: "_auth_user_has") == 401)
        #expect(status(fixture, replacing: "\"\(code)\"", with: "null") == 401)
        #expect(status(fixture, replacing: "\"\(code)\"", with: "1") == 401)
    }

    @Test func anEmptyPasswordHasItsCodeToo() throws {
        var fixture = try SessionFixture()
        fixture.base.directory.logins[SessionFixture.owner] = .init(passwordHash: "")

        #expect(
            fixture.status(ofSession: fixture.cookies.json(userID: SessionFixture.owner, passwordHash: "")) == 200)
        #expect(fixture.status(ofSession: fixture.json()) == 401)
    }

    // MARK: The way of signing in

    @Test(arguments: [
        ("sentry.utils.auth.EmailAuthBackend", 200), ("social_auth.backends.github.GithubBackend", 200),
        ("social_auth.backends.asana.AsanaBackend", 200), ("social_auth.backends.bitbucket.BitbucketBackend", 200),
        ("social_auth.backends.visualstudio.VisualStudioBackend", 200), ("", 401),
        ("django.contrib.auth.backends.ModelBackend", 401), ("sentry.utils.auth.emailauthbackend", 401),
    ])
    func onlyConfiguredWaysOfSigningInCount(_ backend: String, _ status: Int) throws {
        let fixture = try SessionFixture()

        #expect(self.status(fixture, replacing: "sentry.utils.auth.EmailAuthBackend", with: backend) == status)
        #expect(self.status(fixture, replacing: "_auth_user_backend", with: "_backend") == 401)
    }

    @Test func aPendingSecondFactorIsNobody() throws {
        let fixture = try SessionFixture()

        #expect(fixture.status(ofSession: #"{"_pending_2fa":[103,1689854400,null]}"#) == 401)
        #expect(fixture.status(ofSession: "{}") == 401)
    }

    // MARK: The user

    @Test(
        arguments: [
            ("103", 200), (#"" 103""#, 200), (#""103\n""#, 200), (#""+103""#, 200), (#""1_03""#, 200),
            // Of nobody.
            ("999", 401), (#""999""#, 401), (#""-103""#, 401), ("0", 401),
            // The original responds with 500 to these (docs/compatibility.md D22).
            (#""x""#, 401), (#""""#, 401), (#""103.0""#, 401), ("103.5", 401), (#""1 03""#, 401), ("null", 401),
            ("true", 401), ("[103]", 401), (#"{"a":103}"#, 401), (#""999999999999999999999999999999""#, 401),
            ("999999999999999999999999999999", 401), ("1e400", 401),
        ] as [(String, Int)])
    func theIdIsANumberHoweverItIsWritten(_ id: String, _ status: Int) throws {
        let fixture = try SessionFixture()

        #expect(self.status(fixture, replacing: #""103""#, with: id) == status)
    }

    @Test(arguments: [SessionFixture.owner, SessionFixture.superuser])
    func anInactiveUserIsNobody(_ id: Int64) throws {
        var fixture = try SessionFixture()
        for index in fixture.base.directory.users.indices where fixture.base.directory.users[index].id == id {
            fixture.base.directory.users[index].isActive = false
        }

        #expect(fixture.get(cookie: fixture.cookie(id)).status == 401)
    }

    @Test(arguments: [
        (#","_nonce":"abc""#, 200), (#","_nonce":"abd""#, 401), (#","_nonce":"ABC""#, 401), (#","_nonce":"""#, 401),
        (#","_nonce":null"#, 401), (#","_nonce":1"#, 401), ("", 401),
    ])
    func aUsersNonceMustBeTheSessions(_ member: String, _ status: Int) throws {
        var fixture = try SessionFixture()
        fixture.base.directory.logins[SessionFixture.owner]?.nonce = "abc"

        #expect(fixture.status(ofSession: fixture.json(more: member)) == status)
    }

    @Test(arguments: [nil, ""] as [String?], ["", #","_nonce":"abc""#, #","_nonce":null"#])
    func withoutANonceOfTheUserTheSessionsIsIgnored(_ nonce: String?, _ member: String) throws {
        var fixture = try SessionFixture()
        fixture.base.directory.logins[SessionFixture.owner]?.nonce = nonce

        #expect(fixture.status(ofSession: fixture.json(more: member)) == 200)
    }

    // MARK: Rights

    @Test(
        arguments: [
            (SessionFixture.owner, 200), (SessionFixture.member, 200), (SessionFixture.outsider, 403), (111, 403),
        ] as [(Int64, Int)])
    func aSessionHasTheRightsOfItsUser(_ id: Int64, _ status: Int) throws {
        let fixture = try SessionFixture()

        #expect(fixture.get(cookie: fixture.cookie(id)).status == status)
        #expect(fixture.get("draft-app/", cookie: fixture.cookie(id)).status == (status == 200 ? 200 : 404))
        #expect(fixture.get("nope/requests/", cookie: fixture.cookie(id)).status == 404)
    }

    @Test func aProxyUsersSessionHasItsAppsRightsWhereItIsInstalledWhateverTheNonce() throws {
        var fixture = try SessionFixture()
        _ = try fixture.base.proxyToken(appID: 20, appScopes: [.orgRead], tokenScopes: [])
        fixture.base.directory.logins[SessionFixture.proxy] = .init(
            passwordHash: SessionFixture.passwordHash, nonce: "other")
        let cookie = fixture.cookie(SessionFixture.proxy)
        #expect(fixture.get(cookie: cookie).status == 403)

        for status in Installation.Status.allCases {
            fixture.base.directory.installations = [
                Installation(
                    id: 1, appID: 20, organizationID: HandlersFixture.acme, uuid: "", status: status,
                    dateAdded: HandlersFixture.now)
            ]
            #expect(fixture.get(cookie: cookie).status == 200)
        }
        fixture.base.directory.installations[0].dateDeleted = HandlersFixture.now
        #expect(fixture.get(cookie: cookie).status == 403)
    }

    // MARK: The order of identities

    @Test func whatTheWebServerSaysAboutTheUserDoesNotCount() throws {
        let fixture = try SessionFixture()

        for (cookie, status) in [(nil, 401), ("sentrysid=x", 401), (fixture.cookie(SessionFixture.outsider), 403)] {
            for user in [HandlersFixture.owner, HandlersFixture.superuser] {
                let response = fixture.base.send(
                    fixture.request(cookie: cookie, remoteUser: user, allowsSuperuser: true))
                #expect(response.status == status)
                #expect(response.identity == (status == 401 ? nil : HandlersFixture.outsider))
            }
        }
        let request = fixture.request(
            cookie: fixture.cookie(SessionFixture.superuser), remoteUser: "su", allowsSuperuser: true)
        #expect(fixture.base.send(request).status == 403)
    }

    @Test func withoutTheSecretCookiesDoNotCount() throws {
        var fixture = try SessionFixture()
        fixture.base.sessions = nil

        #expect(fixture.get(cookie: fixture.cookie()).status == 401)
        #expect(
            fixture.base.send(fixture.request(cookie: fixture.cookie(), remoteUser: HandlersFixture.outsider)).status
                == 403)
    }

    @Test(arguments: [
        ("Bearer nope", 401), ("bearer \t nope", 401), ("Bearer", 401), ("Bearer a b", 401), ("Bearer sntrys_x", 401),
        ("Basic a2V5Og==", 401), ("Basic", 401),
        // Ignored: another scheme, no scheme, nothing, a password.
        ("Token abc", 200), ("abc", 200), ("", 200), (" ", 200), ("Basic a2V5OnBhc3N3b3Jk", 200),
    ])
    func aBadTokenFailsBesideAGoodSessionAndOtherHeadersDoNot(_ header: String, _ status: Int) throws {
        let fixture = try SessionFixture()

        #expect(fixture.get(cookie: fixture.cookie(), authorization: header).status == status)
    }

    @Test func aGoodTokenGoesBeforeAnothersSession() throws {
        var fixture = try SessionFixture()
        let token = fixture.base.token(user: SessionFixture.outsider, scopes: [.orgRead])

        let response = fixture.get(cookie: fixture.cookie(), authorization: "Bearer \(token)")

        #expect(response.status == 403)
        #expect(response.identity == "token:1")
    }

    @Test func tokensInTheQueryAndSignedLinksAreIgnored() throws {
        var fixture = try SessionFixture()
        let token = fixture.base.token(user: SessionFixture.owner, scopes: [.orgRead])

        for query in [
            "access_token=\(token)", "token=\(token)", "_=2v:1qMSLg:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            #expect(fixture.base.send(fixture.request(cookie: nil, query: query)).status == 401)
        }
    }

    @Test func aFailingDirectoryIs503AndNotNobody() throws {
        var fixture = try SessionFixture()
        fixture.base.directory.failure = .unavailable(location: "postgres://", reason: "gone")

        #expect(fixture.get(cookie: fixture.cookie()).status == 503)
        #expect(fixture.get(cookie: "sentrysid=x").status == 401)
    }
}
