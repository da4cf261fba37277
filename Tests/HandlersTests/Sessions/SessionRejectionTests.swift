import Directory
import Handlers
import Model
import TestSupport
import Testing

/// Why one session cookie is not accepted: the check of the configuration says it.
@Suite struct SessionRejectionTests {
    private func result(
        _ fixture: SessionFixture, _ cookie: String, release: ProtocolRelease = .default
    ) throws -> Result<User, SessionRejection> {
        try SessionIdentity(SessionSettings(secret: Secret(SessionFixture.secret)), rules: ProtocolRules(release))
            .user(ofCookie: cookie, at: HandlersFixture.now, in: fixture.base.directory)
    }

    private func rejection(_ fixture: SessionFixture, session json: String) throws -> SessionRejection? {
        guard case .failure(let rejection) = try result(fixture, fixture.cookies.session(json)) else { return nil }
        return rejection
    }

    @Test(arguments: ["VALUE", "VALUE\n", "\"VALUE\"", "sentrysid=VALUE", "a=b; sentrysid=VALUE; c=d\r\n"])
    func aGoodCookieHasItsUserAloneOrInAHeader(_ text: String) throws {
        let fixture = try SessionFixture()
        let value = fixture.cookies.session(fixture.json())

        #expect(try result(fixture, text.replacing("VALUE", with: value)).get().id == SessionFixture.owner)
    }

    @Test func everyReasonIsNamed() throws {
        var fixture = try SessionFixture()
        let good = fixture.json()
        var expired = fixture.cookies
        expired.time -= 15 * 86_400
        var foreign = fixture.cookies
        foreign.secret = "other"
        var old = fixture.cookies
        old.hash = .sha1

        #expect(try result(fixture, "").rejection == .malformed)
        #expect(try result(fixture, "x").rejection == .malformed)
        #expect(try result(fixture, foreign.session(good)).rejection == .wrongSignature)
        #expect(try result(fixture, expired.session(good)).rejection == .expired(ageSeconds: 15 * 86_400))
        #expect(try result(fixture, old.session(good)).rejection == nil)
        #expect(
            try result(fixture, old.session(good), release: ProtocolRelease(parsing: "24.1")).rejection
                == .wrongSignature)
        #expect(try rejection(fixture, session: "[]") == .undecodable)
        #expect(try rejection(fixture, session: #"{"_pending_2fa":1}"#) == .notSignedIn)
        #expect(
            try rejection(fixture, session: good.replacing("EmailAuthBackend", with: "x")) == .unknownBackend)
        #expect(try rejection(fixture, session: good.replacing("103", with: "999")) == .unknownUser)
        #expect(try rejection(fixture, session: good.replacing("103", with: "me")) == .unknownUser)
        #expect(try rejection(fixture, session: fixture.json(113)) == .inactiveUser)
        fixture.base.directory.logins[SessionFixture.owner]?.nonce = "abc"
        #expect(try rejection(fixture, session: good) == .otherNonce)
        fixture.base.directory.logins[SessionFixture.owner]?.passwordHash = "changed"
        #expect(try rejection(fixture, session: good) == .otherPassword)
    }

    @Test func theAgeOfAnExpiredCookieIsInDays() {
        #expect(SessionRejection.expired(ageSeconds: 1_300_000).description.hasPrefix("it expired: it is 15 days old"))
    }
}

extension Result<User, SessionRejection> {
    fileprivate var rejection: SessionRejection? {
        guard case .failure(let rejection) = self else { return nil }
        return rejection
    }
}
