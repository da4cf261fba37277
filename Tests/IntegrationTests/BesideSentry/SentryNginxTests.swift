import TestSupport
import Testing

/// The shipped locations in an nginx like Sentry's own: what reaches Hookline, what Sentry, and who is whom.
@Suite(.serialized)
struct SentryNginxTests {
    private static let apps = "/api/0/sentry-apps/"
    private let site: SentrySite
    /// An app of the golden directory, and a member of the organization that owns it.
    private let app: GoldenValue
    private let member: GoldenValue

    init() throws {
        site = try SentrySite()
        let directory = try Golden(name: "101").directory
        let app = try #require(directory["apps"].elements.first { $0["status"].string == "published" })
        let membership = try #require(
            directory["memberships"].elements.first { $0["organization_id"] == app["owner_id"] })
        self.app = app
        member = try #require(directory["users"].elements.first { $0["id"] == membership["user_id"] })
    }

    private var path: String { Self.apps + (app["slug"].string ?? "") + "/" }
    private var cookie: String { site.cookies(userID: member["id"].integer ?? 0) }

    private func send(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], body: String? = nil
    ) throws -> HTTPClient.Response {
        try site.client().send(method, target, headers: headers, body: body.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("GET", "requests/"), ("GET", "webhook-requests/"), ("GET", "stats/?since=1&until=2"), ("GET", "health/"),
        ("GET", "deliveries/"),
        ("GET", "interaction/?since=1700000000&until=1700003600"),
    ])
    func aMemberOfSentryReadsByTheSessionOfSentry(method: String, route: String) throws {
        let response = try send(method, path + route, [("Cookie", cookie)])

        #expect(response.status == 200, "\(response.text)")
        #expect(response.json != nil)
    }

    @Test(arguments: [
        "requests/", "webhook-requests/", "stats/", "interaction/", "why/", "health/", "deliveries/", "requests/0a/",
    ])
    func withoutASessionHooklineAnswers401(route: String) throws {
        let response = try send("GET", path + route)

        #expect(response.status == 401)
        #expect(response.json?["detail"].string == "Authentication credentials were not provided.")
    }

    @Test(arguments: [
        ("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "requests/"), ("DELETE", "requests/"), ("PUT", "stats/"),
        ("PUT", "interaction/"), ("DELETE", "interaction/"), ("GET", "components/"), ("POST", "why/"),
        ("POST", "rotate-secret/"), ("POST", "requests/0a/"), ("GET", "requests/0a/redeliver/"),
    ])
    func otherRoutesAndMethodsGoToSentry(method: String, route: String) throws {
        let response = try send(method, path + route + "?a=b", [("Cookie", cookie)])

        #expect(response.text == "web \(method) \(path)\(route)?a=b")
    }

    @Test func theListOfAppsAndTheRelayStayWithSentry() throws {
        #expect(try send("GET", Self.apps).text == "web GET /api/0/sentry-apps/")
        #expect(try send("GET", "/api/1/store/").text == "relay")
    }

    /// The routes that would change Sentry's tables: its nginx sends them to it, and Hookline refuses them.
    @Test(arguments: [
        ("POST", "/api/0/sentry-apps/"), ("PUT", "{app}"), ("DELETE", "{app}"), ("POST", "{app}rotate-secret/"),
        ("POST", "/api/0/organizations/{organization}/sentry-app-installations/"),
        ("DELETE", "/api/0/sentry-app-installations/c8e5d37a-696c-4c54-adb5-b3f28d64c7de/"),
        ("POST", "/api/0/hookline/directory/"),
    ])
    func whatWouldChangeSentrysTablesIsSentrysOwn(method: String, target: String) throws {
        let target = target.replacing("{app}", with: path).replacing("{organization}", with: "acme")
        let superuser = try #require(
            try Golden(name: "101").directory["users"].elements.first { $0["is_superuser"].bool == true })
        let id = try #require(superuser["id"].integer)
        let headers = [
            (name: "Cookie", value: site.cookies(userID: id, isActiveSuperuser: true)),
            ("Content-Type", "application/json"), ("Sec-Fetch-Site", "same-origin"),
        ]

        let viaSentry = try send(method, target, headers, body: "{}")
        let direct = try site.directClient().send(method, target, headers: headers, body: Array("{}".utf8))

        #expect(viaSentry.text == "web \(method) \(target)")
        #expect(direct.status == 403)
        #expect(direct.text == #"{"detail":"This installation is managed by Sentry."}"#)
    }

    @Test func theInformationPageShowsThatRequestsArrive() throws {
        #expect(try send("GET", "/api/0/hookline/info/", [("Cookie", cookie)]).json?["version"].string != nil)
    }

    @Test func whileHooklineDoesNotRunSentryAnswers() throws {
        try site.stop()

        #expect(try send("GET", path + "requests/").text == "web GET \(path)requests/")
    }

    @Test(
        arguments: [
            [("Host", "127.0.0.1:9000"), ("Origin", "http://127.0.0.1:9000")],
            // Behind a proxy that ends TLS and passes the browser's Host.
            [("Host", "sentry.example"), ("Origin", "https://sentry.example")],
            // The proxy passes another Host: the origin is that of HOOKLINE_PLATFORM_URL.
            [("Host", "inner.example:9000"), ("Origin", "https://sentry.example")],
            [("Host", "sentry.example:9000"), ("Sec-Fetch-Site", "same-origin")],
        ] as [[(String, String)]])
    func aPostFromSentrysOwnPagesIsCounted(headers: [(String, String)]) throws {
        let response = try send(
            "POST", path + "interaction/",
            headers.map { ($0.0, $0.1) } + [("Cookie", cookie), ("Content-Type", "application/json")],
            body: #"{"tsdbField":"sentry_app_viewed"}"#)

        #expect(response.status == 201, "\(response.text)")
    }

    @Test(
        arguments: [
            [("Host", "sentry.example"), ("Origin", "https://evil.example")],
            [("Host", "127.0.0.1:9000"), ("Origin", "http://127.0.0.1:9001")],
            [("Host", "sentry.example"), ("Origin", "http://sentry.example:9001")],
            // HOOKLINE_PLATFORM_URL is https.
            [("Host", "sentry.example"), ("Origin", "http://sentry.example")],
            [("Host", "sentry.example"), ("Origin", "https://sentry.example:evil")],
            [("Host", "sentry.example"), ("Sec-Fetch-Site", "cross-site")], [("Host", "sentry.example")],
        ] as [[(String, String)]])
    func aPostFromAnotherSiteIsRefused(headers: [(String, String)]) throws {
        let response = try send(
            "POST", path + "interaction/",
            headers.map { ($0.0, $0.1) } + [("Cookie", cookie), ("Content-Type", "application/json")],
            body: #"{"tsdbField":"sentry_app_viewed"}"#)

        #expect(response.status == 403)
        #expect(response.json?["detail"].string?.hasPrefix("CSRF Failed: ") == true)
    }

    @Test func ofTwoSessionsTheLastOneCounts() throws {
        let (good, bad) = (cookie, "sentrysid=bad")

        #expect(try send("GET", path + "requests/", [("Cookie", "\(bad); \(good)")]).status == 200)
        #expect(try send("GET", path + "requests/", [("Cookie", "\(good); \(bad)")]).status == 401)
    }

    @Test(arguments: ["Remote-User", "Auth-Type", "Auth-Superuser", "X-Forwarded-User"])
    func noHeaderNamesAUser(name: String) throws {
        let value = member["email"].string ?? ""

        #expect(try send("GET", path + "requests/", [(name, value), ("Auth-Type", "nginx")]).status == 401)
    }

    @Test func theAuthorizationHeaderReachesHookline() throws {
        let directory = try Golden(name: "101").directory
        let token = try #require(directory["tokens"].elements.first?["token"].string)

        #expect(try send("GET", path + "requests/", [("Authorization", "Bearer \(token)")]).status != 401)
        #expect(try send("GET", path + "requests/", [("Authorization", "Bearer unknown")]).status == 401)
    }
}
