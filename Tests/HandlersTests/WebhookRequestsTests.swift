import Buffer
import Handlers
import Model
import TestSupport
import Testing

/// The original's tests of `webhook-requests/` (docs/protocol.md 2.9 and 10.3).
@Suite struct WebhookRequestsTests {
    private let path = "pub-app/webhook-requests/"

    @Test(arguments: [
        (HandlersFixture.superuser, "globex-app", 200), (HandlersFixture.owner, "globex-app", 403),
        (HandlersFixture.owner, "pub-app", 200),
        (HandlersFixture.member, "draft-app", 200), (HandlersFixture.superuser, "draft-app", 200),
        (HandlersFixture.outsider, "pub-app", 403),
    ])
    func accessIsThatOfTheRequestLog(_ user: String, _ slug: String, _ status: Int) {
        #expect(HandlersFixture().get("\(slug)/webhook-requests/", as: user).status == status)
    }

    @Test func aRowHasTheNewerFieldsOnly() {
        let fixture = HandlersFixture()
        fixture.store(
            500, fields: #","request_body":"x","error_id":"\#(HandlersFixture.eventID)","project_id":5,"duration_ms":7"#
        )

        let response = fixture.get(path)

        #expect(
            response.text
                == #"[{"webhookUrl":"https://hook.test/in","sentryAppSlug":"pub-app","eventType":"issue.assigned","#
                + #""date":"2023-07-20 11:00:00.250000+00:00","responseCode":500,"#
                + #""organization":{"name":"Acme \u2028 Ümläut","slug":"acme"},"durationMs":7}]"#)
    }

    @Test func requestsAboutInstallationsAreMixedWithTheRestNewestFirst() {
        let fixture = HandlersFixture()
        fixture.store(200, event: "installation.created", date: "2023-07-20 11:00:01.000001+00:00")
        fixture.store(200, event: "issue.assigned", date: "2023-07-20 11:00:02.000001+00:00")
        fixture.store(200, event: "installation.deleted", date: "2023-07-20 11:00:03.000001+00:00")
        fixture.store(200, event: "issue.created", date: "2023-07-20 11:00:04.000001+00:00")

        let types = fixture.get(path).json?.elements.map { $0["eventType"].string }

        #expect(types == ["issue.created", "installation.deleted", "issue.assigned", "installation.created"])
    }

    @Test func installationsGoFirstAmongEqualDates() {
        let fixture = HandlersFixture()
        fixture.store(200, event: "issue.created")
        fixture.store(200, event: "installation.deleted")

        let types = fixture.get(path).json?.elements.map { $0["eventType"].string }

        #expect(types == ["installation.deleted", "issue.created"])
    }

    @Test(arguments: [("26.8", [202, 201]), ("26.9", [201, 202])])
    func oneEventIsReadAloneAndByDateInLaterReleases(_ release: String, _ codes: [Int64]) throws {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        fixture.store(201, event: "installation.created", date: "2023-07-20 11:00:00+00:00")
        fixture.store(202, event: "installation.created", date: "2023-07-20 10:00:00+00:00")
        fixture.store(203, event: "issue.created")

        let rows = fixture.get(path, "eventType=installation.created").json?.elements

        #expect(rows?.map { $0["responseCode"].integer } == codes)
        #expect(fixture.log.queries.map(\.events) == [["installation.created"]])
    }

    /// Hookline's own parameter: what pages need of `requests/`, in releases without it.
    @Test(arguments: ["23.7", "25.12"])
    func headersAndBodiesOfFailedRequestsCanBeAskedFor(_ release: String) throws {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        fixture.store(200)
        fixture.store(
            500, date: "2023-07-20 11:00:01.250000+00:00",
            fields: #","request_headers":{"A":"b"},"response_body":"bad","request_body":"\"{}\"""#)

        let rows = fixture.get(path, "expand=bodies").json?.elements ?? []

        #expect(rows.count == 2)
        #expect(rows.first?["requestHeaders"]["A"].string == "b")
        #expect(rows.first?["responseBody"].string == "bad")
        #expect(rows.first?["requestBody"].string == #""{}""#)
        #expect(rows.last?.members.contains { $0.key == "requestBody" } == false)
        for query in ["", "expand=", "expand=other"] {
            #expect(!fixture.get(path, query).text.contains("responseBody"))
        }
    }

    @Test func eachGroupOfEventsKeepsItsHundredRows() {
        let fixture = HandlersFixture()
        for second in 10..<60 {
            for event in ["issue.created", "issue.resolved", "installation.created", "installation.deleted"] {
                fixture.store(200, event: event, date: "2023-07-20 11:00:\(second)+00:00")
                fixture.store(200, event: event, date: "2023-07-20 11:01:\(second)+00:00")
            }
        }

        let types = fixture.get(path).json?.elements.map { $0["eventType"].string ?? "" } ?? []

        #expect(types.count == 200)
        #expect(types.count { $0.hasPrefix("installation.") } == 100)
    }

    @Test(arguments: ["true", "True", "1", "t", "yes", "on"])
    func errorsOnlyIsABoolean(_ text: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.store(500)

        #expect(fixture.get(path, "errorsOnly=\(text)").json?.elements.count == 1)
        for no in ["false", "0", "off", "no", "f"] {
            #expect(fixture.get(path, "errorsOnly=\(no)").json?.elements.count == 2)
        }
    }

    @Test(arguments: [
        ("eventType=invalid_type", #"{"eventType":["\"invalid_type\" is not a valid choice."]}"#),
        ("eventType=", #"{"eventType":["\"\" is not a valid choice."]}"#),
        ("errorsOnly=maybe", #"{"errorsOnly":["Must be a valid boolean."]}"#),
        ("organizationSlug=", #"{"organizationSlug":["This field may not be blank."]}"#),
        ("organizationSlug=%20", #"{"organizationSlug":["This field may not be blank."]}"#),
        ("organizationSlug=%00", #"{"organizationSlug":["Null characters are not allowed."]}"#),
        ("organizationSlug=nope", #"{"detail":"Invalid organization."}"#),
        (
            "start=x",
            #"{"start":["Datetime has wrong format. Use one of these formats instead: "#
                + #"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."]}"#
        ),
        (
            "start=2023-07-02&eventType=x",
            #"{"eventType":["\"x\" is not a valid choice."],"#
                + #""start":["Datetime has wrong format. Use one of these formats instead: "#
                + #"YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]."]}"#
        ),
        (
            "start=2023-07-02T00:00:00&end=2023-07-01T00:00:00",
            #"{"non_field_errors":["Invalid timestamp (start must be before end)."]}"#
        ),
    ])
    func wrongFieldsAreNamed(_ query: String, _ body: String) {
        let response = HandlersFixture().get(path, query)

        #expect(response.status == 400)
        #expect(response.text == body)
    }

    @Test(arguments: [
        ("start=2023-07-20T11:00:00Z", 2), ("start=2023-07-20T11:00:00.5Z", 1),
        ("end=2023-07-20T13:00:00%2B02:00", 1), ("start=2023-07-20+11:00&end=2023-07-20+11:00:01", 2),
        ("organizationSlug=acme", 2), ("organizationSlug=+globex+", 0),
    ])
    func filtersCompareWholeSecondsOfRowsWithTheGivenMoments(_ query: String, _ count: Int) {
        let fixture = HandlersFixture()
        fixture.store(200, date: "2023-07-20 11:00:00.900000+00:00")
        fixture.store(200, date: "2023-07-20 11:00:01.100000+00:00")

        #expect(fixture.get(path, query).json?.elements.count == count)
    }

    @Test(arguments: ["requests", "webhook-requests"])
    func fieldsOfOursShowWhereTheyAreStored(_ endpoint: String) {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.store(
            0,
            fields:
                #","request_id":"r","attempt":2,"duration_ms":12,"reason":"tls","reason_detail":"d","original_id":"o""#)

        let rows = fixture.get("pub-app/\(endpoint)/", "").json?.elements ?? []

        #expect(rows.count == 2)
        let names = ["requestId", "attempt", "durationMs", "reason", "reasonDetail", "originalId"]
        #expect(rows.first?.members.map(\.key).filter(names.contains) == names)
        #expect(rows.first?["originalId"].string == "o")
        #expect(rows.last?.members.contains { names.contains($0.key) } == false)
    }
}
