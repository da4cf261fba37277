import Directory
import Model
import TestSupport
import Testing

@testable import Handlers

/// A session whose cookie was verified is remembered; what may change is checked in each request nevertheless.
@Suite struct RememberedSessionTests {
    /// A service that has recognized a session once.
    private struct Subject {
        var fixture: SessionFixture
        let service: Service
        let cookie: String
        let clock: ManualClock

        init(_ userID: Int64 = SessionFixture.owner, more: String = "", cookies: String = "") throws {
            fixture = try SessionFixture()
            clock = ManualClock(Timestamp(seconds: fixture.cookies.time))
            fixture.base.clock = clock.clock
            service = Service(dependencies: fixture.base.dependencies())
            cookie = "sentrysid=" + fixture.cookies.session(fixture.json(userID, more: more)) + cookies
            #expect(status() == 200)
            #expect(recent?.count == 1)
        }

        var recent: RecentSessions? { service.sessions?.identity.recent }

        func status() -> Int { service.respond(to: fixture.request(cookie: cookie)).status }
    }

    @Test func aRememberedSessionIsRecognizedAgainWithoutBeingRememberedTwice() throws {
        let subject = try Subject()

        for _ in 0..<3 { #expect(subject.status() == 200) }

        #expect(subject.recent?.count == 1)
    }

    @Test func aRememberedSessionExpires() throws {
        let subject = try Subject()

        subject.clock.advance(seconds: 1_209_600)
        #expect(subject.status() == 200)
        subject.clock.advance(seconds: 1)
        #expect(subject.status() == 401)
    }

    @Test func aChangedPasswordEndsARememberedSession() throws {
        var subject = try Subject()

        subject.fixture.base.directory.logins[SessionFixture.owner] = .init(passwordHash: "pbkdf2_sha256$1$other$x=")
        #expect(subject.status() == 401)
        subject.fixture.base.directory.logins[SessionFixture.owner] = .init(passwordHash: SessionFixture.passwordHash)
        #expect(subject.status() == 200)
    }

    @Test func aNewNonceTheEndOfTheUserAndADeletedUserEndARememberedSession() throws {
        var subject = try Subject()

        subject.fixture.base.directory.logins[SessionFixture.owner]?.nonce = "new"
        #expect(subject.status() == 401)
        subject.fixture.base.directory.logins[SessionFixture.owner]?.nonce = nil
        #expect(subject.status() == 200)
        subject.fixture.base.directory.users.removeAll { $0.id == SessionFixture.owner }
        #expect(subject.status() == 401)
    }

    /// A superuser with a session of four hours that ends after 15 idle minutes.
    private static func superuser() throws -> Subject {
        let now = HandlersFixture.now.seconds
        let token = "AbCdEfGhIjKl"
        let cookies = SessionCookies(secret: SessionFixture.secret, time: now)
        return try Subject(
            SessionFixture.superuser,
            more: #","_su":{"exp":"\#(now + 14_400)","idl":"\#(now + 900)","tok":"\#(token)","uid":"112"}"#,
            cookies: "; su=" + cookies.superuser(token: token))
    }

    @Test func theSuperuserRightsOfARememberedSessionEnd() throws {
        let subject = try Self.superuser()

        subject.clock.advance(seconds: 899)
        #expect(subject.status() == 200)
        subject.clock.advance(seconds: 2)
        #expect(subject.status() == 403)
        #expect(subject.recent?.count == 1)
    }

    @Test func theSuperusersCookieIsVerifiedBesideARememberedSession() throws {
        let subject = try Self.superuser()

        let without = String(subject.cookie.prefix { $0 != ";" })
        let response = subject.service.respond(to: subject.fixture.request(cookie: without))

        #expect(response.status == 403)
    }

    @Test func anotherSecretKnowsNoRememberedSession() throws {
        var subject = try Subject()

        subject.fixture.base.sessions?.secret = Secret("another")
        let service = Service(dependencies: subject.fixture.base.dependencies())

        #expect(service.respond(to: subject.fixture.request(cookie: subject.cookie)).status == 401)
        #expect(service.sessions?.identity.recent.count == 0)
    }

    @Test func onlySessionsWithAGoodSignatureAreRemembered() throws {
        let subject = try Subject()
        var foreign = subject.fixture.cookies
        foreign.secret = "another"

        for value in [
            "", "x", subject.cookie + "x", foreign.session(subject.fixture.json()),
            subject.fixture.cookies.session("[]"), subject.fixture.cookies.session("{}"),
            subject.fixture.cookies.session(subject.fixture.json().replacing("EmailAuthBackend", with: "x")),
        ] {
            let request = subject.fixture.request(cookie: "sentrysid=" + value)
            for _ in 0..<2 { #expect(subject.service.respond(to: request).status == 401) }
        }

        #expect(subject.recent?.count == 1)
    }

    /// Every cookie differs, as those of many users do.
    @Test func theNumberOfRememberedSessionsIsLimitedAndTheLastUsedStay() throws {
        let subject = try Subject()
        let limit = RecentSessions.entryLimit

        for number in 0..<(limit + limit / 4) {
            let session = subject.fixture.json(more: #","n":\#(number)"#)
            let request = subject.fixture.request(cookie: "sentrysid=" + subject.fixture.cookies.session(session))
            #expect(subject.service.respond(to: request).status == 200)
            #expect(subject.status() == 200)
            #expect(try #require(subject.recent).count <= limit)
        }

        let recent = try #require(subject.recent)
        #expect(recent.count >= limit / 2)
        let value = String(subject.cookie.dropFirst("sentrysid=".count))
        #expect(recent.entry(for: recent.key(of: value)) != nil)
    }

    @Test func aLongSessionIsRecognizedAndNotRemembered() throws {
        let subject = try Subject()
        let nonce = String(repeating: "n", count: RecentSessions.entryByteLimit)
        let json = subject.fixture.json(nonce: nonce)
        let cookie = "sentrysid=" + subject.fixture.cookies.session(json, compressed: true)

        #expect(subject.service.respond(to: subject.fixture.request(cookie: cookie)).status == 200)

        #expect(subject.recent?.count == 1)
    }

    /// What is remembered must not show a cookie, the password or its hash in a message by accident.
    @Test func whatIsRememberedHasNoCookieInIt() throws {
        let subject = try Subject()
        let recent = try #require(subject.recent)
        let value = String(subject.cookie.dropFirst("sentrysid=".count))
        let entry = try #require(recent.entry(for: recent.key(of: value)))

        var text = ""
        dump(recent, to: &text)
        dump(entry, to: &text)

        #expect(!text.contains(value.prefix(20)))
        #expect(!text.contains(value.suffix(20)))
        #expect(!text.contains(SessionFixture.passwordHash))
    }

    @Test func digestsDependOnEachByteAndOnTheObject() {
        let (recent, other) = (RecentSessions(), RecentSessions())

        #expect(recent.key(of: "abc") == recent.key(of: "abc"))
        #expect(recent.key(of: "abc") != recent.key(of: "abd"))
        #expect(recent.key(of: "") != recent.key(of: "\0"))
        #expect(recent.key(of: "abc") != other.key(of: "abc"))
    }
}
