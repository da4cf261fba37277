import Handlers
import Model
import TestSupport
import Testing

@testable import Buffer

/// The rows of responses as the releases have them (docs/protocol.md 2.9), and what the newest dashboard makes of them.
/// The number in a name is that of the fact in docs/protocol.md 11.1.
@Suite struct ReleaseRowTests {
    private let path = "pub-app/webhook-requests/"
    private let common =
        #"[{"webhookUrl":"https://hook.test/in","sentryAppSlug":"pub-app","eventType":"issue.assigned","#
        + #""date":"2023-07-20 11:00:00.250000+00:00","responseCode":"#

    private func fixture(_ release: String) throws -> HandlersFixture {
        var fixture = HandlersFixture()
        fixture.release = try ProtocolRelease(parsing: release)
        return fixture
    }

    /// Fields of the original up to 26.8, with bodies encoded twice.
    private let oldFields =
        #","request_headers":{"A":"b"},"response_body":"no","request_body":"\"{\\\"a\\\":1}\"","error_id":"e","#
        + #""project_id":"5""#

    @Test func fact19UpTo26Dot7AFailureHasNoDetails() throws {
        let fixture = try fixture("26.7")
        fixture.store(500, fields: oldFields)

        #expect(
            fixture.get(path).text
                == common + #"500,"organization":{"name":"Acme \u2028 Ümläut","slug":"acme"}}]"#)
    }

    @Test func fact19In26Dot8AFailureHasItsDetailsInSnakeCaseAsTheyAreStored() throws {
        let fixture = try fixture("26.8")
        fixture.store(500, fields: oldFields + #","request_id":"r","duration_ms":7"#)

        #expect(
            fixture.get(path).text
                == common + #"500,"project_id":5,"error_id":"e","request_body":"\"{\\\"a\\\":1}\"","#
                + #""request_headers":{"A":"b"},"response_body":"no","#
                + #""organization":{"name":"Acme \u2028 Ümläut","id":1,"slug":"acme"},"requestId":"r","durationMs":7}]"#
        )
    }

    @Test(arguments: [("500", true), ("400", true), ("600", true), ("0", true), ("-1", true), ("399", false)])
    func fact19DetailsAreNullWhereTheyAreNotStoredAndOnlyFailuresHaveThem(code: String, hasDetails: Bool) throws {
        let fixture = try fixture("26.8")
        fixture.store(try #require(Int(code)), organization: nil)

        let details =
            #","project_id":null,"error_id":null,"request_body":null,"request_headers":null,"response_body":null"#
        #expect(fixture.get(path).text == common + code + (hasDetails ? details : "") + "}]")
    }

    @Test func fact22From26Dot9FiveFieldsAreAlwaysThere() throws {
        let fixture = try fixture("26.9")
        fixture.store(200, organization: nil)

        #expect(
            fixture.get(path).text
                == common + #"200,"requestId":null,"idempotencyKey":null,"subjectId":null,"subjectType":null,"#
                + #""durationMs":null}]"#)
    }

    @Test func fact22TheFieldsHaveTheOriginalsOrderAndOursAreBehindThem() throws {
        let fixture = try fixture("26.9")
        fixture.store(
            502, organization: nil,
            fields: #","request_id":"r","idempotency_key":"k","subject_id":"1","subject_type":"group","#
                + #""duration_ms":7,"request_headers":{"A":"b"},"response_body":"{}","request_body":"\"{}\"","#
                + #""error_id":"e","project_id":5,"attempt":2,"reason":"x","reason_detail":"y","original_id":"o""#)

        #expect(
            fixture.get(path).text
                == common + #"502,"requestId":"r","idempotencyKey":"k","subjectId":"1","subjectType":"group","#
                + #""durationMs":7,"project_id":5,"error_id":"e","request_body":"\"{}\"","request_headers":{"A":"b"},"#
                + #""response_body":"{}","attempt":2,"reason":"x","reasonDetail":"y","originalId":"o"}]"#)
    }

    @Test(
        arguments: [
            (#""5""#, "5"), ("5", "5"), (#""0""#, "0"), (#""007""#, "null"), (#""web""#, "null"), (#""""#, "null"),
            ("null", "null"), ("1.5", "null"),
        ])
    func fact22TheProjectIsANumberHoweverItIsStored(stored: String, shown: String) throws {
        let fixture = try fixture("26.9")
        fixture.store(500, fields: #","project_id":\#(stored)"#)

        #expect(fixture.get(path).text.contains(#""project_id":\#(shown),"#))
    }

    @Test func fact23CodesWithoutAResponseAreShownInEveryRelease() throws {
        for release in ["23.7", "26.9"] {
            let fixture = try fixture(release)
            fixture.store(-1)

            let row = fixture.get(path).json?.elements.first
            #expect(row?["responseCode"].integer == -1)
        }
        // The older route shows their headers, too.
        let fixture = HandlersFixture()
        fixture.store(-1, fields: #","request_headers":{"A":"b"}"#)
        let row = fixture.get("pub-app/requests/").json?.elements.first
        #expect(row?["requestHeaders"]["A"].string == "b")
    }

    @Test func fact24BodiesOfOlderRowsAreDecodedForTheNewestReleaseAlone() throws {
        for (release, body) in [("26.8", #""{\"a\":1}""#), ("26.9", #"{"a":1}"#)] {
            let fixture = try fixture(release)
            fixture.store(500, fields: oldFields)

            let row = fixture.get(path).json?.elements.first
            #expect(row?["request_body"].string == body)
            #expect(row?["response_body"].string == "no")
        }
    }

    // MARK: The newest dashboard

    /// The same attempts, as the original and Hookline write them in both forms, oldest first.
    private func attempt(_ code: Int, body: String?) throws -> WebhookRequestRecord {
        var record = WebhookRequestRecord(
            date: try #require(Timestamp(parsing: "2023-07-20 11:00:00.250000+00:00")), event: "issue.assigned",
            appID: 10, responseCode: code, webhookURL: "https://hook.test/in", requestHeaders: [("A", "b")],
            responseBody: body.map { Array($0.utf8) }, requestBody: body.map { _ in #"{"action":"assigned"}"# },
            organizationID: 1, errorID: "e", projectID: .text("5"), requestID: "r", attempt: 1,
            durationMilliseconds: code == -1 ? nil : 7)
        record.idempotencyKey = "k"
        record.subject = WebhookSubject(type: "group", id: "1")
        return record
    }

    @Test(
        arguments: [
            (200, nil, "200", "green"), (302, nil, "302", "yellow"), (404, #"{"detail": "no"}"#, "404", "red"),
            (500, "Bad Request", "500", "red"), (500, "", "500", "red"), (0, nil, "timeout", "red"),
            (-1, nil, "connection error", "red"), (500, "\"", "500", "red"), (500, "[1, \"é\"]", "500", "red"),
        ] as [(Int, String?, String, String)])
    func fact24RowsOfEveryFormReadTheSame(code: Int, body: String?, shown: String, color: String) throws {
        let record = try attempt(code, body: body)
        let rows = try ["23.7", "26.8", "26.9"].map { form in
            let fixture = try fixture("26.9")
            var record = record
            record.rules = ProtocolRules(try ProtocolRelease(parsing: form))
            fixture.log.add(
                String(decoding: record.json(), as: UTF8.self), appID: 10, event: "issue.assigned", isError: true)
            return try #require(NewestDashboard.rows(fixture.get(path).json).first)
        }

        var newest = rows[2]
        #expect(newest.code == shown)
        #expect(newest.color.rawValue == color)
        #expect(newest.organization == "Acme \u{2028} Ümläut")
        #expect(newest.subject == "group 1")
        #expect(newest.requestID == "r")
        #expect(newest.duration == (code == -1 ? NewestDashboard.dash : "7"))
        #expect(newest.error == (newest.color == .red ? "e" : NewestDashboard.dash))
        // Older rows have no subject.
        newest.subject = NewestDashboard.dash
        #expect(rows[0] == newest)
        #expect(rows[1] == newest)
        let isShown = body != nil
        #expect((newest.requestBody == NewestDashboard.dash) == !isShown)
        if isShown { #expect(newest.requestBody == #"{"action":"assigned"}"#) }
    }

    @Test func fact24RowsOfTheOriginalsOwnFormsReadTheSame() throws {
        let fixture = try fixture("26.9")
        // 2019, with spaces; 23.7.1; 26.9.
        fixture.log.add(
            #"{"webhook_url": "https://hook.test/in", "response_code": 500, "organization_id": 1, "#
                + #""date": "2023-07-20 11:00:00.250000+00:00"}"#,
            appID: 10, event: "issue.assigned")
        let headers = #""request_headers":{"A":"b"},"#
        fixture.store(
            500, organization: nil,
            fields: ",\(headers)" + #""response_body":"\"{\\\"a\\\": 1}\"","request_body":"\"{\\\"b\\\": 2}\"","#
                + #""organization_id":1"#)
        fixture.store(
            500, organization: nil,
            fields: #","request_id":"r","duration_ms":3,\#(headers)"response_body":"{\"a\": 1}","#
                + #""request_body":"{\"b\": 2}","organization_id":1"#)

        let rows = NewestDashboard.rows(fixture.get(path).json)

        #expect(rows.map(\.responseBody) == [#"{"a":1}"#, #"{"a":1}"#, NewestDashboard.dash])
        #expect(rows.map(\.requestBody) == [#"{"b":2}"#, #"{"b":2}"#, NewestDashboard.dash])
        #expect(rows.map(\.requestID) == ["r", NewestDashboard.dash, NewestDashboard.dash])
        #expect(Set(rows.map(\.organization)).count == 1)
        #expect(Set(rows.map(\.code)) == ["500"])
    }
}
