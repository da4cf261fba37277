import Buffer
import Delivery
import Model
import Redis
import TestSupport
import Testing
import WebhookRules

/// The log row of an attempt.
@Suite
struct AttemptRecordTests {
    @Test func itHoldsWhatWasCalledWhatCameBackAndOurExtraFields() throws {
        var world = FlowWorld()
        world.app.customHeaders = [.init(name: "Authorization", value: Secret("Bearer hidden"))]
        let response = ReceivedResponse(status: 400, body: Array("no".utf8), errorID: "abc", projectID: "12")
        let attempt = try world.attempt(
            .answered(response), number: 2, milliseconds: 34, originalID: "ffffffffffffffffffffffffffffffff")

        let record = WebhookRequestRecord(attempt)

        #expect(record.date == attempt.date)
        #expect(record.event == "issue.created")
        #expect(record.appID == 3)
        #expect(record.responseCode == 400)
        #expect(record.webhookURL == "https://app.example.com/hook")
        #expect(record.requestHeaders.map(\.name) == attempt.webhook.headers.map(\.name))
        #expect(record.requestHeaders.first?.value == WebhookHeaders.mask)
        #expect(record.requestHeaders.map(\.value).dropFirst() == attempt.webhook.headers.map(\.value).dropFirst())
        #expect(record.responseBody == Array("no".utf8))
        #expect(record.requestBody == attempt.webhook.text)
        #expect(record.organizationID == 5)
        #expect(record.errorID == "abc")
        #expect(record.projectID == .text("12"))
        #expect(record.requestID == FlowWorld.requestID)
        #expect(record.attempt == 2)
        #expect(record.durationMilliseconds == 34)
        #expect(record.reason == nil)
        #expect(record.originalID == "ffffffffffffffffffffffffffffffff")
    }

    @Test(arguments: SendFailure.allCases)
    func everyFailureWithoutAnAnswerIsARowWithCode0AndItsReason(failure: SendFailure) throws {
        let record = WebhookRequestRecord(try FlowWorld().attempt(.failed(failure, detail: "in words")))

        #expect(record.responseCode == 0)
        #expect(record.isError)
        #expect(record.reason == failure.rawValue)
        #expect(record.responseBody == nil)
        #expect(record.requestBody == nil)
        #expect(record.requestHeaders.map(\.name).contains("Sentry-Hook-Signature"))
        #expect(record.durationMilliseconds == 12)
    }

    @Test(arguments: SentryApp.Status.allCases)
    func anInternalAppsRowNamesNoOrganization(status: SentryApp.Status) throws {
        let record = WebhookRequestRecord(try FlowWorld(status: status).answered(200))

        #expect(record.organizationID == (status == .internal ? nil : 5))
    }

    @Test(arguments: [("e", nil), (nil, "1"), (nil, nil)] as [(String?, String?)])
    func errorAndProjectAreThereOnlyTogether(error: String?, project: String?) throws {
        let response = ReceivedResponse(status: 200, errorID: error, projectID: project)

        let record = WebhookRequestRecord(try FlowWorld().attempt(.answered(response)))

        #expect(record.errorID == nil)
        #expect(record.projectID == nil)
    }

    @Test func aSuccessKeepsNoBodiesA600Does() throws {
        let fine = WebhookRequestRecord(try FlowWorld().answered(399))
        let odd = WebhookRequestRecord(try FlowWorld().answered(600))

        #expect(fine.requestBody == nil)
        #expect(fine.responseBody == nil)
        #expect(odd.requestBody != nil)
        #expect(odd.responseBody == [])
    }

    @Test func storedAndReadAgainTheRowHasTheFieldsOfTheOriginalInItsOrderAndOursBehind() throws {
        let server = try RedisServer()
        let response = ReceivedResponse(status: 400, body: Array("Bad Request".utf8), errorID: "abc", projectID: "1")
        let world = FlowWorld()
        let attempt = try world.attempt(.answered(response))

        let buffer = WebhookRequestBuffer(
            connection: RedisConnection(endpoint: try RedisEndpoint(parsing: server.url)))
        _ = try buffer.record(WebhookRequestRecord(attempt))
        let stored = try server.command("LINDEX", "sentry-app-webhook-request:{3}:issue.created", "0")

        let prefix =
            #"{"date":"2023-11-14 22:13:20+00:00","response_code":400,"#
            + #""webhook_url":"https://app.example.com/hook","#
            + #""request_headers":{"Content-Type":"application/json","#
            + #""Request-ID":"0123456789abcdef0123456789abcdef","Sentry-Hook-Resource":"issue","#
        let suffix =
            #""organization_id":5,"error_id":"abc","project_id":"1","#
            + #""request_id":"0123456789abcdef0123456789abcdef","attempt":1,"duration_ms":12}"#
        #expect(stored.contains(prefix))
        #expect(stored.hasSuffix(suffix + "\r\n"))
        #expect(stored.contains(#""response_body":"Bad Request","request_body":"\"{\\\"action\\\":\\\"created\\\","#))
    }
}

/// Tags of the metrics.
@Suite
struct AttemptMetricTests {
    @Test func theStatusIsTheAnswersCodeOrTheNameOfTheFailure() throws {
        #expect(try FlowWorld().answered(503).metricStatus == "503")
        #expect(try FlowWorld().attempt(.failed(.blockedAddress, detail: "")).metricStatus == "blocked-address")
    }

    @Test func onlyAppsThatAreKnownInPublicAreNamed() throws {
        let names = try SentryApp.Status.allCases.map { try FlowWorld(status: $0).answered(200).metricIntegration }

        #expect(names == ["unpublished", "tracker", "internal", "tracker", "tracker"])
    }
}
