import Model
import TestSupport
import Testing

@testable import Handlers

/// The caller of a request (docs/security.md; docs/protocol.md 5.2 and 2.7).
@Suite struct AuthenticationTests {
    private func send(
        _ fixture: HandlersFixture, authorization: String?, user: String? = nil, origin: String? = nil,
        path: String = "pub-app"
    ) -> Response {
        fixture.send(
            Request(
                method: "GET", path: .encoded("/api/0/sentry-apps/\(path)/requests/"), remoteUser: user,
                authorization: authorization, origin: origin))
    }

    private static let notProvided = "Authentication credentials were not provided."

    @Test func theWordsOfTheHeaderArePartedByWhiteSpaceAsPythonsBytesKnowItAndByNoOther() throws {
        for space in ["\t", "\n", "\u{B}", "\u{C}", "\r", " "] {
            #expect(try AuthorizationHeader(space + "Bearer" + space + space + "a" + space) == .bearer("a"))
            #expect(throws: HTTPFailure.self) { try AuthorizationHeader("Bearer a" + space + "b") }
        }
        #expect(try AuthorizationHeader("\r\nBasic\r\na\r\n") == .basic("a"))
        for text in [
            "a\u{0}b", "a\u{8}b", "a\u{E}b", "a\u{1C}b", "a\u{1F}b", "a!b", "a\u{7F}b", "a\u{85}b", "a\u{A0}b",
            "a\u{2003}b", "\u{301}a",
        ] {
            #expect(try AuthorizationHeader("Bearer " + text) == .bearer(text))
        }
    }

    @Test(arguments: [
        ("Bearer nope", "Invalid token"), ("bearer nope", "Invalid token"), ("BEARER\tnope", "Invalid token"),
        ("Bearer", "Invalid token header. No credentials provided."),
        ("Bearer ", "Invalid token header. No credentials provided."),
        ("Bearer a b", "Invalid token header. Token string should not contain spaces."),
        ("Bearer sntrys_abc", "Invalid org token"), ("Bearer \u{FFFD}", "Invalid token"),
    ])
    func aTokenThatIsNoGoodIs401EvenForAKnownUser(_ header: String, _ detail: String) {
        for user in [nil, HandlersFixture.owner] {
            for path in ["pub-app", "nope"] {
                let response = send(HandlersFixture(), authorization: header, user: user, path: path)

                #expect(response.status == 401)
                #expect(response.detail == detail)
                #expect(response.header("WWW-Authenticate") == #"xBasic realm="api""#)
            }
        }
    }

    @Test func anExpiredTokenIs401FromItsMomentOn() {
        var fixture = HandlersFixture()
        let expired = fixture.token(user: 103, scopes: [.orgRead], expiresAt: HandlersFixture.now.adding(seconds: -1))
        let expiring = fixture.token(user: 103, scopes: [.orgRead], expiresAt: HandlersFixture.now)
        let fresh = fixture.token(
            user: 103, scopes: [.orgRead],
            expiresAt: Timestamp(microseconds: HandlersFixture.now.microseconds + 1))

        #expect(send(fixture, authorization: "Bearer \(expired)").detail == "Token expired")
        #expect(send(fixture, authorization: "Bearer \(expiring)").detail == "Token expired")
        #expect(send(fixture, authorization: "Bearer \(fresh)").status == 200)
    }

    @Test(arguments: [113, 999] as [Int64])
    func aTokenOfAnInactiveOrMissingUserIs401(_ user: Int64) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: user, scopes: [.orgRead])

        #expect(send(fixture, authorization: "Bearer \(token)").detail == "User inactive or deleted")
    }

    @Test(arguments: [
        // "key:" and "key" without a colon: an empty password, so an API key.
        ("Basic a2V5Og==", "API key is not valid"), ("basic a2V5", "API key is not valid"),
        // "key:password"
        ("Basic a2V5OnBhc3N3b3Jk", notProvided),
        ("Basic", "Invalid basic header. No credentials provided."),
        ("Basic a b", "Invalid basic header. Credentials string should not contain spaces."),
        ("Basic a", "Invalid basic header. Credentials not correctly base64 encoded."),
        ("Negotiate abc", notProvided), ("", notProvided), ("Token abc", notProvided),
    ])
    func otherCredentialsAre401(_ header: String, _ detail: String) {
        let response = send(HandlersFixture(), authorization: header)

        #expect(response.status == 401)
        #expect(response.detail == detail)
    }

    @Test(arguments: ["Basic a2V5Og==", "Basic a2V5OnBhc3N3b3Jk", "Digest x"])
    func theWebServersOwnAuthorizationIsIgnored(_ header: String) {
        #expect(send(HandlersFixture(), authorization: header, user: HandlersFixture.owner).status == 200)
    }

    @Test func aTokenGoesBeforeTheUser() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 110, scopes: [.orgRead])

        let response = send(fixture, authorization: "Bearer \(token)", user: HandlersFixture.owner)

        #expect(response.status == 403)
        #expect(response.identity == "token:1")
    }

    @Test(arguments: ["stranger@x.test", "gone@acme.test"])
    func aUserThatTheDirectoryDoesNotKnowIsAnonymousAndLogged(_ user: String) {
        let response = send(HandlersFixture(), authorization: nil, user: user)

        #expect(response.status == 401)
        #expect(response.detail == AuthenticationTests.notProvided)
        #expect(response.identity == "unknown:\(user)")
        #expect(response.failure == nil)
    }

    @Test func anUnverifiedNameFitsOneLineOfALog() {
        let response = send(
            HandlersFixture(), authorization: nil, user: "a\nb\u{1B}" + String(repeating: "x", count: 500))

        #expect(response.identity == "unknown:a?b?" + String(repeating: "x", count: 96))
    }

    @Test func theAccessLogGetsTheCaller() {
        let fixture = HandlersFixture()

        #expect(send(fixture, authorization: nil).identity == nil)
        #expect(send(fixture, authorization: nil, user: "").identity == nil)
        #expect(send(fixture, authorization: nil, user: "OWNER@acme.test").identity == HandlersFixture.owner)
        #expect(send(fixture, authorization: nil, user: HandlersFixture.superuser).identity == "su")
    }

    @Test func aPlainUserTokenRefusesEveryOrigin() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: [.orgRead])

        let response = send(fixture, authorization: "Bearer \(token)", origin: "https://a.test")

        #expect(response.status == 400)
        #expect(response.text == #""Invalid origin: https://a.test""#)
        #expect(send(fixture, authorization: "Bearer \(token)", origin: "null").status == 200)
        #expect(send(fixture, authorization: nil, user: HandlersFixture.owner, origin: "https://a.test").status == 200)
    }

    @Test(arguments: [
        (["*"], 200), (["https://a.test"], 200), (["HTTPS://A.test"], 200), (["a.test"], 200), (["*.test"], 200),
        (["http://a.test"], 400), (["b.test"], 400), (["*.a.test"], 200), (["*.b.test"], 400), ([], 400),
        (["https://a.test.evil"], 400), (["x.test", "a.test"], 200), (["test"], 400),
    ])
    func anApplicationsTokenAllowsItsOrigins(_ patterns: [String], _ status: Int) {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: [.orgRead], allowedOrigins: patterns)

        #expect(send(fixture, authorization: "Bearer \(token)", origin: "https://a.test").status == status)
    }

    @Test func theOriginIsCheckedAfterTheTokenAndBeforeTheScopes() {
        var fixture = HandlersFixture()
        let weak = fixture.token(user: 103, scopes: [])

        #expect(send(fixture, authorization: "Bearer nope", origin: "https://a.test").status == 401)
        #expect(send(fixture, authorization: "Bearer \(weak)", origin: "https://a.test").status == 400)
    }

    @Test func negotiationComesBeforeAuthenticationUnlessThereIsAnOrigin() {
        func status(origin: String?) -> Int {
            HandlersFixture().send(
                Request(
                    method: "GET", path: .encoded("/api/0/sentry-apps/pub-app/requests/"),
                    authorization: "Bearer nope", accept: "text/html", origin: origin)
            ).status
        }

        #expect(status(origin: nil) == 406)
        #expect(status(origin: "https://a.test") == 401)
    }
}
