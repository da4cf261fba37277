import Directory
import Handlers
import Model
import TestSupport
import Testing

/// The check of unsafe requests with a session (docs/protocol.md 5.4), as releases before 24.1 do it over HTTP.
@Suite struct CSRFTests {
    static let secret = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0eF"
    static let masked = "rW90vUfI3LEpksYdyX0Vf0Yl2mW840Xzrn23ZPlf0Ueow5PsePiE9lKhqbU9wQ14"
    static let otherMask = "YDR7VWqM8CJVbUNbeJpG1eoAz44xEmXYY4KapRwj5LjUnxEqUBHpVzawXT2y6c1t"
    static let a32 = String(repeating: "a", count: 32)
    static let a64 = String(repeating: "a", count: 64)

    private static let short = String(masked.dropLast())
    private static let swapped = String(masked.map { $0.isUppercase ? Character($0.lowercased()) : $0 })
    private static let dashed = String(secret.dropLast()) + "-"
    private static let accented = String(secret.dropLast(2)) + "é"
    private static let twenty = "12345678901234567890"

    static let notSet = "CSRF Failed: CSRF cookie not set."
    static let incorrect = "CSRF Failed: CSRF token missing or incorrect."

    static let view = #"{"tsdbField":"sentry_app_viewed"}"#

    /// The response to a `POST interaction/` of a member.
    private func post(
        cookie: String?, token: String?, method: String = "POST", body: String = view,
        contentType: String = "application/json", origin: String? = nil, site: String? = nil, user: Int64? = nil
    ) throws -> Response {
        let fixture = try SessionFixture()
        return fixture.base.send(
            fixture.request(
                method, "pub-app/interaction/",
                cookie: fixture.cookie(user ?? SessionFixture.owner) + (cookie.map { "; sc=\($0)" } ?? ""),
                token: token, body: body, contentType: contentType, origin: origin, site: site))
    }

    @Test(
        arguments: [
            (masked, masked), (masked, otherMask), (otherMask, masked), (secret, secret), (secret, masked),
            (masked, secret), (a64, a64), (a32, a32), ("\"\(masked)\"", masked), ("x; sc=\(masked)", masked),
        ] as [(String, String)])
    func theTokenMayHaveAnyMaskOfTheCookiesSecret(_ cookie: String, _ token: String) throws {
        #expect(try post(cookie: cookie, token: token).status == 201)
    }

    @Test(arguments: [nil, "", masked, "x"] as [String?])
    func withoutTheCookieNoTokenIsEnough(_ token: String?) throws {
        let response = try post(cookie: nil, token: token)

        #expect(response.status == 403)
        #expect(response.detail == CSRFTests.notSet)
    }

    @Test(
        arguments: [
            ("", masked), (masked, nil), (masked, ""), (masked, a64), (masked, a32), (masked, short),
            (masked, masked + "a"), (masked, swapped), (secret, secret.lowercased()), (twenty, twenty), ("", ""),
            ("", nil), (dashed, dashed), (masked + "; sc=x", masked), (accented, accented),
        ] as [(String, String?)])
    func anyOtherTokenIsIncorrect(_ cookie: String, _ token: String?) throws {
        let response = try post(cookie: cookie, token: token)

        #expect(response.status == 403)
        #expect(response.detail == CSRFTests.incorrect)
    }

    // MARK: The form field

    @Test(
        arguments: [
            ("csrfmiddlewaretoken=\(masked)&", nil, 201), ("csrfmiddlewaretoken=\(otherMask)&", a64, 201),
            ("csrfmiddlewaretoken=\(a64)&", masked, 403), ("csrfmiddlewaretoken=&", masked, 201), ("", masked, 201),
            ("csrfmiddlewaretoken=\(a64)&csrfmiddlewaretoken=\(masked)&", nil, 201), ("", nil, 403),
        ] as [(String, String?, Int)])
    func theFieldOfAFormComesBeforeTheHeader(_ field: String, _ token: String?, _ status: Int) throws {
        let form = try post(
            cookie: CSRFTests.masked, token: token, body: field + "tsdbField=sentry_app_viewed",
            contentType: "application/x-www-form-urlencoded")

        #expect(form.status == status)
    }

    @Test(arguments: [(masked, 201), (a64, 403)] as [(String, Int)])
    func aMultipartFormHasTheFieldToo(_ field: String, _ status: Int) throws {
        let body =
            [("csrfmiddlewaretoken", field), ("tsdbField", "sentry_app_viewed")].map { name, value in
                "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
            }.joined() + "--b--\r\n"

        let response = try post(
            cookie: CSRFTests.masked, token: nil, body: body, contentType: "multipart/form-data; boundary=b")

        #expect(response.status == status)
    }

    @Test func aMemberOfJSONIsNoField() throws {
        let body = #"{"tsdbField":"sentry_app_viewed","csrfmiddlewaretoken":"\#(CSRFTests.masked)"}"#

        #expect(try post(cookie: CSRFTests.masked, token: nil, body: body).status == 403)
        #expect(
            try post(cookie: CSRFTests.masked, token: CSRFTests.masked, body: "--b", contentType: "multipart/form-data")
                .status == 400)
    }

    // MARK: Where the request comes from

    @Test(
        arguments: [
            // With a right token it does not matter.
            (masked, "https://evil.test", nil, 201), (masked, nil, "cross-site", 201),
            (masked, "https://evil.test", "cross-site", 201), (masked, "null", nil, 201),
            // The original refuses these without a token; here the same origin is proof enough (D21).
            (nil, "http://log.test", nil, 201), (nil, "https://log.test", nil, 201), (nil, nil, "same-origin", 201),
            (nil, nil, "none", 201), (a64, "http://log.test", nil, 201),
            (nil, "https://evil.test", nil, 403), (nil, nil, "cross-site", 403), (nil, nil, "same-site", 403),
            (nil, "http://log.test", "cross-site", 403), (nil, "null", nil, 403),
        ] as [(String?, String?, String?, Int)])
    func theSameOriginIsAsGoodAsAToken(_ token: String?, _ origin: String?, _ site: String?, _ status: Int) throws {
        #expect(try post(cookie: CSRFTests.masked, token: token, origin: origin, site: site).status == status)
    }

    @Test func theOriginOfThePlatformIsTrusted() throws {
        var fixture = try SessionFixture()
        func status(_ origin: String) -> Int {
            fixture.base.send(
                fixture.request(
                    "POST", "pub-app/interaction/", cookie: fixture.cookie(), body: CSRFTests.view,
                    contentType: "application/json", host: "web:9000", origin: origin)
            ).status
        }
        #expect(status("https://sentry.acme.test") == 403)

        fixture.base.sessions?.platformOrigin = "https://sentry.acme.test"
        #expect(status("https://sentry.acme.test") == 201)
        #expect(status("http://sentry.acme.test") == 403)
        #expect(status("https://sentry.acme.test:9000") == 403)
        #expect(status("http://web:9000") == 201)
        #expect(status("http://web:9001") == 403)
    }

    // MARK: When it is checked

    @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "BREW"])
    func theCheckComesBeforeTheMethodAndTheApp(_ method: String) throws {
        let fixture = try SessionFixture()
        func status(_ token: String?, _ path: String) -> Int {
            fixture.base.send(
                fixture.request(method, path, cookie: fixture.cookie() + "; sc=\(CSRFTests.masked)", token: token)
            ).status
        }

        for path in ["pub-app/requests/", "nope/requests/"] {
            #expect(status(nil, path) == 403)
            #expect(status(CSRFTests.otherMask, path) == 405)
        }
    }

    @Test func theCheckComesBeforeTheBody() throws {
        #expect(try post(cookie: CSRFTests.masked, token: nil, body: "{").status == 403)
        #expect(try post(cookie: CSRFTests.masked, token: CSRFTests.masked, body: "{").status == 400)
    }

    @Test(arguments: ["GET", "HEAD", "OPTIONS"])
    func safeMethodsNeedNoToken(_ method: String) throws {
        #expect(try post(cookie: nil, token: nil, method: method).status == 200)
    }

    @Test(arguments: [nil, masked] as [String?])
    func withoutARecognizedUserTheAnswerIs401WhateverTheToken(_ token: String?) throws {
        #expect(try post(cookie: CSRFTests.masked, token: token, user: 999).status == 401)
        #expect(try post(cookie: CSRFTests.masked, token: token, user: 113).status == 401)
        let fixture = try SessionFixture()
        let anonymous = fixture.request(
            "POST", "pub-app/interaction/", cookie: "sc=\(CSRFTests.masked)", token: token, body: CSRFTests.view,
            contentType: "application/json")
        #expect(fixture.base.send(anonymous).status == 401)
    }

    @Test func tokensNeedNoTokenAndMayNotPostHere() throws {
        var fixture = try SessionFixture()
        let token = fixture.base.token(user: SessionFixture.owner, scopes: Scope.allCases)
        let response = fixture.base.send(
            fixture.request(
                "POST", "pub-app/interaction/", cookie: fixture.cookie(), authorization: "Bearer \(token)",
                body: CSRFTests.view, contentType: "application/json"))

        #expect(response.status == 403)
        #expect(response.detail == "You do not have permission to perform this action.")
    }
}
