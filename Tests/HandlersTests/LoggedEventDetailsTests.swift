import Handlers
import Model
import Queue
import Redis
import TestSupport
import Testing
import WireJSON

/// `GET requests/{id}/` shows what the payload archive keeps of attempts, and redeliveries.
@Suite struct LoggedEventDetailsTests {
    private static let id = HandlersFixture.kept
    private static let minutes = [1, 2, 3].map { Timestamp(microseconds: 1_689_850_800_250_000 + 60_000_000 * $0) }

    private func store(_ fixture: HandlersFixture, _ code: Int, minute: Int, _ fields: String, id: String = Self.id) {
        fixture.store(
            code, app: 10, date: Self.minutes[minute - 1].pythonDescription, fields: #","request_id":"\#(id)""# + fields
        )
    }

    private func details(_ minute: Int, _ response: AttemptDetails.Response?) -> AttemptDetails {
        AttemptDetails(
            attempt: minute, date: Self.minutes[minute - 1], url: "https://hook.test/in", code: response?.status ?? 0,
            durationMilliseconds: response == nil ? nil : 9, reason: response == nil ? "timeout" : nil,
            requestHeaders: HeaderList([("Request-ID", Self.id)]), response: response)
    }

    private func attempts(_ response: Response) -> [GoldenValue] { response.json?["attempts"].elements ?? [] }

    @Test func aSuccessIsShownWithItsRequestAndResponse() {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        store(fixture, 200, minute: 1, #","attempt":1,"duration_ms":9"#)
        fixture.payloads.attempts[Self.id] = [
            details(1, .init(status: 200, headers: HeaderList([("Server", "a\u{1}")]), body: [0x6F, 0x6B, 0, 0xFF]))
        ]

        let text = fixture.get("pub-app/requests/\(Self.id)/").text

        let expected = [
            #""attempt":1,"request":{"headers":[{"name":"Request-ID","value":"\#(Self.id)"}],"#,
            #""headersTruncated":false,"body":"{\"action\":\"created\",\"installation\":{\"uuid\":"#,
            #"\"installation-1\"},\"data\":{\"a\":1},\"actor\":{\"type\":\"application\",\"id\":\"sentry\","#,
            #"\"name\":\"Sentry\"}}","bodyTruncated":false},"response":{"status":200,"#,
            #""headers":[{"name":"Server","value":"a\u0001"}],"headersTruncated":false,"#,
            "\"body\":\"ok\\u0000\u{FFFD}\",\"bodyTruncated\":false}}],\"redeliveries\":[]}",
        ].joined()
        #expect(text.hasSuffix(expected), "\(text)")
    }

    @Test func attemptsWithoutARowAreShownFromTheirDetails() throws {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        store(fixture, 500, minute: 2, #","attempt":2"#)
        fixture.payloads.attempts[Self.id] = [
            details(3, .init(status: 204)), details(2, .init(status: 500)), details(1, nil),
        ]

        let shown = attempts(fixture.get("pub-app/requests/\(Self.id)/"))

        #expect(shown.map { $0["responseCode"].integer } == [204, 500, 0])
        #expect(shown.map { $0["date"].string } == Self.minutes.reversed().map(\.pythonDescription))
        #expect(shown.map { $0["response"]["status"].integer } == [204, 500, nil])
        let oldest = try #require(shown.last)
        #expect(oldest["webhookUrl"].string == "https://hook.test/in" && oldest["sentryAppSlug"].string == "pub-app")
        #expect(oldest["eventType"].string == "issue.created" && oldest["requestId"].string == Self.id)
        #expect(oldest["attempt"].integer == 1 && oldest["reason"].string == "timeout")
        #expect(oldest["durationMs"].isNull && oldest["response"].isNull)
    }

    @Test func anEventWithoutRowsIsFoundByItsDetails() {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        #expect(fixture.get("pub-app/requests/\(Self.id)/").status == 404)

        fixture.payloads.attempts[Self.id] = [details(1, .init(status: 200))]

        #expect(attempts(fixture.get("pub-app/requests/\(Self.id)/")).count == 1)
        #expect(fixture.get("draft-app/requests/\(Self.id)/").status == 404)
    }

    /// A worker of an older version keeps none.
    @Test func rowsWithoutDetailsHaveNeitherRequestNorResponse() {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        store(fixture, 200, minute: 1, "")

        let shown = attempts(fixture.get("pub-app/requests/\(Self.id)/"))

        #expect(shown.first?.members.contains { $0.key == "request" || $0.key == "response" } == false)
    }

    /// Those of a Sentry, with the same idempotency key, are of other requests.
    @Test func detailsBelongToRowsOfTheirOwnId() {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        store(fixture, 200, minute: 1, #","idempotency_key":"k""#)
        store(fixture, 201, minute: 2, #","idempotency_key":"k""#, id: "other")
        fixture.payloads.attempts[Self.id] = [details(2, .init(status: 202)), details(1, .init(status: 200))]

        let shown = attempts(fixture.get("pub-app/requests/\(Self.id)/"))

        #expect(shown.compactMap { $0["responseCode"].integer }.sorted() == [200, 201, 202])
        #expect(shown.compactMap { $0["response"]["status"].integer }.sorted() == [200, 202])
    }

    @Test func bodiesBeyondTheLimitAreCutAndMarked() {
        var fixture = HandlersFixture()
        fixture.eventLimits.detailsBytes = 11
        fixture.keep(id: Self.id)
        store(fixture, 200, minute: 1, "")
        let response = AttemptDetails.Response(
            status: 200, headers: HeaderList([("A", "b")], isCut: true), body: [0x61, 0xC3], isBodyCut: true)
        fixture.payloads.attempts[Self.id] = [details(1, response)]

        let shown = attempts(fixture.get("pub-app/requests/\(Self.id)/")).first

        #expect(shown?["request"]["body"].string == #"{"action":""#)
        #expect(shown?["request"]["bodyTruncated"].bool == true)
        #expect(shown?["request"]["headersTruncated"].bool == false)
        #expect(shown?["response"]["body"].string == "a")
        #expect(shown?["response"]["bodyTruncated"].bool == true)
        #expect(shown?["response"]["headersTruncated"].bool == true)
    }

    @Test func aDamagedPayloadHasNoBody() {
        let fixture = HandlersFixture()
        fixture.keep([1, 2, 3], id: Self.id)
        fixture.payloads.attempts[Self.id] = [details(1, .init(status: 200))]

        let shown = attempts(fixture.get("pub-app/requests/\(Self.id)/")).first

        #expect(shown?["request"]["body"].isNull == true)
    }

    @Test func redeliveriesOfTheLogAndTheArchiveAreListedNewestFirst() {
        let fixture = HandlersFixture()
        fixture.keep(id: Self.id)
        store(fixture, 500, minute: 1, "")
        store(fixture, 500, minute: 2, #","original_id":"\#(Self.id)""#, id: "a")
        store(fixture, 200, minute: 3, #","original_id":"\#(Self.id)""#, id: "a")
        store(fixture, 200, minute: 3, #","original_id":"x\#(Self.id)""#, id: "b")
        fixture.payloads.redeliveries[Self.id] = [.init(id: "c", date: Self.minutes[2])]

        let response = fixture.get("pub-app/requests/\(Self.id)/")

        let shown = response.json?["redeliveries"].elements ?? []
        #expect(shown.map { $0["id"].string } == ["c", "a"])
        #expect(shown.map { $0["date"].string } == [2, 1].map { Self.minutes[$0].pythonDescription })
        #expect(attempts(response).count == 1)
    }

    @Test func wherePayloadsAreNotKeptNothingIsRead() {
        var fixture = HandlersFixture()
        fixture.eventLimits.payloadSeconds = 0
        fixture.payloads.failure = .timedOut(server: "redis", milliseconds: 1)
        store(fixture, 200, minute: 1, "")

        #expect(fixture.get("pub-app/requests/\(Self.id)/").status == 200)

        fixture.eventLimits.payloadSeconds = 1
        #expect(fixture.get("pub-app/requests/\(Self.id)/").status == 503)
    }
}
