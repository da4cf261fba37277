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
        var fixture = WebhookFixture()
        fixture.app.customHeaders = [.init(name: "Authorization", value: Secret("Bearer hidden"))]
        let response = ReceivedResponse(status: 400, body: Array("no".utf8), errorID: "abc", projectID: "12")
        let attempt = try fixture.attempt(
            .response(response), number: 2, milliseconds: 34, originalID: "ffffffffffffffffffffffffffffffff")

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
        #expect(record.requestID == WebhookFixture.requestID)
        #expect(record.attempt == 2)
        #expect(record.durationMilliseconds == 34)
        #expect(record.reason == nil)
        #expect(record.originalID == "ffffffffffffffffffffffffffffffff")
    }

    @Test(arguments: SendFailure.allCases)
    func everyFailureWithoutAResponseIsARowWithCode0AndItsReason(failure: SendFailure) throws {
        let record = WebhookRequestRecord(try WebhookFixture().attempt(.failed(failure, detail: "in words")))

        #expect(record.responseCode == 0)
        // Of these it is not known, or nothing was sent.
        #expect(record.isError == ![.leaseLost, .breakerOpen].contains(failure))
        #expect(record.reason == failure.rawValue)
        // The others are about the operator's network, proxy or machine.
        #expect((record.reasonDetail != nil) == [.connection, .tls, .protocol].contains(failure))
        #expect(record.responseBody == nil)
        #expect(record.requestBody == nil)
        #expect(record.requestHeaders.map(\.name).contains("Sentry-Hook-Signature"))
        #expect(record.durationMilliseconds == 12)
    }

    @Test(arguments: SentryApp.Status.allCases)
    func anInternalAppsRowNamesNoOrganization(status: SentryApp.Status) throws {
        let record = WebhookRequestRecord(try WebhookFixture(status: status).responded(200))

        #expect(record.organizationID == (status == .internal ? nil : 5))
    }

    @Test(arguments: [("e", nil), (nil, "1"), (nil, nil)] as [(String?, String?)])
    func errorAndProjectAreThereOnlyTogether(error: String?, project: String?) throws {
        let response = ReceivedResponse(status: 200, errorID: error, projectID: project)

        let record = WebhookRequestRecord(try WebhookFixture().attempt(.response(response)))

        #expect(record.errorID == nil)
        #expect(record.projectID == nil)
    }

    @Test func aSuccessKeepsNoBodiesA600Does() throws {
        let fine = WebhookRequestRecord(try WebhookFixture().responded(399))
        let odd = WebhookRequestRecord(try WebhookFixture().responded(600))

        #expect(fine.requestBody == nil)
        #expect(fine.responseBody == nil)
        #expect(odd.requestBody != nil)
        #expect(odd.responseBody == [])
    }

    @Test func storedAndReadAgainTheRowHasTheFieldsOfTheOriginalInItsOrderAndOursBehind() throws {
        let server = try RedisServer()
        let response = ReceivedResponse(status: 400, body: Array("Bad Request".utf8), errorID: "abc", projectID: "1")
        let fixture = WebhookFixture()
        let attempt = try fixture.attempt(.response(response))

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
    @Test func theStatusIsTheResponsesCodeOrTheNameOfTheFailure() throws {
        #expect(try WebhookFixture().responded(503).metricStatus == "503")
        #expect(try WebhookFixture().attempt(.failed(.blockedAddress, detail: "")).metricStatus == "blocked-address")
    }

    @Test func onlyAppsThatAreKnownInPublicAreNamed() throws {
        let names = try SentryApp.Status.allCases.map {
            try WebhookFixture(status: $0).responded(200).metricIntegration
        }

        #expect(names == ["unpublished", "tracker", "internal", "tracker", "tracker"])
    }
}

/// From an event to a real receiver and into the log row.
@Suite
struct WebhookArrivalTests {
    private func deliver(_ fixture: WebhookFixture, to url: String) throws -> FinishedAttempt {
        var fixture = fixture
        fixture.app.webhookURL = url
        let event = try fixture.event(data: #"{"issue": {"title": "café 😀"}}"#)
        let webhook = try fixture.webhook(event)
        let result = try SenderFixture().send(
            webhook.url, headers: webhook.headers, body: webhook.text, app: webhook.app.id, timeout: .seconds(20))
        return FinishedAttempt(entry: fixture.entry(event), webhook: webhook, result: result, date: WebhookFixture.now)
    }

    @Test func whatIsPlannedIsWhatArrivesAndWhatIsLoggedButForTheOwnersValues() throws {
        let receiver = try WebhookReceiver()
        var fixture = WebhookFixture()
        fixture.app.customHeaders = [
            .init(name: "Authorization", value: Secret("Bearer hidden")),
            .init(name: "X-City", value: Secret("Zürich")),
            .init(name: "X-Smuggled", value: Secret("1\r\nSentry-Hook-Signature: 00")),
            .init(name: "sentry-hook-signature", value: Secret("00")),
        ]

        let attempt = try deliver(fixture, to: receiver.url("/hook"))

        let received = try #require(receiver.received.first)
        let own = received.headers.dropFirst(3).dropLast()
        #expect(received.body == attempt.webhook.body)
        #expect(own.map(\.name) == attempt.webhook.headers.map(\.name))
        #expect(own.map(\.value) == attempt.webhook.headers.map(\.value))
        #expect(received.headers.count { $0.name.lowercased() == "sentry-hook-signature" } == 1)
        #expect(
            received.header("Sentry-Hook-Signature")
                == WebhookSignature.hexadecimal(of: received.body, secret: fixture.app.clientSecret))
        let logged = WebhookRequestRecord(attempt).requestHeaders
        #expect(logged.map(\.name) == own.map(\.name))
        #expect(logged.map(\.value).dropFirst(2) == own.map(\.value).dropFirst(2))
        #expect(logged.prefix(2).map(\.value) == [WebhookHeaders.mask, WebhookHeaders.mask])
    }

    @Test func aReceiversErrorIdsAndItsWishForAPauseAreFollowed() throws {
        let receiver = try WebhookReceiver()
        let policy = RetryPolicy()

        let failed = WebhookRequestRecord(try deliver(WebhookFixture(), to: receiver.url("/error-ids")))
        let limited = try deliver(WebhookFixture(), to: receiver.url("/retry-after/1200"))
        let gone = try deliver(WebhookFixture(), to: receiver.url("/status/410"))

        #expect(failed.errorID == String(repeating: "e", count: 32))
        #expect(failed.projectID == .text("7"))
        #expect(
            policy.decision(for: limited, randomFraction: 0) == .retry(at: WebhookFixture.now.adding(seconds: 1200)))
        #expect(policy.decision(for: gone, randomFraction: 0) == .finish)
    }

    @Test func anAttemptThatNeverLeftTheMachineHasItsRowToo() throws {
        let attempt = try deliver(WebhookFixture(), to: "http://169.254.169.254/")

        let record = WebhookRequestRecord(attempt)

        #expect(record.responseCode == 0)
        #expect(record.reason == "blocked-address")
        #expect(RetryPolicy().decision(for: attempt, randomFraction: 0) == .finish)
    }
}
