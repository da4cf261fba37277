import Model
import TestSupport
import Testing

@testable import Handlers

/// The header sets byte for byte (docs/protocol.md 2.7 and 2.8).
@Suite struct HeaderTests {
    private static let requestHeaders =
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Authentication, Authorization, "
        + "Content-Encoding, sentry-trace, baggage, X-CSRFToken"

    private func standard(
        allow: String = "GET, HEAD, OPTIONS", contentType: String = "application/json",
        origin: String = "*"
    ) -> [String] {
        [
            "Content-Type: \(contentType)", "Vary: Accept-Language, Cookie", "Allow: \(allow)",
            "Access-Control-Allow-Methods: \(allow)", "Access-Control-Allow-Headers: \(HeaderTests.requestHeaders)",
            "Access-Control-Expose-Headers: X-Sentry-Error, Retry-After", "Access-Control-Allow-Origin: \(origin)",
            "X-Frame-Options: deny", "X-Content-Type-Options: nosniff", "X-XSS-Protection: 1; mode=block",
            "Content-Language: en",
        ]
    }

    private func lines(_ response: Response) -> [String] {
        response.headers.map { "\($0.name): \($0.value)" }
    }

    private func request(
        _ method: String = "GET", _ path: String = "pub-app/requests/", origin: String? = nil, referer: String? = nil
    ) -> Request {
        Request(
            method: method, path: .encoded("/api/0/sentry-apps/" + path), remoteUser: HandlersFixture.owner,
            origin: origin,
            referer: referer, secFetchSite: "same-origin")
    }

    @Test func aResponseHasTheStandardHeaders() {
        #expect(lines(HandlersFixture().send(request())) == standard())
    }

    @Test func errorsCarryThemToo() {
        let fixture = HandlersFixture()

        #expect(lines(fixture.get("nope/requests/")) == standard())
        #expect(lines(fixture.get("globex-app/requests/")) == standard())
        #expect(
            lines(fixture.get("pub-app/requests/", as: nil)) == standard() + [#"WWW-Authenticate: xBasic realm="api""#])
    }

    @Test func interactionAllowsPost() {
        let expected = standard(allow: "GET, POST, HEAD, OPTIONS")

        #expect(lines(HandlersFixture().send(request("GET", "pub-app/interaction/"))) == expected)
    }

    /// The original reads the session for every request.
    @Test func aResponseToATokenVariesWithTheCookieToo() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: [.orgRead])

        #expect(lines(fixture.get("pub-app/requests/", token: token)) == standard())
    }

    @Test(arguments: [nil, HandlersFixture.owner])
    func optionsNeedNoAuthenticationAndNoLookUp(_ user: String?) {
        let request = Request(
            method: "OPTIONS", path: .encoded("/api/0/sentry-apps/nope/interaction/"), remoteUser: user,
            authorization: "Bearer wrong", accept: "text/html")

        let response = HandlersFixture().send(request)

        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(
            lines(response)
                == standard(
                    allow: "GET, POST, HEAD, OPTIONS", contentType: "text/html; charset=utf-8") + [
                    "Access-Control-Max-Age: 3600"
                ])
    }

    @Test(arguments: [
        ("https://a.test", nil, "https://a.test"), ("null", "https://b.test/x", "*"),
        (nil, "https://b.test:8443/x?y#z", "https://b.test:8443"), ("", "https://b.test", "https://b.test"),
        (nil, "no address", "*"), (nil, "", "*"), (nil, nil, "*"), ("https://a.test\r\nX: y", nil, "*"),
        (nil, "https://a b/", "*"), (nil, "https://", "https://"), (nil, "https:/", "*"), (nil, "a:https://b", "*"),
        (nil, "https://b.test\u{7F}/", "*"), (nil, "https://ü.test/", "*"),
        (nil, "https://b.test?/x", "https://b.test"),
        ("https://ü.test", "https://b.test", "*"), ("a\tb", nil, "*"),
    ])
    func theAllowedOriginFollowsOriginThenReferer(_ origin: String?, _ referer: String?, _ expected: String) {
        let response = HandlersFixture().send(request(origin: origin, referer: referer))

        #expect(response.status == 200)
        #expect(response.header("Access-Control-Allow-Origin") == expected)
        #expect(response.header("Access-Control-Allow-Credentials") == nil)
    }

    @Test func anOriginIsRepeatedUpToAMaximumLength() {
        for length in [StandardHeaders.maximumOriginBytes, StandardHeaders.maximumOriginBytes + 1] {
            let origin = "https://" + String(repeating: "o", count: length - 8)
            let expected = length == StandardHeaders.maximumOriginBytes ? origin : "*"

            for request in [request(origin: origin), request(referer: origin + "/x")] {
                let response = HandlersFixture().send(request)

                #expect(response.header("Access-Control-Allow-Origin") == expected)
            }
        }
    }

    @Test func allHeadersTogetherAreBelowTheBufferOfTheShippedNginxFiles() throws {
        // The longest link, the longest origin, and an entity tag.
        let path = "/api/0/sentry-apps/pub-app/webhook-requests/"
        let origin = "https://" + String(repeating: "o", count: StandardHeaders.maximumOriginBytes - 8)
        let longest = (0...Paging.maximumLinkBytes).reversed().lazy.map { length in
            HandlersFixture().send(
                Request(
                    method: "GET", path: .encoded(path), query: "per_page=1&x=" + String(repeating: "a", count: length),
                    remoteUser: HandlersFixture.owner, origin: origin, secFetchSite: "same-origin"))
        }.first { $0.status == 200 }

        let bytes = try #require(longest).headers.lines.count
        #expect(bytes > Paging.maximumLinkBytes + StandardHeaders.maximumOriginBytes)
        #expect(bytes < 10 << 10)
    }

    @Test func aMethodWithoutAHandlerIs405WithTheAllowedOnes() {
        let response = HandlersFixture().send(request("PUT"))

        #expect(response.status == 405)
        #expect(lines(response) == standard())
    }

    @Test(arguments: ["/api/0/sentry-apps/sample/requests", "/api/0/x", "/api/0/sentry-apps"])
    func aMissingSlashIsPointedAt(_ path: String) {
        let response = HandlersFixture().send(Request(method: "GET", path: .encoded(path)))

        let spaces = String(repeating: " ", count: "try: \(path)/".count - 1)
        #expect(response.status == 404)
        #expect(response.header("Content-Type") == "text/plain")
        #expect(
            response.text
                == "Route not found, did you forget a trailing slash?\n\ntry: \(path)/\n\(spaces)^\n")
    }

    @Test func aMissingSlashIsPointedAtInJSONForJSON() {
        let response = HandlersFixture().send(
            Request(
                method: "POST", path: .encoded("/api/0/sentry-apps/%C3%BC%22/requests"),
                contentType: "Application/JSON; charset=utf-8"))

        #expect(response.status == 404)
        #expect(response.header("Content-Type") == "application/json")
        #expect(
            response.text
                == #"{"info": "Route not found, did you forget a trailing slash? "#
                + #"try: /api/0/sentry-apps/\u00fc\"/requests/"}"#)
    }

    @Test(arguments: [
        "/", "", "/favicon.ico", "/-/nope", "/-/ping/", "/api/0/", "/api/0/sentry-app/", "/api/0/sentry-apps//",
        "/api/0/sentry-apps//requests/", "/api/0/sentry-apps/pub-app/errors/", "/api/0/sentry-apps/pub-app//",
        "/api/0/sentry-apps/pub-app/requests//", "/api/0/sentry-apps/pub-app/requests/x/y/", "/api/1/sentry-apps/a/",
        "/api/0/sentry-apps/pub%2Fapp/requests/",
    ])
    func anUnknownPathIs404WithoutABody(_ path: String) {
        let response = HandlersFixture().send(
            Request(method: "GET", path: .encoded(path), remoteUser: HandlersFixture.owner))

        #expect(response.status == 404)
        #expect(response.body.isEmpty)
        #expect(response.header("Content-Type") == "text/html; charset=utf-8")
    }

    @Test func pingIsPlainTextForGetAndHead() {
        let fixture = HandlersFixture()

        let ping = fixture.send(Request(method: "GET", path: .encoded("/-/ping")))
        let head = fixture.send(Request(method: "HEAD", path: .encoded("/-/ping")))
        let post = fixture.send(Request(method: "POST", path: .encoded("/-/ping")))

        #expect(ping.text == "pong")
        #expect(ping.header("Content-Type") == "text/plain; charset=utf-8")
        #expect(head.omitsBody)
        #expect(post.status == 405)
        #expect(post.header("Allow") == "GET, HEAD")
    }
}

/// The headers of a response.
@Suite
struct ResponseHeadersTests {
    private func text(_ headers: ResponseHeaders) -> String {
        String(decoding: headers.lines, as: UTF8.self)
    }

    @Test func areLinesInTheOrderInWhichTheyWereAdded() {
        var headers = ResponseHeaders()
        headers.append("Link", "<a>; b")
        headers.append(literal: "Vary: x\r\n")
        headers.append("Empty", "")

        #expect(text(headers) == "Link: <a>; b\r\nVary: x\r\nEmpty: \r\n")
        #expect(headers.map { "\($0.name)|\($0.value)" } == ["Link|<a>; b", "Vary|x", "Empty|"])
    }

    @Test func haveNoControlCharacters() {
        let controls = (UInt8(0)...0x1F).map { String(UnicodeScalar($0)) } + ["\u{7F}", "\r\n"]
        for control in controls {
            let blank = String(repeating: " ", count: control.utf8.count)
            let headers: ResponseHeaders = [("N" + control, "a\(control)b: c\(control)")]

            #expect(text(headers) == "N\(blank): a\(blank)b: c\(blank)\r\n")
        }
    }

    @Test(arguments: ["ü", "~ !", "a: b:c", "\u{80}\u{2028}", String(repeating: "x", count: 5000)])
    func keepAllOtherBytes(value: String) {
        let headers: ResponseHeaders = [("A", value), ("B", "c")]

        #expect(text(headers) == "A: \(value)\r\nB: c\r\n")
        #expect(headers.map(\.value) == [value, "c"])
    }
}
