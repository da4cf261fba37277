import Handlers
import Model
import TestSupport
import Testing

/// The original's tests of `requests/` (docs/protocol.md 10.2).
@Suite struct RequestLogTests {
    @Test func aSuperuserSeesRequestsOfAppsOfOthers() {
        let fixture = HandlersFixture()
        fixture.store(200, app: 20, organization: HandlersFixture.globex)
        fixture.store(500, app: 20, organization: HandlersFixture.globex)

        let response = fixture.get("globex-app/requests/", as: HandlersFixture.superuser)

        #expect(response.status == 200)
        #expect(response.json?.elements.map { $0["responseCode"].integer } == [500, 200])
        #expect(response.json?.elements.first?["organization"]["slug"].string == "globex")
        #expect(response.json?.elements.first?["sentryAppSlug"].string == "globex-app")
    }

    @Test(arguments: [HandlersFixture.superuser, HandlersFixture.owner])
    func requestsOfAnUnpublishedAppAreSeen(by user: String) {
        let fixture = HandlersFixture()
        fixture.store(200, app: 11)

        let response = fixture.get("draft-app/requests/", as: user)

        #expect(response.status == 200)
        #expect(response.json?.elements.count == 1)
    }

    @Test func aMemberSeesRequestsOfAPublishedAppWithTheirOrganization() {
        let fixture = HandlersFixture()
        fixture.store(200)

        let response = fixture.get("pub-app/requests/", as: HandlersFixture.member)

        #expect(response.json?.elements.first?["organization"]["name"].string == "Acme \u{2028} Ümläut")
    }

    @Test func aPublishedAppOfAnotherOrganizationIsForbiddenNotHidden() {
        let response = HandlersFixture().get("globex-app/requests/")

        #expect(response.status == 403)
        #expect(response.detail == "You do not have permission to perform this action.")
    }

    @Test func rowsOfAnInternalAppHaveNoOrganization() {
        let fixture = HandlersFixture()
        fixture.store(200, app: 12, organization: nil)

        let row = fixture.get("int-app/requests/").json?.elements.first

        #expect(row?["responseCode"].integer == 200)
        #expect(row?["organization"].isNull == true)
    }

    @Test func theEventTypeFilterShowsOnlyThatEvent() {
        let fixture = HandlersFixture()
        fixture.store(200, event: "issue.assigned")

        #expect(fixture.get("pub-app/requests/", "eventType=issue.created").text == "[]")
        #expect(fixture.get("pub-app/requests/", "eventType=issue.assigned").json?.elements.count == 1)
        #expect(fixture.get("pub-app/requests/", "eventType=").json?.elements.count == 1)
    }

    @Test(arguments: ["invalid_type", "issue.assigned%20", "Issue.Assigned", "issue", "%00"])
    func anUnknownEventTypeIsRefused(_ event: String) {
        let response = HandlersFixture().get("pub-app/requests/", "eventType=\(event)")

        #expect(response.status == 400)
        #expect(response.detail == "Invalid event type.")
    }

    @Test(arguments: [
        ("errorsOnly=true", 1), ("errorsOnly=false", 1), ("errorsOnly=0", 1), ("errorsOnly=", 2), ("", 2),
    ])
    func everyNonEmptyTextAsksForErrorsOnly(_ query: String, _ count: Int) {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.store(500)

        #expect(fixture.get("pub-app/requests/", query).json?.elements.count == count)
    }

    @Test func anEventThatTheDirectoryKnowsIsLinked() {
        let fixture = HandlersFixture()
        fixture.store(400, fields: #","error_id":"\#(HandlersFixture.eventID)","project_id":5"#)

        let row = fixture.get("pub-app/requests/").json?.elements.first

        #expect(row?["errorUrl"].string == "/organizations/acme/issues/77/events/\(HandlersFixture.eventID)/")
    }

    @Test(arguments: [
        ("no such project", #","error_id":"\#(HandlersFixture.eventID)","project_id":"1000""#),
        ("no such event", #","error_id":"ffffffffffffffffffffffffffffffff","project_id":5"#),
        ("no event id", #","error_id":"x","project_id":5"#),
        ("no group", #","error_id":"\#(HandlersFixture.groupless)","project_id":5"#),
        ("another organization's project", #","error_id":"\#(HandlersFixture.eventID)","project_id":6"#),
        ("no number", #","error_id":"\#(HandlersFixture.eventID)","project_id":"abc""#),
        ("too large a number", #","error_id":"\#(HandlersFixture.eventID)","project_id":9223372036854775808"#),
        ("no project", #","error_id":"\#(HandlersFixture.eventID)""#), ("no error", #","project_id":5"#),
    ])
    func whatIsNotKnownIsNotLinked(_ case: String, _ fields: String) {
        let fixture = HandlersFixture()
        fixture.store(400, fields: fields)

        let rows = fixture.get("pub-app/requests/").json?.elements

        #expect(rows?.count == 1)
        #expect(rows?.first?.members.contains { $0.key == "errorUrl" } == false)
    }

    @Test func theOrganizationFilterShowsOnlyThatOrganization() {
        let fixture = HandlersFixture()
        fixture.store(200)
        fixture.store(500)
        fixture.store(500, organization: HandlersFixture.globex)

        #expect(fixture.get("pub-app/requests/", "organizationSlug=acme").json?.elements.count == 2)
        #expect(fixture.get("pub-app/requests/", "organizationSlug=globex").json?.elements.count == 1)
        #expect(fixture.get("pub-app/requests/", "organizationSlug=").json?.elements.count == 3)
        #expect(fixture.get("pub-app/requests/", "organizationSlug=nope").detail == "Invalid organization.")
    }

    @Test(arguments: [
        ("", 3), ("start=2023-07-20 11:00:00", 3), ("end=2023-07-20 11:00:02", 2),
        ("start=2023-07-20 11:00:01&end=2023-07-20 11:00:02", 2),
        ("start=2023-07-20 11:00:02&end=2023-07-20 11:00:01", 0),
    ])
    func theDateFilterIncludesBothEndsInWholeSeconds(_ query: String, _ count: Int) {
        let fixture = HandlersFixture()
        for date in ["11:59:59.000001", "11:00:01.900000", "11:00:02.900000"] {
            fixture.store(200, date: "2023-07-20 \(date)+00:00")
        }

        let response = fixture.get("pub-app/requests/", query.replacing(" ", with: "%20"))

        #expect(response.json?.elements.count == count)
    }

    @Test(arguments: ["start", "end"])
    func whatIsNoDateIsRefused(_ name: String) {
        for text in ["2000-01-%2000:00:00", "", "junk", "2023-07-20T00:00:00", "2023-07-20 00:00:00Z"] {
            let response = HandlersFixture().get("pub-app/requests/", "\(name)=\(text)")

            #expect(response.status == 400)
            #expect(response.detail == "Invalid date format. Format must be YYYY-MM-DD HH:MM:SS.")
        }
    }

    @Test func theFirstWrongParameterNamesTheError() {
        let query = "organizationSlug=nope&eventType=nope"

        #expect(
            HandlersFixture().get("pub-app/requests/", query + "&end=x").detail?.hasPrefix("Invalid date format")
                == true)
        #expect(HandlersFixture().get("pub-app/requests/", query).detail == "Invalid event type.")
    }

    @Test func theHundredRowsAreCutBeforeTheyAreFiltered() {
        let fixture = HandlersFixture()
        for second in 10..<60 { fixture.store(200, event: "issue.created", date: "2023-07-20 10:00:\(second)+00:00") }
        for second in 10..<60 { fixture.store(200, event: "issue.resolved", date: "2023-07-20 11:00:\(second)+00:00") }
        for second in 10..<60 { fixture.store(200, event: "issue.ignored", date: "2023-07-20 11:30:\(second)+00:00") }

        let response = fixture.get("pub-app/requests/", "end=2023-07-20%2011:00:00")

        #expect(response.text == "[]")
    }

    @Test func bodiesAndHeadersAreShownForFailedRequestsOnly() {
        let fixture = HandlersFixture()
        fixture.store(0, event: "issue.created", fields: #","request_body":"\"{}\"""#)
        fixture.store(399, event: "issue.resolved", fields: #","request_body":"x""#)

        let rows = fixture.get("pub-app/requests/").json?.elements ?? []

        #expect(
            rows.first?.members.map(\.key).dropFirst(5).prefix(3) == ["requestBody", "requestHeaders", "responseBody"])
        #expect(rows.first?["requestBody"].string == #""{}""#)
        #expect(rows.first?.members.contains { $0.key == "responseBody" && $0.value.isNull } == true)
        #expect(rows.last?.members.contains { $0.key == "requestBody" } == false)
    }

    @Test func aResponseHasTheOriginalsBytes() {
        let fixture = HandlersFixture()
        fixture.store(
            400, date: "2019-09-25 23:54:54.440000+00:00",
            fields: #","request_headers":{"A":"caf\u00e9"},"response_body":"Bad","request_id":"r","attempt":2,"#
                + #""duration_ms":12,"reason":"tls","reason_detail":"d\u00e9","original_id":"o""#)

        let response = fixture.get("pub-app/requests/")

        #expect(
            response.text
                == #"[{"webhookUrl":"https://hook.test/in","sentryAppSlug":"pub-app","eventType":"issue.assigned","#
                + #""date":"2019-09-25 23:54:54.440000+00:00","responseCode":400,"requestBody":null,"#
                + #""requestHeaders":{"A":"café"},"responseBody":"Bad","#
                + #""organization":{"name":"Acme \u2028 Ümläut","slug":"acme"},"#
                + #""requestId":"r","attempt":2,"durationMs":12,"reason":"tls","reasonDetail":"dé","originalId":"o"}]"#)
        #expect(response.header("Content-Type") == "application/json")
    }

    @Test func aRowWithoutAnAddressHasNull() {
        let fixture = HandlersFixture()
        fixture.log.add(
            #"{"date":"2023-07-20 11:00:00+00:00","response_code":200}"#, appID: 10, event: "issue.created")

        #expect(fixture.get("pub-app/requests/").text.hasPrefix(#"[{"webhookUrl":null,"#))
    }

    @Test func oneEventKeepsTheOrderOfItsList() {
        let fixture = HandlersFixture()
        fixture.store(201, date: "2023-07-20 11:00:00+00:00")
        fixture.store(202, date: "2023-07-20 10:00:00+00:00")

        let one = fixture.get("pub-app/requests/", "eventType=issue.assigned").json?.elements
        let all = fixture.get("pub-app/requests/").json?.elements

        #expect(one?.map { $0["responseCode"].integer } == [202, 201])
        #expect(all?.map { $0["responseCode"].integer } == [201, 202])
    }
}
