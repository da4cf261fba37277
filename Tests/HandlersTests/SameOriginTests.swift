import Handlers
import Model
import TestSupport
import Testing

/// A user's unsafe request must prove that it comes from Hookline's own pages (docs/security.md).
@Suite struct SameOriginTests {
    private func status(
        site: String? = nil, origin: String? = nil, host: String? = "log.test", isSecure: Bool = true,
        method: String = "POST"
    ) -> Int {
        response(site: site, origin: origin, host: host, isSecure: isSecure, method: method).status
    }

    private func response(
        site: String? = nil, origin: String? = nil, host: String? = "log.test", isSecure: Bool = true,
        method: String = "POST"
    ) -> Response {
        HandlersFixture().send(
            Request(
                method: method, path: .encoded("/api/0/sentry-apps/pub-app/interaction/"),
                body: Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8), remoteUser: HandlersFixture.owner,
                isSecure: isSecure,
                contentType: "application/json", host: host, origin: origin, secFetchSite: site))
    }

    @Test(arguments: ["same-origin", "none"])
    func theBrowsersWordIsProof(_ site: String) {
        #expect(status(site: site) == 201)
    }

    @Test(arguments: ["cross-site", "same-site", "SAME-ORIGIN", "x"])
    func theBrowsersWordIsFinal(_ site: String) {
        #expect(status(site: site) == 403)
        #expect(status(site: site, origin: "https://log.test") == 403)
    }

    @Test(arguments: [
        ("https://log.test", "log.test"), ("https://LOG.test", "log.TEST"), ("https://log.test:8443", "log.test:8443"),
        ("https://log.test", "log.test:443"), ("https://log.test:8443", "log.test"),
        ("https://[::1]:8443", "[::1]:8443"),
        ("https://[::1]", "[::1]"),
    ])
    func anOriginOfTheSameHostIsProof(_ origin: String, _ host: String) {
        #expect(status(origin: origin, host: host) == 201)
    }

    @Test(
        arguments: [
            (nil, "log.test"), ("", "log.test"), ("null", "log.test"), ("https://evil.test", "log.test"),
            ("https://log.test.evil", "log.test"), ("https://evil.test/log.test", "log.test"),
            ("https://log.test@evil.test", "log.test"), ("https://log.test:8443", "log.test:443"),
            ("http://log.test", "log.test"), ("log.test", "log.test"), ("https://", ""), ("https://log.test", nil),
            ("ftp://log.test", "log.test"),
        ] as [(String?, String?)])
    func anythingElseIsNone(_ origin: String?, _ host: String?) {
        #expect(status(origin: origin, host: host) == 403)
    }

    @Test func withoutTLSTheSchemeMayBeHTTP() {
        #expect(status(origin: "http://log.test", isSecure: false) == 201)
    }

    @Test(
        arguments: [
            (nil, nil, "it has neither Sec-Fetch-Site nor Origin, which browsers send"),
            ("cross-site", "https://log.test", "its Sec-Fetch-Site is neither same-origin nor none"),
            ("", "https://evil.test", "its Origin is not this site's"),
        ] as [(String?, String?, String)])
    func theRefusalNamesWhatIsMissingAndWhatProgramsDo(_ site: String?, _ origin: String?, _ reason: String) {
        let response = response(site: site, origin: origin)

        #expect(response.detail?.contains(", but \(reason). Programs send an API token instead: ") == true)
    }

    @Test func theRefusalBeginsAsTheOriginalsAndComesBeforeMethodAndApp() {
        for (method, path) in [("POST", "pub-app/interaction/"), ("PUT", "nope/requests/")] {
            let response = HandlersFixture().send(
                Request(method: method, path: .encoded("/api/0/sentry-apps/\(path)"), remoteUser: HandlersFixture.owner)
            )

            #expect(response.status == 403)
            #expect(response.detail?.hasPrefix("CSRF Failed: ") == true)
        }
    }

    @Test func readingNeedsNoProof() {
        #expect(status(site: "cross-site", method: "GET") == 200)
        #expect(status(site: "cross-site", method: "HEAD") == 200)
    }
}
