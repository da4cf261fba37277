import Handlers
import Model
import TestSupport
import Testing

/// Which session cookies are accepted (docs/protocol.md 5.3): 200 means that the user was recognized, 401 that nobody
/// was. No cookie is ever an error.
@Suite struct SessionCookieTests {
    private static let fourteenDays: Int64 = 14 * 86_400

    @Test(
        arguments: [
            (0, 200), (fourteenDays, 200), (fourteenDays + 1, 401), (2 * fourteenDays, 401), (-86_400, 200),
            (-400 * 86_400, 200),
        ] as [(Int64, Int)])
    func aCookieLastsFourteenDaysAndMayComeFromTheFuture(_ age: Int64, _ status: Int) throws {
        var fixture = try SessionFixture()
        // The time of the requests has half a second more.
        fixture.base.clock = .frozen(at: HandlersFixture.now.truncatedToSeconds)
        fixture.cookies.time = HandlersFixture.now.seconds - age

        #expect(fixture.get(cookie: fixture.cookie()).status == status)
    }

    @Test func theAgeCountsFractionsOfASecond() throws {
        var fixture = try SessionFixture()
        fixture.cookies.time = HandlersFixture.now.seconds - SessionCookieTests.fourteenDays

        #expect(fixture.get(cookie: fixture.cookie()).status == 401)
    }

    @Test(arguments: [("23.7", 200), ("23.12", 200), ("24.1", 401), ("26.9", 401)])
    func fact1SignaturesWithSHA1EndWithRelease24Dot1(_ release: String, _ status: Int) throws {
        var fixture = try SessionFixture(release: release)
        let json = fixture.json()
        fixture.cookies.hash = .sha1

        #expect(fixture.status(ofSession: json) == status)
    }

    @Test(arguments: [("23.7", 200), ("24.1", 401)])
    func fact1PasswordCodesWithSHA1EndWithRelease24Dot1(_ release: String, _ status: Int) throws {
        var fixture = try SessionFixture(release: release)
        fixture.cookies.hash = .sha1
        let json = fixture.json()
        fixture.cookies.hash = .sha256

        #expect(fixture.status(ofSession: json) == status)
    }

    @Test func signaturesWithSHA512AreNone() throws {
        var fixture = try SessionFixture()
        let json = fixture.json()
        fixture.cookies.hash = .sha512

        #expect(fixture.status(ofSession: json) == 401)
    }

    @Test func aCookieIsGoodCompressedOrNot() throws {
        let fixture = try SessionFixture()

        #expect(
            fixture.get(cookie: "sentrysid=" + fixture.cookies.session(fixture.json(), compressed: true)).status == 200)
        #expect(fixture.get(cookie: "sentrysid=" + fixture.cookies.session(fixture.json())).status == 200)
    }

    @Test func anotherSecretOrSaltIsNobody() throws {
        var fixture = try SessionFixture()
        let json = fixture.json()

        fixture.cookies.secret = "test-secreT"
        #expect(fixture.status(ofSession: json) == 401)
        fixture.cookies.secret = SessionFixture.secret
        fixture.cookies.salt = "su"
        #expect(fixture.status(ofSession: json) == 401)
        fixture.cookies.salt = ""
        #expect(fixture.status(ofSession: json) == 401)
    }

    @Test func everyChangedByteIsNobody() throws {
        let fixture = try SessionFixture()
        let value = Array(fixture.cookies.session(fixture.json()).utf8)

        for index in value.indices {
            var changed = value
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(fixture.get(cookie: "sentrysid=" + String(decoding: changed, as: UTF8.self)).status == 401)
        }
    }

    @Test func everyOtherFormOfTheSignatureIsNobody() throws {
        let fixture = try SessionFixture()
        let value = fixture.cookies.session(fixture.json())
        let parts = value.split(separator: ":").map(String.init)
        let unsigned = fixture.cookies.signed(parts[0], salt: SessionCookies.sessionSalt, secret: SessionFixture.secret)
        let withoutTime = "\(parts[0]):\(parts[2])"

        for changed in [
            String(value.dropLast()), value + "=", value + "A", "\(parts[0]):\(parts[1]):",
            "\(parts[0]):\(parts[1]):\(parts[2].uppercased())", withoutTime, parts[0], ":", "::", "", "x",
            value.split(separator: ":").joined(separator: "%3A"), ":\(parts[1]):\(parts[2])",
        ] {
            #expect(fixture.get(cookie: "sentrysid=" + changed).status == 401, "\(changed)")
        }
        #expect(fixture.get(cookie: "sentrysid=" + unsigned).status == 200)
    }

    @Test(arguments: [
        // A pickle, a number, an array, no JSON, nothing, an empty object.
        "gASVCAAAAAAAAAB9lIwBYZRLAXMu", "NDI", "W10", "e30x", "", "e30", "%%%", "e", ".e30", ".", "..", "-_-_",
    ])
    func whatIsSignedAndNoSessionIsNobody(_ payload: String) throws {
        let fixture = try SessionFixture()
        let cookie = fixture.cookies.signed(payload, salt: SessionCookies.sessionSalt, secret: SessionFixture.secret)

        #expect(fixture.get(cookie: "sentrysid=" + cookie).status == 401)
    }

    @Test(arguments: [(60_000, 200), (66_000, 401), (4_000_000, 401)])
    func aCompressedSessionHasAMaximumLength(_ padding: Int, _ status: Int) throws {
        let fixture = try SessionFixture()
        let json = fixture.json(more: #","x":"\#(String(repeating: "x", count: padding))""#)

        #expect(
            fixture.get(cookie: "sentrysid=" + fixture.cookies.session(json, compressed: true)).status == status)
    }

    @Test func aSessionMayBeNestedAndHaveOtherMembers() throws {
        let fixture = try SessionFixture()

        #expect(fixture.status(ofSession: fixture.json(more: #","a":{"b":[{"c":null}]},"n\u00fcl":1.5"#)) == 200)
        let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        #expect(fixture.status(ofSession: fixture.json(more: #","a":\#(deep)"#)) == 401)
    }

    // MARK: The header

    @Test(arguments: [
        ("sentrysid=GOOD", 200), ("sentrysid=\"GOOD\"", 200), (" \tsentrysid = GOOD ", 200),
        ("a=b; sentrysid=GOOD; c=d", 200), ("a=b;sentrysid=GOOD", 200), (";;; ;sentrysid=GOOD;", 200),
        ("junk; =x; sentrysid=GOOD; sentrysi; d=", 200), ("café=crème; sentrysid=GOOD; \u{FFFD}=\u{FFFD}", 200),
        ("Sentrysid=GOOD", 401), ("SENTRYSID=GOOD", 401), ("xsentrysid=GOOD", 401), ("sentrysid2=GOOD", 401),
        ("a=b, sentrysid=GOOD", 401), ("sentrysid=GOOD, a=b", 401), ("sentrysid=\"GOOD", 401), ("sentrysid=", 401),
        ("sentrysid", 401), ("GOOD", 401), ("", 401), ("sentrysid=x", 401), ("sentrysid=\"\"", 401),
        // The last one counts.
        ("sentrysid=GOOD; sentrysid=x", 401), ("sentrysid=x; sentrysid=GOOD", 200), ("sentrysid=GOOD; sentrysid=", 401),
        ("sentrysid=GOOD; Sentrysid=x", 200), ("sentrysid=GOOD; sentrysid", 200),
    ])
    func theHeaderIsReadAsDjangoReadsIt(_ header: String, _ status: Int) throws {
        let fixture = try SessionFixture()
        let good = fixture.cookies.session(fixture.json())

        #expect(fixture.get(cookie: header.replacing("GOOD", with: good)).status == status)
    }

    @Test func longNeighboursAreHarmless() throws {
        let fixture = try SessionFixture()
        let long = String(repeating: "x", count: 6 << 10)

        #expect(fixture.get(cookie: "a=\(long); \(fixture.cookie()); b=\(long)").status == 200)
        #expect(fixture.get(cookie: nil).status == 401)
    }

    // MARK: What is written about a cookie

    @Test func noPartOfACookieIsInALogOrADescription() throws {
        let fixture = try SessionFixture()
        let request = fixture.request(cookie: fixture.cookie(), token: "token-text")
        let response = fixture.base.send(request)

        #expect(response.identity == HandlersFixture.owner)
        #expect("\(request.cookie as Any) \(request.csrfToken as Any)".contains("***"))
        var dumped = ""
        dump(request, to: &dumped)
        dump(fixture.base.sessions, to: &dumped)
        #expect(!dumped.contains(fixture.cookie()) && !dumped.contains("token-text") && !dumped.contains("test-secret"))
    }
}
