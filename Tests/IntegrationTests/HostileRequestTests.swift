import Foundation
import TestSupport
import Testing

/// Requests that no browser sends: each gets a plain refusal, and the responder lives on.
@Suite(.serialized)
struct HostileRequestTests {
    static let targets = [
        "/api/0/sentry-apps/%00/requests/", "/api/0/sentry-apps/sample-app%00/requests/",
        "/api/0/sentry-apps/../sentry-apps/other-app/requests/", "/api/0/sentry-apps/%2e%2e/requests/",
        "/api/0/sentry-apps/..%2f..%2f-/ping/requests/", "/api/0/sentry-apps/%ff%fe/requests/",
        "/api/0/sentry-apps/%zz/requests/", "/api/0/sentry-apps/%/requests/", "/api/0/sentry-apps//requests/",
        "/api/0/sentry-apps/%c0%ae%c0%ae/requests/", "/api/0/sentry-apps/%ed%a0%80/requests/",
        "/api/0/sentry-apps/" + String(repeating: "a", count: 5000) + "/requests/",
        "/api/0/sentry-apps/sample-app/requests/%0d%0aX-Injected:%201/",
        "/api/0/sentry-apps/' OR 1=1 --/requests/"
            .replacingOccurrences(of: " ", with: "%20"),
        "/api/0/", "/api/0/sentry-app/", "/api/0/sentry-apps/sample-app/errors/",
    ]

    @Test func strangePathsAreRefused() throws {
        let server = try ServerFixture()
        try server.addRow()
        let client = try server.client()

        for target in HostileRequestTests.targets {
            let response = try client.send("GET", target, basic: "\(ServerFixture.owner):\(ServerFixture.password)")

            #expect([400, 403, 404, 414].contains(response.status), "\(target.prefix(80)): \(response.status)")
            #expect(response.header("X-Injected") == nil)
            #expect(!response.text.contains("hook.example"))
        }
        #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).status == 200)
        #expect(server.responders[0].isRunning)
    }

    @Test func aQueryOfAMegabyteIsRefusedWithoutHarm() throws {
        let server = try ServerFixture()
        try server.addRow()

        let response = try? server.get(
            ServerFixture.log + "?" + String(repeating: "q", count: 1 << 20), as: ServerFixture.owner)

        // nginx refuses while the client is still sending, so the client may see nothing but the end of the connection.
        #expect(response == nil || response?.status == 414)
        #expect(try server.get(ServerFixture.log, as: ServerFixture.owner).status == 200)
        #expect(server.responders[0].isRunning)
    }

    @Test(arguments: [
        ("eventType=%00", 400), ("eventType=%ff", 400), ("eventType=issue.created%0a", 400),
        ("organizationSlug=%00", 400), ("organizationSlug=%ff%fe", 400), ("start=%00", 400),
        ("start=99999999999999999999-01-01+00:00:00", 400), ("%zz=%zz&=&&&===&%", 200),
        ("eventType=issue.created&eventType=", 200),
    ])
    func strangeQueriesAreAnsweredInWords(_ query: String, _ status: Int) throws {
        let server = try ServerFixture()
        try server.addRow()

        let response = try server.get(ServerFixture.log + "?" + query, as: ServerFixture.owner)

        #expect(response.status == status, "\(response.text)")
        #expect(status == 200 || response.json?["detail"].string?.isEmpty == false)
    }

    @Test func strangeBodiesAreRefused() throws {
        let server = try ServerFixture()
        let bodies: [[UInt8]] = [
            [0xFF, 0xFE, 0x00], Array(String(repeating: "[", count: 500_000).utf8),
            Array((#"{"tsdbField":"# + String(repeating: #"{"a":"#, count: 100_000)).utf8),
            Array((#"{"tsdbField":"# + String(repeating: "9", count: 100_000) + "}").utf8),
            Array(#"{"tsdbField":1e999999}"#.utf8), Array(#"{"tsdbField":"\ud800"}"#.utf8),
            Array("{\"tsdbField\":\"sentry_app_viewed\u{0}\"}".utf8), [UInt8](repeating: 32, count: 2 << 20),
        ]

        for body in bodies {
            let response = try server.client().send(
                "POST", "/api/0/sentry-apps/sample-app/interaction/",
                basic: "\(ServerFixture.owner):\(ServerFixture.password)",
                headers: [("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin")], body: body)

            #expect([400, 413].contains(response.status), "\(body.prefix(30)): \(response.status) \(response.text)")
        }
        #expect(try server.get("/-/ping", as: nil).status == 200)
        #expect(server.responders[0].isRunning)
    }

    @Test func aSiteThatIsNotOursCannotPost() throws {
        let server = try ServerFixture()
        let body = Array(#"{"tsdbField":"sentry_app_viewed"}"#.utf8)
        let refused: [[(name: String, value: String)]] = [
            [], [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
            [("Origin", "https://evil.example")], [("Origin", "null")],
        ]
        let accepted: [[(name: String, value: String)]] = [
            [("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")],
            [("Origin", "https://127.0.0.1:\(server.port)")],
        ]

        for headers in refused + accepted {
            let response = try server.client().send(
                "POST", "/api/0/sentry-apps/sample-app/interaction/",
                basic: "\(ServerFixture.owner):\(ServerFixture.password)",
                headers: headers + [("Content-Type", "application/json")], body: body)

            let isRefused = refused.contains { $0.map(\.value) == headers.map(\.value) }
            #expect(response.status == (isRefused ? 403 : 201), "\(headers)")
            if isRefused { #expect(response.json?["detail"].string?.hasPrefix("CSRF Failed: ") == true) }
        }
    }
}
