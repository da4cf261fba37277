import Directory
import Handlers
import Model
import System
import TestSupport
import Testing

/// When a session has superuser rights (docs/protocol.md 5.6). Whatever is wrong, the user is an ordinary outsider.
@Suite struct SuperuserSessionTests {
    private static let now = HandlersFixture.now.seconds
    private static let tok = "AbCdEfGhIjKl"

    /// A superuser session with what a test changes.
    private struct Superuser {
        var fixture: SessionFixture
        var userID = SessionFixture.superuser
        /// The session's entry; nil for none.
        var entry: String?
        /// The cookie `su`; nil for none.
        var cookie: String?

        init(release: String = "23.7") throws {
            fixture = try SessionFixture(release: release)
            entry = Superuser.entry()
            cookie = fixture.cookies.superuser(token: tok)
        }

        static func entry(
            tok: String = #""AbCdEfGhIjKl""#, uid: String = #""112""#, exp: String = "\"\(now + 14_400)\"",
            idl: String = "\"\(now + 900)\""
        ) -> String {
            #"{"exp":\#(exp),"idl":\#(idl),"tok":\#(tok),"uid":\#(uid)}"#
        }

        var header: String {
            let json = fixture.json(userID, more: entry.map { #","_su":\#($0)"# } ?? "")
            return "sentrysid=" + fixture.cookies.session(json) + (cookie.map { "; su=\($0)" } ?? "")
        }

        func status(_ method: String = "GET", authorization: String? = nil, address: String? = nil) -> Int {
            fixture.base.send(
                fixture.request(method, cookie: header, authorization: authorization, address: address)
            ).status
        }
    }

    @Test(arguments: ["23.7", "26.9"])
    func anActiveSuperuserReadsEverything(_ release: String) throws {
        var superuser = try Superuser(release: release)
        #expect(superuser.status() == 200)
        // In the original only a superuser may use HEAD; here everybody may who may use GET.
        #expect(superuser.status("HEAD") == 200)

        superuser.cookie = nil
        #expect(superuser.status() == 403)
        #expect(superuser.status("HEAD") == 403)
    }

    @Test(arguments: [(0, 200), (14_400, 200), (14_401, 403), (-86_400, 200)] as [(Int64, Int)])
    func theCookieLastsFourHoursAndMayComeFromTheFuture(_ age: Int64, _ status: Int) throws {
        var superuser = try Superuser()
        superuser.fixture.base.clock = .frozen(at: HandlersFixture.now.truncatedToSeconds)
        var cookies = superuser.fixture.cookies
        cookies.time -= age
        superuser.cookie = cookies.superuser(token: SuperuserSessionTests.tok)

        #expect(superuser.status() == status)
    }

    @Test(arguments: [("23.7", 200), ("24.1", 403)])
    func aCookieSignedWithSHA1EndsWithRelease24Dot1(_ release: String, _ status: Int) throws {
        var superuser = try Superuser(release: release)
        var cookies = superuser.fixture.cookies
        cookies.hash = .sha1
        superuser.cookie = cookies.superuser(token: SuperuserSessionTests.tok)

        #expect(superuser.status() == status)
    }

    @Test func everyOtherCookieIsNone() throws {
        var superuser = try Superuser()
        let good = try #require(superuser.cookie)
        var secret = superuser.fixture.cookies
        secret.secret = "other"
        var prefix = superuser.fixture.cookies
        prefix.superuserPrefix = ""
        var salt = superuser.fixture.cookies
        salt.superuserSalt = SessionCookies.sessionSalt
        let tok = SuperuserSessionTests.tok

        for cookie in [
            secret.superuser(token: tok), prefix.superuser(token: tok), salt.superuser(token: tok), tok, "\(tok):", "",
            String(good.dropLast()), "B" + good.dropFirst(), superuser.fixture.cookies.superuser(token: "another"),
            superuser.fixture.cookies.superuser(token: ""),
        ] {
            superuser.cookie = cookie
            #expect(superuser.status() == 403, "\(cookie)")
        }
        superuser.cookie = "\"\(good)\""
        #expect(superuser.status() == 200)
    }

    @Test(
        arguments: [
            nil, "null", "{}", "[]", #""x""#, "1", Superuser.entry(tok: "null"), Superuser.entry(tok: #""""#),
            Superuser.entry(tok: #""abcdefghijkl""#), Superuser.entry(uid: "112"), Superuser.entry(uid: "null"),
            Superuser.entry(uid: #""103""#), Superuser.entry(uid: #"" 112""#), Superuser.entry(uid: #""0112""#),
            #"{"exp":"9999999999","idl":"9999999999","uid":"112"}"#,
        ] as [String?])
    func everyOtherEntryOfTheSessionIsNone(_ entry: String?) throws {
        var superuser = try Superuser()
        superuser.entry = entry

        #expect(superuser.status() == 403)
    }

    @Test(
        arguments: [
            ("\"\(now + 1)\"", 200), ("\(now + 1)", 200), ("\"\(now).6\"", 200), ("\(now).6", 200),
            ("\" \(now + 1) \"", 200), ("99999999999", 200), ("\"\(now)\"", 403), ("\(now).4", 403),
            ("\(now - 900)", 403),
            ("\"\"", 403), ("\"soon\"", 403), ("null", 403), ("true", 403), ("[]", 403), ("\"inf\"", 403),
            ("1e400", 403),
            ("\"nan\"", 403), ("\"-inf\"", 403),
        ] as [(String, Int)])
    func bothLimitsAreNumbersOfSecondsInTheFuture(_ time: String, _ status: Int) throws {
        var superuser = try Superuser()

        superuser.entry = Superuser.entry(exp: time)
        #expect(superuser.status() == status)
        superuser.entry = Superuser.entry(idl: time)
        #expect(superuser.status() == status)
    }

    @Test func onlySuperusersCanBeOne() throws {
        var superuser = try Superuser()
        superuser.userID = 111
        superuser.entry = Superuser.entry(uid: #""111""#)

        #expect(superuser.status() == 403)
    }

    @Test(
        arguments: [
            ([], nil, 200), ([], "203.0.113.9", 200), (["203.0.113.0/24"], "203.0.113.9", 200),
            (["203.0.113.0/24"], "203.0.114.9", 403), (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", 200),
            (["10.0.0.0/8"], "2001:db8::1", 403), (["10.0.0.0/8"], nil, 403), (["10.0.0.0/8"], "", 403),
            (["0.0.0.0/0"], "unix:", 403),
        ] as [([String], String?, Int)])
    func theClientMustBeInAnAllowedNetwork(_ networks: [String], _ address: String?, _ status: Int) throws {
        var superuser = try Superuser()
        superuser.fixture.base.sessions?.superuserNetworks = try networks.map { try CIDR(parsing: $0) }

        #expect(superuser.status(address: address) == status)
    }

    // MARK: Tokens

    @Test func aTokenIsASuperusersBesideTheCookiesOfItsOwnUser() throws {
        var superuser = try Superuser()
        let token = "Bearer " + superuser.fixture.base.token(user: SessionFixture.superuser, scopes: [.orgRead])
        let weak = "Bearer " + superuser.fixture.base.token(user: SessionFixture.superuser, scopes: [.projectWrite])
        let others = "Bearer " + superuser.fixture.base.token(user: 111, scopes: [.orgRead])

        #expect(superuser.status(authorization: token) == 200)
        #expect(superuser.status(authorization: weak) == 403)
        #expect(superuser.status(authorization: others) == 403)
        #expect(superuser.status("POST", authorization: token) == 403)
        #expect(superuser.fixture.get(cookie: nil, authorization: token).status == 403)
        superuser.cookie = nil
        #expect(superuser.status(authorization: token) == 403)
    }

    @Test func aTokenIsNotASuperusersBesideAnotherSuperusersCookies() throws {
        var superuser = try Superuser()
        superuser.fixture.base.directory.users.append(
            User(id: 115, username: "other", email: "other@sentry.test", isSuperuser: true))
        let token = "Bearer " + superuser.fixture.base.token(user: 115, scopes: [.orgRead])

        #expect(superuser.status(authorization: token) == 403)
    }

    @Test func theSessionIsNeitherRenewedNorDeleted() throws {
        let superuser = try Superuser()

        for cookie in [superuser.header, "sentrysid=bad; su=bad"] {
            let response = superuser.fixture.get(cookie: cookie)
            #expect(response.header("Set-Cookie") == nil)
        }
    }
}
