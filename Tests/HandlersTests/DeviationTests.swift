import Buffer
import Directory
import Handlers
import Model
import Redis
import TestSupport
import Testing

/// Where we differ from the original on purpose, one test or more for each deviation by its number. D9 has its own
/// suite, `PagingTests`.
@Suite struct DeviationTests {
    private let requests = "pub-app/requests/"

    @Test(arguments: [
        "2023-07-20 11:00:00+00:00", "2023-07-20T11:00:00.250000+00:00", "2023-07-20 11:00:00.250000Z",
        "2023-07-20 13:00:00.250000+02:00", "2023-07-20 11:00:00.250000",
    ])
    func d1DatesInOtherFormsAreAccepted(_ date: String) {
        let fixture = HandlersFixture()
        fixture.store(200, date: date)

        let rows = fixture.get(requests, "start=2023-07-20+11:00:00&end=2023-07-20+11:00:00").json?.elements

        #expect(rows?.map { $0["date"].string } == [date])
    }

    @Test(arguments: ["yesterday", "2023-02-30 00:00:00+00:00", ""])
    func d1RowsWhoseDateIsNoDateAreLeftOut(_ date: String) {
        let fixture = HandlersFixture()
        fixture.store(200, date: date)
        fixture.store(201)

        let response = fixture.get(requests)

        #expect(response.json?.elements.map { $0["responseCode"].integer } == [201])
    }

    @Test(arguments: ["pub-app/requests/", "pub-app/webhook-requests/"])
    func d19RowsOfAWorkerWhoseClockIsAheadAreShownUnlessTheEndIsGiven(_ path: String) {
        let fixture = HandlersFixture()
        let (near, far) = (HandlersFixture.now.adding(seconds: 299), HandlersFixture.now.adding(seconds: 302))
        fixture.store(201, date: near.pythonDescription)
        fixture.store(202, date: far.pythonDescription)
        let codes = { (query: String) in
            fixture.get(path, query).json?.elements.map { $0["responseCode"].integer }
        }

        #expect(codes("") == [201])
        let isNewest = path.contains("webhook")
        #expect(codes(isNewest ? "end=2023-07-20T12:00:01Z" : "end=2023-07-20+12:00:01") == [])
        #expect(codes(isNewest ? "end=2023-07-20T12:10:00Z" : "end=2023-07-20+12:10:00") == [202, 201])
    }

    @Test func d2RowsOfAnInternalAppBelongToItsOwner() {
        let fixture = HandlersFixture()
        fixture.store(200, app: 12, organization: nil)
        fixture.store(201, app: 12, organization: HandlersFixture.globex)

        #expect(fixture.get("int-app/requests/", "organizationSlug=acme").json?.elements.count == 1)
        #expect(
            fixture.get("int-app/requests/", "organizationSlug=globex").json?.elements.first?["responseCode"].integer
                == 201)
        #expect(fixture.get("int-app/webhook-requests/", "organizationSlug=acme").json?.elements.count == 1)
    }

    @Test func d2RowsOfOtherAppsWithoutAnOrganizationBelongToNone() {
        let fixture = HandlersFixture()
        fixture.store(200, organization: nil)

        #expect(fixture.get(requests, "organizationSlug=acme").text == "[]")
    }

    @Test(arguments: [
        #""\#(HandlersFixture.eventID)""#, #""0F40FAC5-B334-CD7F-2248-0CC9C0FECF02""#,
    ])
    func d3ProjectsStoredAsTextAreLinkedToo(_ errorID: String) {
        let fixture = HandlersFixture()
        fixture.store(400, fields: #","error_id":\#(errorID),"project_id":"5""#)
        fixture.store(401, fields: #","error_id":\#(errorID),"project_id":5"#)

        let urls = fixture.get(requests).json?.elements.map { $0["errorUrl"].string }

        let expected = "/organizations/acme/issues/77/events/\(HandlersFixture.eventID)/"
        #expect(urls == [expected, expected])
    }

    @Test(arguments: ["requests", "webhook-requests", "interaction", "stats", ""])
    func d7HeadIsGetWithoutABody(_ endpoint: String) {
        let path = "/api/0/sentry-apps/pub-app/" + (endpoint.isEmpty ? "" : endpoint + "/")
        let fixture = HandlersFixture()
        fixture.store(200)

        let head = fixture.send(Request(method: "HEAD", path: .encoded(path), remoteUser: HandlersFixture.owner))
        let get = fixture.send(Request(method: "GET", path: .encoded(path), remoteUser: HandlersFixture.owner))

        #expect(head.status == 200)
        #expect(head.omitsBody)
        #expect(!get.omitsBody)
        #expect(head.body == get.body)
        #expect(head.headers.map(\.value) == get.headers.map(\.value))
    }

    @Test func d7HeadNeedsTheSameRightsAsGet() {
        var fixture = HandlersFixture()
        let token = fixture.token(user: 103, scopes: [.orgRead])
        let path = Request.Path.encoded("/api/0/sentry-apps/pub-app/requests/")

        #expect(fixture.send(Request(method: "HEAD", path: path)).status == 401)
        #expect(fixture.send(Request(method: "HEAD", path: path, remoteUser: HandlersFixture.outsider)).status == 403)
        #expect(fixture.send(Request(method: "HEAD", path: path, authorization: "Bearer \(token)")).status == 200)
    }

    static let bufferErrors: [RedisError] = [
        .unreachable(server: "unix:/x", reason: "refused"), .timedOut(server: "unix:/x", milliseconds: 300),
        .connectionLost(server: "unix:/x", reason: "reset"), .refused(key: "k", message: "OOM"),
        .unexpectedReply("x"),
    ]

    @Test(arguments: bufferErrors, ["requests", "webhook-requests", "interaction"])
    func d13WithoutRedisAReadIs503AndNeverEmpty(_ error: RedisError, _ endpoint: String) {
        let fixture = HandlersFixture()
        fixture.log.failure = error
        fixture.interactions.failure = error

        let response = fixture.get("pub-app/\(endpoint)/")

        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "5")
        #expect(response.detail?.isEmpty == false)
        #expect(response.failure == error.description)
        #expect(!response.text.contains("unix:"))
    }

    @Test func d13WithoutRedisAPostIs503() {
        let fixture = HandlersFixture()
        fixture.interactions.failure = .refused(key: nil, message: "OOM command not allowed")

        let response = fixture.post("pub-app/interaction/", #"{"tsdbField":"sentry_app_viewed"}"#)

        #expect(response.status == 503)
        #expect(response.failure?.contains("OOM") == true)
    }

    @Test func aDirectoryWithAnInvalidRowIsAnInternalErrorAndNotTemporary() {
        var fixture = HandlersFixture()
        fixture.directory.failure = .corrupt(table: "memberships", reason: "/secret/role")

        let response = fixture.get("pub-app/requests/")

        #expect(response.status == 500)
        #expect(response.header("Retry-After") == nil)
        #expect(response.detail == "Internal Error")
        #expect(response.failure?.contains("/secret/role") == true)
    }

    @Test(arguments: ["requests", "webhook-requests", "interaction", "stats", ""])
    func d13WithoutTheDirectoryEveryResponseIs503(_ endpoint: String) {
        var fixture = HandlersFixture()
        fixture.directory.failure = .unavailable(location: "/secret/place", reason: "locked")

        let response = fixture.get("pub-app/" + (endpoint.isEmpty ? "" : endpoint + "/"))

        #expect(response.status == 503)
        #expect(response.header("Retry-After") == "5")
        #expect(response.failure?.contains("locked") == true)
        #expect(!response.text.contains("/secret/place"))
    }

    @Test func d13PingWorksWithoutRedisAndDirectory() {
        var fixture = HandlersFixture()
        fixture.log.failure = .unexpectedReply("x")
        fixture.directory.failure = .unavailable(location: "x", reason: "y")

        let response = fixture.send(Request(method: "GET", path: .encoded("/-/ping")))

        #expect(response.status == 200)
        #expect(response.text == "pong")
    }

    @Test(arguments: ["requests", "webhook-requests"])
    func d14UnreadableElementsAreSkippedAndCounted(_ endpoint: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        for element in ["not json", "[1]", #"{"response_code":"200","date":"2023-07-20 11:00:00+00:00"}"#] {
            fixture.log.add(element, appID: 10, event: "issue.created")
        }

        let response = fixture.get("pub-app/\(endpoint)/")

        #expect(response.status == 200)
        #expect(response.json?.elements.map { $0["responseCode"].integer } == [200])
        #expect(response.skippedElements == 3)
    }

    @Test(arguments: [#""abc""#, "null", "1.5", "{}", "99999999999999999999"])
    func d14RowsWhoseOrganizationIsNoNumberHaveNone(_ organization: String) {
        let fixture = HandlersFixture()
        fixture.store(200, organization: nil, fields: #","organization_id":\#(organization)"#)

        let rows = fixture.get(requests).json?.elements

        #expect(rows?.count == 1)
        #expect(rows?.first?.members.contains { $0.key == "organization" } == false)
        #expect(fixture.get(requests, "organizationSlug=acme").text == "[]")
    }

    @Test(arguments: ["interaction", "stats"], ["inf", "-inf", "1e400", "1e20", "-1e15", "253402300800"])
    func d15TimestampsBeyondAllDatesAreRefused(_ endpoint: String, _ text: String) {
        let until = HandlersFixture().get("pub-app/\(endpoint)/", "until=\(text)")
        let since = HandlersFixture().get("pub-app/\(endpoint)/", "since=\(text)&until=5")

        #expect(until.status == 400)
        #expect(until.detail == "until must be a numeric timestamp.")
        #expect(since.status == 400)
        #expect(since.detail == "since must be a numeric timestamp")
    }

    @Test(arguments: [
        "[]", "[1]", "5", "null", #""x""#, #"{"tsdbField":null}"#, #"{"tsdbField":800}"#,
        #"{"tsdbField":["sentry_app_viewed"]}"#, #"{"tsdbField":{"tsdbField":"sentry_app_viewed"}}"#,
    ])
    func d15BodiesThatAreNotObjectsOfStringsAreRefused(_ body: String) {
        let response = HandlersFixture().post("pub-app/interaction/", body)

        #expect(response.status == 400)
        #expect(
            response.detail
                == "The tsdbField must be one of: sentry_app_viewed, sentry_app_component_interacted")
    }
}
