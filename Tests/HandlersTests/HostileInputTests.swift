import Handlers
import Model
import TestSupport
import Testing

/// What no honest client sends gets a plain refusal in words.
@Suite struct HostileInputTests {
    @Test(arguments: [
        ("/api/0/sentry-apps/%/requests/", "The path contains a malformed percent sequence."),
        ("/api/0/sentry-apps/%zz/requests/", "The path contains a malformed percent sequence."),
        ("/api/0/sentry-apps/a/requests/%4", "The path contains a malformed percent sequence."),
        ("/api/0/sentry-apps/%ff/requests/", "The path is not valid UTF-8."),
        ("/api/0/sentry-apps/%c0%ae%c0%ae/requests/", "The path is not valid UTF-8."),
        ("/api/0/sentry-apps/%ed%a0%80/requests/", "The path is not valid UTF-8."),
        ("/api/0/sentry-apps/%00/requests/", "The path contains a NUL character."),
        ("/api/0/sentry-apps/../requests/", #"The path contains a "." or ".." segment."#),
        ("/api/0/sentry-apps/%2e%2E/requests/", #"The path contains a "." or ".." segment."#),
        ("/api/0/sentry-apps/./requests/", #"The path contains a "." or ".." segment."#),
        ("/api/0/sentry-apps/a%2f..%2fb/requests/", #"The path contains a "." or ".." segment."#),
        ("/-/ping%00", "The path contains a NUL character."),
    ])
    func hostilePathsAreRefusedInWords(_ path: String, _ detail: String) {
        let response = HandlersFixture().send(
            Request(method: "GET", path: .encoded(path), remoteUser: HandlersFixture.owner))

        #expect(response.status == 400)
        #expect(response.detail == detail)
        #expect(response.header("Content-Type") == "application/json")
    }

    @Test func aPathThatTheServerDecodedIsNotDecodedAgain() {
        let fixture = HandlersFixture()
        let twice = Request.Path.decoded("/api/0/sentry-apps/%70ub-app/requests/")
        let once = Request.Path.encoded("/api/0/sentry-apps/%70ub-app/requests/")

        #expect(fixture.send(Request(method: "GET", path: twice, remoteUser: HandlersFixture.owner)).status == 404)
        #expect(fixture.send(Request(method: "GET", path: once, remoteUser: HandlersFixture.owner)).status == 200)
        #expect(fixture.send(Request(method: "GET", path: .decoded("/a\u{0}"), remoteUser: nil)).status == 400)
        #expect(fixture.send(Request(method: "GET", path: .decoded("/a/../b"), remoteUser: nil)).status == 400)
    }

    @Test(arguments: ["%25", "a%0d%0aX:%20y", "'%20OR%201=1%20--", "%f0%9f%92%a9", "%e2%80%ae", "...", "..a", "%3f"])
    func strangeSlugsAreUnknownApps(_ slug: String) {
        let path = "\(slug)/requests/"

        #expect(HandlersFixture().get(path).status == 404)
        #expect(HandlersFixture().get(path, as: nil).status == 401)
        #expect(
            HandlersFixture().get(path).headers.map(\.name)
                == HandlersFixture().get("nope/requests/").headers.map(\.name))
    }

    @Test func aSlugOfAMegabyteIsAnUnknownApp() {
        #expect(HandlersFixture().get(String(repeating: "a", count: 1 << 20) + "/requests/").status == 404)
    }

    @Test func aQueryIsCutAtThousandFields() {
        let fields = Array(repeating: "a=b", count: 1000).joined(separator: "&")

        #expect(HandlersFixture().get("pub-app/requests/", fields).status == 200)
        let tooMany = HandlersFixture().get("pub-app/requests/", fields + "&&c")
        #expect(tooMany.status == 400)
        #expect(tooMany.detail == "The number of GET/POST parameters exceeded 1000.")
    }

    @Test(arguments: ["a", "%", "&", "=", "+", "%41"])
    func aQueryOfAMegabyteGetsAResponse(_ unit: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        let query = String(repeating: unit, count: (1 << 20) / unit.utf8.count)

        #expect(fixture.get("pub-app/requests/", query).json?.elements.count == 1)
    }

    @Test(arguments: [
        ("%zz=%zz&=&&&===&%", 200), ("eventType=%ff", 400), ("organizationSlug=%ff%fe", 400),
        ("organizationSlug=%00", 400), ("start=%00", 400), ("end=99999999999999999999-01-01+00:00:00", 400),
        ("eventType=issue.created&eventType=", 200), ("eventType=nope;eventType=issue.created", 400),
    ])
    func strangeQueriesGetAResponse(_ query: String, _ status: Int) {
        let response = HandlersFixture().get("pub-app/requests/", query)

        #expect(response.status == status)
        #expect(status == 200 || response.detail?.isEmpty == false)
    }

    @Test(arguments: [
        String(repeating: "[", count: 8000), #"{"tsdbField":"# + String(repeating: #"{"a":"#, count: 1600),
        String(repeating: "9", count: 8000), #"{"tsdbField":1e999999}"#, #"{"tsdbField":"\ud800"}"#,
        "{\"tsdbField\":\"sentry_app_viewed\u{0}\"}", String(repeating: " ", count: 8000),
        "\"" + String(repeating: "\\", count: 8000),
    ])
    func hostileBodiesAreRefused(_ body: String) {
        let fixture = HandlersFixture()

        let response = fixture.post("pub-app/interaction/", body)

        #expect(response.status == 400)
        #expect(response.detail?.isEmpty == false)
        #expect(fixture.interactions.increments.isEmpty)
    }

    @Test func bytesThatAreNoTextAreRefused() {
        for bytes in [[0xFF, 0xFE, 0x00], Array(#"{"tsdbField":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)]
            as [[UInt8]]
        {
            let response = HandlersFixture().send(
                Request(
                    method: "POST", path: .encoded("/api/0/sentry-apps/pub-app/interaction/"), body: bytes,
                    remoteUser: HandlersFixture.owner, contentType: "application/json", secFetchSite: "none"))

            #expect(response.status == 400)
            #expect(response.detail?.hasPrefix("JSON parse error - ") == true)
        }
    }

    @Test func aSeriesHasAtMostFiftyThousandPoints() {
        let accepted = HandlersFixture().get("pub-app/interaction/", "since=0&until=4319999999&resolution=1d")
        let refused = HandlersFixture().get("pub-app/interaction/", "since=0&until=4320000000&resolution=1d")

        #expect(accepted.json?["views"].elements.count == 50_000)
        #expect(refused.status == 400)
        #expect(
            refused.detail
                == "The range from since to until has 50001 points of 86400 seconds, more than the maximum of 50000.")
    }

    @Test(arguments: ["interaction", "stats"])
    func aRangeOfAllDatesIsRefused(_ endpoint: String) {
        let response = HandlersFixture().get(
            "pub-app/\(endpoint)/", "since=-62135596800&until=253402300799&resolution=10s")

        #expect(response.status == 400)
        #expect(response.detail?.contains("more than the maximum of 50000") == true)
    }

    @Test func aLongSeriesIsReadInBatches() {
        let fixture = HandlersFixture()

        #expect(fixture.get("pub-app/interaction/", "since=0&until=1689854400").status == 200)
        #expect(fixture.interactions.readSizes.allSatisfy { $0 <= 4096 })
        #expect(fixture.interactions.readSizes.reduce(0, +) == 19_559)
    }
}
