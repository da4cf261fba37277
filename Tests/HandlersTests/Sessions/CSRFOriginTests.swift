import Directory
import Handlers
import Model
import TestSupport
import Testing

/// Where an unsafe request with a session may come from: over HTTPS, and in releases from 24.1 on (docs/protocol.md 5.4).
@Suite struct CSRFOriginTests {
    private static let refererFailed = "CSRF Failed: Referer checking failed - "

    private func post(
        _ release: String, referer: String? = nil, origin: String? = nil, host: String? = "log.test",
        isSecure: Bool = true, cookie: String? = CSRFTests.masked, token: String? = CSRFTests.masked,
        platform: String? = nil, body: String = CSRFTests.view, contentType: String = "application/json"
    ) throws -> Response {
        var fixture = try SessionFixture(release: release)
        fixture.base.sessions?.platformOrigin = platform
        return fixture.base.send(
            fixture.request(
                "POST", "pub-app/interaction/", cookie: fixture.cookie() + (cookie.map { "; sc=\($0)" } ?? ""),
                token: token, body: body, contentType: contentType, isSecure: isSecure, host: host, origin: origin,
                referer: referer))
    }

    /// The web server has not seen TLS, which a proxy in front of it ends.
    @Test(
        arguments: ["23.7", "26.9"],
        [
            ("http://log.test", "https://log.test", 403), ("http://LOG.test", "https://log.test", 403),
            ("http://log.test:8080", "https://log.test", 403), ("https://log.test", "http://log.test", 403),
            ("http://log.test", "http://log.test", 201), ("https://log.test", "https://log.test", 201),
            ("http://log.test", "https://other.test", 201), ("http://log.test", nil, 201),
        ] as [(String, String?, Int)])
    func anOriginWithThePlatformsNameNeedsItsSchemeOrTheToken(
        _ release: String, _ example: (origin: String, platform: String?, status: Int)
    ) throws {
        let host = example.origin.hasSuffix(":8080") ? "log.test:8080" : "log.test"
        func status(token: String?) throws -> Int {
            try post(
                release, origin: example.origin, host: host, isSecure: false, token: token, platform: example.platform
            ).status
        }

        #expect(try status(token: nil) == example.status)
        if example.origin.hasPrefix("http://log") { #expect(try status(token: CSRFTests.masked) == 201) }
    }

    // MARK: Referer

    @Test(
        arguments: ["23.7", "24.1", "26.9"],
        [
            ("https://log.test/settings/", "log.test"), ("https://log.test", "log.test"),
            ("HTTPS://log.test/", "log.test"),
            ("https://log.test?x", "log.test"), ("https://log.test:8443/x", "log.test:8443"),
            ("https://[::1]:8443/", "[::1]:8443"), ("https://sentry.acme.test/x", "log.test"),
        ])
    func aPageOfTheSameHostMaySend(_ release: String, _ pair: (referer: String, host: String)) throws {
        let response = try post(
            release, referer: pair.referer, host: pair.host, platform: "https://sentry.acme.test")

        #expect(response.status == 201)
    }

    @Test(
        arguments: ["23.7", "26.9"],
        [
            (nil, "log.test", "no Referer."), ("", "log.test", "Referer is malformed."),
            ("/settings/", "log.test", "Referer is malformed."), ("log.test", "log.test", "Referer is malformed."),
            ("https:///x", "log.test", "Referer is malformed."), ("https://[::1/", "log.test", "Referer is malformed."),
            ("ht tps://log.test/", "log.test", "Referer is malformed."),
            ("https:log.test", "log.test", "Referer is malformed."),
            ("http://log.test/", "log.test", "Referer is insecure while host is secure."),
            ("ftp://log.test/", "log.test", "Referer is insecure while host is secure."),
            ("https://log.test:443/", "log.test", nil), ("https://LOG.test/", "log.test", nil),
            ("https://a.log.test/", "log.test", nil), ("https://me@log.test/", "log.test", nil),
            ("https://log.test.evil/", "log.test", nil), ("https://evil.test/log.test", "log.test", nil),
            ("https://h/", "h:8443", nil), ("https://h:8443/", "h", nil),
            ("https://sentry.acme.test:9000/", "log.test", nil),
        ] as [(String?, String, String?)])
    func anyOtherPageMayNotWhateverTheToken(
        _ release: String, _ example: (referer: String?, host: String, text: String?)
    ) throws {
        let response = try post(
            release, referer: example.referer, host: example.host, platform: "https://sentry.acme.test")

        #expect(response.status == 403)
        let text = example.text ?? "\(example.referer ?? "") does not match any trusted origins."
        #expect(response.detail == CSRFOriginTests.refererFailed + text)
    }

    @Test func theRefererIsCheckedBeforeCookieAndTokenAndOnlyOverHTTPS() throws {
        #expect(
            try post("23.7", cookie: nil, token: nil).detail == CSRFOriginTests.refererFailed + "no Referer.")
        #expect(try post("23.7", isSecure: false, cookie: nil, token: nil).detail == CSRFTests.notSet)
        #expect(try post("23.7", referer: "https://evil.test/", isSecure: false).status == 201)
        #expect(try post("23.7", referer: "https://log.test/", token: nil).detail == CSRFTests.incorrect)
    }

    /// In the original an `Origin` does not replace the `Referer`. Another site's does not here, either; the own one is
    /// proof enough (docs/compatibility.md D21).
    @Test func overHTTPSTheOwnOriginReplacesTheReferer() throws {
        #expect(try post("23.7", origin: "https://log.test", token: nil).status == 201)
        #expect(
            try post("23.7", origin: "https://evil.test").detail == CSRFOriginTests.refererFailed + "no Referer.")
    }

    // MARK: From 24.1 on

    @Test(arguments: [
        ("https://evil.test", "log.test"), ("null", "log.test"), ("http://log.test:81", "log.test:80"),
        ("", "log.test"),
        ("https://log.test.evil", "log.test"), ("http://sentry.acme.test", "log.test"),
    ])
    func fact2AnotherOriginIsRefusedWhateverTheToken(_ origin: String, _ host: String) throws {
        for isSecure in [true, false] {
            let response = try post(
                "24.1", referer: "https://log.test/", origin: origin, host: host, isSecure: isSecure,
                platform: "https://sentry.acme.test")

            #expect(response.status == 403)
            #expect(
                response.detail
                    == "CSRF Failed: Origin checking failed - \(origin) does not match any trusted origins.")
        }
    }

    @Test(arguments: ["http://log.test", "https://log.test", "https://sentry.acme.test"])
    func theOwnAndThePlatformsOriginAreTrusted(_ origin: String) throws {
        #expect(try post("24.1", origin: origin, isSecure: false, platform: "https://sentry.acme.test").status == 201)
    }

    @Test(
        arguments: [
            (nil, CSRFTests.masked, "CSRF cookie not set."), (nil, nil, "CSRF cookie not set."),
            ("", CSRFTests.masked, "CSRF cookie has incorrect length."),
            (String(CSRFTests.secret.dropLast()) + "-", CSRFTests.masked, "CSRF cookie has invalid characters."),
            (CSRFTests.masked, nil, "CSRF token missing."),
            (CSRFTests.masked, "", "CSRF token from the 'X-Csrftoken' HTTP header has incorrect length."),
            (CSRFTests.masked, "x", "CSRF token from the 'X-Csrftoken' HTTP header has incorrect length."),
            (
                CSRFTests.masked, String(CSRFTests.secret.dropLast()) + "-",
                "CSRF token from the 'X-Csrftoken' HTTP header has invalid characters."
            ),
            (CSRFTests.masked, CSRFTests.a64, "CSRF token from the 'X-Csrftoken' HTTP header incorrect."),
            (CSRFTests.masked, CSRFTests.secret, nil), (CSRFTests.secret, CSRFTests.otherMask, nil),
        ] as [(String?, String?, String?)])
    func fact2TheMessagesAreThoseOfTheRelease(_ cookie: String?, _ token: String?, _ text: String?) throws {
        let response = try post("24.1", isSecure: false, cookie: cookie, token: token)

        #expect(response.status == (text == nil ? 201 : 403))
        #expect(response.detail == text.map { "CSRF Failed: \($0)" })
    }

    @Test(arguments: [
        (CSRFTests.a64, "CSRF token from POST incorrect."), ("x", "CSRF token from POST has incorrect length."),
        (String(CSRFTests.secret.dropLast()) + "-", "CSRF token from POST has invalid characters."),
    ])
    func theMessagesNameTheFormField(_ field: String, _ text: String) throws {
        let response = try post(
            "24.1", isSecure: false, body: "tsdbField=sentry_app_viewed&csrfmiddlewaretoken=\(field)",
            contentType: "application/x-www-form-urlencoded")

        #expect(response.detail == "CSRF Failed: \(text)")
    }
}
