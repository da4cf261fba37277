import Buffer
import Delivery
import Logging
import Model
import Queue
import TestSupport
import Testing
import WebhookRules

/// Log lines of deliveries.
@Suite
struct DeliveryLogLineTests {
    private let entry = QueueEntry(
        id: WebhookFixture.requestID, appID: 3, event: "issue.created", enqueuedAt: WebhookFixture.now, payload: [])

    private func finished(
        _ outcome: SendResult.Outcome, _ decision: RetryDecision = .finish
    ) throws -> DeliveryLogLine {
        .finished(try WebhookFixture().attempt(outcome, number: 2), decision)
    }

    @Test(arguments: [SendFailure.timeout, .connection, .dns, .tls])
    func attemptsWithoutAResponseHaveTheOriginalsMessageLevelAndKeys(failure: SendFailure) throws {
        let line = try finished(
            .failed(failure, detail: "in words"), .retry(at: WebhookFixture.now.adding(seconds: 300)))

        #expect(line.message == "send_and_save_webhook_request.timeout")
        #expect(line.level == .info)
        #expect(
            line.metadata == [
                "error_type": "\(failure.rawValue)", "organization_id": "5", "integration_slug": "tracker",
                "event": "issue.created", "installation_id": "7", "request_id": "\(WebhookFixture.requestID)",
                "attempt": "2", "duration_ms": "12", "detail": "in words", "retry_at": "2023-11-14T22:18:20Z",
            ])
    }

    @Test func otherFailuresAreNotCalledATimeOut() throws {
        let line = try finished(.failed(.blockedAddress, detail: ""))

        #expect(line.message == "send_and_save_webhook_request.failed")
        #expect(line.metadata["error_type"] == "blocked-address")
    }

    @Test(
        arguments: [
            (200, .finish, .debug), (302, .finish, .info), (404, .finish, .info),
            (503, .retry(at: WebhookFixture.now), .info), (503, .giveUp(reason: "x"), .warning),
        ] as [(Int, RetryDecision, Logger.Level)])
    func successesAreDebugOtherResponsesInfoAndDeadLettersWarning(
        status: Int, decision: RetryDecision, level: Logger.Level
    ) throws {
        let line = try finished(.response(ReceivedResponse(status: status)), decision)

        #expect(line.level == level)
        #expect(line.message == "send_and_save_webhook_request.answered")
        #expect(line.metadata["status"] == "\(status)")
    }

    @Test func eventsThatAreDroppedHaveTheOriginalsLinesWhereItHasAny() {
        let lines = DropReason.allCases.map { reason in
            DeliveryLogLine.dropped(
                DroppedEvent(reason: reason, installationUUID: "u", installationID: 7, appSlug: "tracker"), entry)
        }

        #expect(
            lines.map(\.message) == [
                "send_process_resource_change_webhook.missing_installation",
                "send_process_resource_change_webhook.missing_app", "send_process_resource_change_webhook.disabled",
                "send_webhooks.missing_servicehook", "send_webhooks.not_subscribed",
                "send_webhooks.project_not_listed", "send_webhooks.missing_webhook_url",
                "send_webhooks.missing_secret",
            ])
        #expect(lines.map(\.level) == [.info, .info, .debug, .info, .debug, .debug, .info, .info])
        #expect(
            lines[3].metadata == [
                "installation_id": "7", "installation_uuid": "u", "event": "issue.created",
                "integration_slug": "tracker", "reason": "missing-service-hook",
                "request_id": "\(WebhookFixture.requestID)", "attempt": "1",
            ])
    }

    @Test func aRefusedEntryIsAWarningWithItsReason() {
        let line = DeliveryLogLine.refused(reason: "the entry's payload is not a valid event", entry)

        #expect(line.level == .warning)
        #expect(line.message == "send_process_resource_change_webhook.refused")
        #expect(line.metadata["reason"] == "the entry's payload is not a valid event")
    }

    @Test func noLineHoldsASecretAHeadersValueOrTheURL() throws {
        var fixture = WebhookFixture()
        fixture.app.webhookURL = "https://user:password@app.example.com/hook?key=hidden"
        fixture.app.customHeaders = [.init(name: "Authorization", value: Secret("Bearer hidden"))]

        let line = DeliveryLogLine.finished(try fixture.responded(500), .giveUp(reason: "x"))

        let text = "\(line.message) \(line.metadata)"
        for secret in ["password", "hidden", "app.example.com", fixture.app.clientSecret.exposed] {
            #expect(!text.contains(secret))
        }
    }
}
