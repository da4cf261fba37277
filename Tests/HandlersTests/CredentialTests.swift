import Directory
import Handlers
import Model
import TestSupport
import Testing

/// Tokens and keys of the original's database (docs/protocol.md 5.2).
@Suite struct CredentialTests {
    private static let key = "0123456789abcdef0123456789abcdef"
    private static let paths = ["", "requests/", "webhook-requests/", "interaction/", "stats/", "health/", "why/"]

    private func fixture(
        organizationID: Int64 = HandlersFixture.acme, scopes: [Scope] = [.orgRead], isActive: Bool = true,
        allowedOrigins: [String] = []
    ) -> HandlersFixture {
        let fixture = HandlersFixture()
        var directory = fixture.directory
        directory.apiKeys[CredentialTests.key] = APIKey(
            id: 7, organizationID: organizationID, scopes: ScopeSet(scopes), isActive: isActive,
            allowedOrigins: allowedOrigins)
        return fixture
    }

    private func send(
        _ fixture: HandlersFixture, _ authorization: String, _ path: String = "pub-app/requests/",
        method: String = "GET", origin: String? = nil, body: String = ""
    ) -> Response {
        fixture.send(
            Request(
                method: method, path: .encoded("/api/0/sentry-apps/" + path), query: "eventType=issue.created",
                body: Array(body.utf8), authorization: authorization, contentType: "application/json", origin: origin))
    }

    /// `Basic` with the key, with a colon behind it or without.
    private static func basic(_ text: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bits = text.utf8.flatMap { byte in (0..<8).reversed().map { Int(byte >> $0 & 1) } }
        let digits = stride(from: 0, to: bits.count, by: 6).map { start in
            alphabet[(0..<6).reduce(0) { $0 << 1 | (start + $1 < bits.count ? bits[start + $1] : 0) }]
        }
        return "Basic " + String(digits) + String(repeating: "=", count: (4 - digits.count % 4) % 4)
    }

    // MARK: API keys

    @Test(arguments: [basic(key + ":"), basic(key), basic(key).replacing("Basic", with: "bAsIc \t")])
    func aKeyReadsTheAppsOfItsOrganization(_ header: String) {
        for app in ["pub-app", "draft-app", "int-app", "review-app"] {
            for path in ["requests/", "webhook-requests/", "interaction/", "stats/"] {
                #expect(send(fixture(), header, "\(app)/\(path)").status == 200)
            }
        }
        #expect(send(fixture(), header).identity == "key:7")
        #expect(send(fixture(), header, "globex-app/requests/").status == 403)
        #expect(send(fixture(organizationID: HandlersFixture.globex), header).status == 403)
    }

    @Test(arguments: [
        (Scope.orgRead, 200), (.orgIntegrations, 200), (.orgWrite, 200), (.orgAdmin, 200), (.projectRead, 403),
        (.eventAdmin, 403),
    ])
    func aKeyNeedsAScopeThatReads(_ scope: Scope, _ status: Int) {
        #expect(send(fixture(scopes: [scope]), CredentialTests.basic(CredentialTests.key)).status == status)
    }

    @Test(arguments: [
        (basic("0123456789abcdef0123456789abcdeF:"), "API key is not valid"), (basic("nope"), "API key is not valid"),
        (basic(":"), "API key is not valid"), ("Basic !!!", "API key is not valid"),
        ("Basic ====", "API key is not valid"),
        ("Basic a", "Invalid basic header. Credentials not correctly base64 encoded."),
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
    ])
    func anUnknownKeyIs401(_ header: String, _ detail: String) {
        let response = send(fixture(), header, "nope/requests/")

        #expect(response.status == 401)
        #expect(response.detail == detail)
        #expect(response.header("WWW-Authenticate") == #"xBasic realm="api""#)
    }

    @Test func aDisabledKeyIs401() {
        let response = send(fixture(isActive: false), CredentialTests.basic(CredentialTests.key))

        #expect(response.status == 401)
        #expect(response.detail == "Key is disabled")
    }

    @Test func aKeyWithAPasswordIsNoKey() {
        let response = send(fixture(), CredentialTests.basic(CredentialTests.key + ":x"))

        #expect(response.detail == "Authentication credentials were not provided.")
    }

    @Test func aKeyHasNoUserSoThatItSeesThePublicPartOfPublishedAppsOnly() {
        let header = CredentialTests.basic(CredentialTests.key)

        #expect(send(fixture(), header, "draft-app/").status == 404)
        for app in ["pub-app", "globex-app"] {
            let response = send(fixture(), header, "\(app)/")
            #expect(response.status == 200)
            #expect(response.json?["owner"].string == nil && !response.text.contains("client"))
        }
    }

    @Test func aKeyMayNotCountInteractionsNorQueueEvents() {
        let fixture = fixture(scopes: Scope.allCases)
        let header = CredentialTests.basic(CredentialTests.key)

        #expect(
            send(fixture, header, "pub-app/interaction/", method: "POST", body: #"{"tsdbField":"sentry_app_viewed"}"#)
                .status == 403)
        #expect(fixture.interactions.increments.isEmpty)
        let event = Request(
            method: "POST", path: .encoded("/api/0/sentry-app-installations/u/events/"), authorization: header)
        #expect(fixture.send(event).status == 403)
        #expect(send(fixture, header, "pub-app/requests/", method: "PUT").status == 403)
    }

    @Test func aKeyMayManageTheAppsOfItsOrganizationIfItHasTheScope() {
        let header = CredentialTests.basic(CredentialTests.key)
        func status(_ scopes: [Scope], _ app: String) -> Int {
            send(fixture(scopes: scopes), header, "\(app)/enable/", method: "POST").status
        }

        #expect(status([.orgRead], "pub-app") == 403)
        #expect(status([.orgWrite], "globex-app") == 403)
        // It is not disabled.
        #expect(status([.orgWrite], "pub-app") == 409)
    }

    @Test func aKeyListsTheAppsOfItsOrganization() {
        let slugs = send(fixture(), CredentialTests.basic(CredentialTests.key), "").json?.elements.compactMap {
            $0["slug"].string
        }

        #expect(Set(slugs ?? []) == ["pub-app", "draft-app", "int-app", "review-app"])
    }

    @Test(arguments: [([], 400), (["https://a.test"], 200), (["b.test"], 400), (["*"], 200)] as [([String], Int)])
    func aKeyAllowsItsOrigins(_ origins: [String], _ status: Int) {
        let fixture = fixture(allowedOrigins: origins)

        #expect(
            send(fixture, CredentialTests.basic(CredentialTests.key), origin: "https://a.test").status == status)
    }

    @Test func theWebServersBasicUserGoesBeforeAKey() {
        let request = Request(
            method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/requests/"),
            remoteUser: HandlersFixture.outsider, authorization: CredentialTests.basic(CredentialTests.key))

        #expect(fixture().send(request).status == 403)
    }

    // MARK: Organization tokens

    @Test(arguments: paths)
    func anOrganizationTokenIs403Everywhere(_ path: String) {
        var fixture = HandlersFixture()
        fixture.directory.organizationTokens[TokenDigest(hashing: "sntrys_known")] = OrganizationToken(
            id: 3, organizationID: HandlersFixture.acme)

        for app in ["pub-app", "nope"] {
            let response = send(fixture, "Bearer sntrys_known", "\(app)/\(path)")
            #expect(response.status == 403)
            #expect(response.identity == "organization-token:3")
        }
        #expect(send(fixture, "Bearer sntrys_known", "").status == 403)
        #expect(send(fixture, "Bearer sntrys_known", "pub-app/enable/", method: "POST").status == 403)
        #expect(send(fixture, "Bearer sntrys_other", "pub-app/\(path)").detail == "Invalid org token")
        let info = Request(
            method: "GET", path: .encoded("/api/0/hookline/info/"), authorization: "Bearer sntrys_known")
        #expect(fixture.send(info).status == 403)
    }

    // MARK: User tokens

    @Test func theChecksOfATokenHaveTheOriginalsOrder() {
        var fixture = HandlersFixture()
        let text = fixture.token(user: 113, scopes: [.orgRead], expiresAt: HandlersFixture.now)
        fixture.directory.tokens[0].isApplicationActive = false
        fixture.directory.tokens[0].scopingOrganizationID = HandlersFixture.acme
        func detail() -> String? {
            let response = send(fixture, "Bearer \(text)", "nope/requests/")
            return response.status == 401 ? response.detail : "\(response.status)"
        }

        #expect(detail() == "Token expired")
        fixture.directory.tokens[0].expiresAt = HandlersFixture.now.adding(seconds: 1)
        #expect(detail() == "User inactive or deleted")
        fixture.directory.tokens[0].userID = 103
        #expect(detail() == "UserApplication inactive or deleted")
        fixture.directory.tokens[0].isApplicationActive = true
        #expect(detail() == "This token access is limited to organization endpoints.")
        fixture.directory.tokens[0].scopingOrganizationID = nil
        #expect(detail() == "404")
        fixture.directory.tokens[0].expiresAt = nil
        #expect(detail() == "404")
    }

    @Test func aProxyUsersTokenNeedsAnActiveApplicationToo() throws {
        var fixture = HandlersFixture()
        let text = try fixture.proxyToken(appID: 20, appScopes: [.orgRead], tokenScopes: [.orgRead])
        fixture.directory.installations = [
            Installation(
                id: 1, appID: 20, organizationID: HandlersFixture.acme, uuid: "", status: .pending,
                dateAdded: HandlersFixture.now)
        ]
        #expect(send(fixture, "Bearer \(text)").status == 200)
        #expect(
            send(fixture, "Bearer \(text)", "").json?.elements.compactMap { $0["slug"].string }.sorted()
                == ["draft-app", "int-app", "pub-app", "review-app"])

        fixture.directory.tokens[0].isApplicationActive = false
        #expect(send(fixture, "Bearer \(text)").detail == "UserApplication inactive or deleted")
    }

    @Test func aTokenIgnoresTheNonceOfItsUser() throws {
        var fixture = try SessionFixture()
        fixture.base.directory.logins[SessionFixture.owner]?.nonce = "abc"
        let token = fixture.base.token(user: SessionFixture.owner, scopes: [.orgRead])

        #expect(fixture.get(cookie: nil, authorization: "Bearer \(token)").status == 200)
        #expect(fixture.get(cookie: "sentrysid=bad", authorization: "Bearer \(token)").status == 200)
    }
}
