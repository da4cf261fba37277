package import Buffer
package import Model
package import Queue
package import WebhookRules

/// One attempt to deliver one event, and its result: what the log row, the metrics, the failure counts and the retry
/// are derived from.
package struct FinishedAttempt: Sendable {
    /// The queue's entry; `id` is the `Request-ID`, `attempt` the number of this attempt.
    package var entry: QueueEntry
    package var webhook: PlannedWebhook
    package var result: SendResult
    /// When the attempt ended: the date of its log row.
    package var date: Timestamp
    /// Until when the app's circuit breaker is open; nil unless that is why nothing was sent.
    package var blockedUntil: Timestamp?

    package init(entry: QueueEntry, webhook: PlannedWebhook, result: SendResult, date: Timestamp) {
        self.entry = entry
        self.webhook = webhook
        self.result = result
        self.date = date
    }

    /// An attempt that was not made, because the app's circuit breaker is open.
    init(blocked entry: QueueEntry, webhook: PlannedWebhook, date: Timestamp, until end: Timestamp) {
        let detail = "the circuit breaker is open until \(end.iso8601Description)"
        self.init(
            entry: entry, webhook: webhook,
            result: SendResult(outcome: .failed(.breakerOpen, detail: detail), durationMilliseconds: 0), date: date)
        blockedUntil = end
    }

    /// The code of the log row: the response's. Without a response 0, from 26.9 on only for a timeout (docs/protocol.md
    /// 1.4), and where nothing was sent because of earlier timeouts.
    package var responseCode: Int {
        if let status = result.status { return status }
        let isTimeout =
            result.failure == .timeout || result.failure == .breakerOpen
            || !webhook.rules.includes(.connectionErrorCode)
        return isTimeout ? WebhookRequestRecord.timeoutCode : WebhookRequestRecord.connectionErrorCode
    }

    /// What the row says about the duration, in milliseconds: that of the attempt. From 26.9 on as in the original, the
    /// time to the response's headers; nil where the connection failed.
    package var loggedDuration: Int? {
        guard webhook.rules.includes(.requestFields) else { return result.durationMilliseconds }
        switch result.outcome {
        case .response: return result.timings.firstByte.map { Int($0 / 1000) } ?? result.durationMilliseconds
        case .failed(.timeout, _): return result.durationMilliseconds
        case .failed: return nil
        }
    }

    /// Whether the app did not acknowledge the webhook: any outcome but a 2xx response, under every policy.
    package var hasFailed: Bool {
        switch result.outcome {
        case .response(let response): !response.isSuccess
        case .failed: true
        }
    }

    /// The `reason` of the log row: the name of the failure, or that it is a redirect.
    package var reason: String? {
        switch result.outcome {
        case .failed(let failure, _): failure.rawValue
        case .response(let response): response.isRedirect ? WebhookRequestRecord.redirectReason : nil
        }
    }

    /// What is known of a failure beyond `reason`, where that is for the app's owners.
    package var reasonDetail: String? {
        guard case .failed(let failure, let detail) = result.outcome, failure.isOfReceiver else { return nil }
        return detail
    }

    /// The tag `status` of `integration-platform.http_response`: the response's code, or the name of the failure
    /// (docs/protocol.md 7.4).
    package var metricStatus: String {
        switch result.outcome {
        case .response(let response): String(response.status)
        case .failed(let failure, _): failure.rawValue
        }
    }

    /// The tag `integration`: which app, as far as it is public (docs/protocol.md 7.4).
    package var metricIntegration: String {
        switch webhook.app.status {
        case .internal: "internal"
        case .unpublished: "unpublished"
        case .published, .publishRequestInProgress, .deletionInProgress: webhook.app.slug
        }
    }
}

extension WebhookRequestRecord {
    /// The log row of an attempt. Every attempt has one, also one that sent nothing (docs/protocol.md 1.4 to 1.6,
    /// docs/compatibility.md D6).
    ///
    /// - Parameter errorList: which attempts are stored in the list of errors, too.
    package init(_ attempt: FinishedAttempt, errorList: DeliveryPolicy.ErrorList = .original) {
        let webhook = attempt.webhook
        let code = attempt.responseCode
        self.init(
            date: attempt.date, event: webhook.event, appID: webhook.app.id, responseCode: code,
            webhookURL: webhook.url, requestHeaders: webhook.loggedHeaders,
            organizationID: webhook.app.status == .internal ? nil : webhook.installation?.organizationID,
            requestID: attempt.entry.id, attempt: attempt.entry.attempt,
            durationMilliseconds: attempt.loggedDuration, originalID: webhook.originalID)
        rules = webhook.rules
        idempotencyKey = webhook.idempotencyKey
        subject = webhook.subject
        relay = webhook.relay.map { Relay(target: $0.target, requestID: $0.requestID) }
        switch errorList {
        case .original: break
        case .failures: isFailure = attempt.hasFailed
        }
        reason = attempt.reason
        reasonDetail = attempt.reasonDetail
        guard case .response(let response) = attempt.result.outcome else { return }
        // Successes are stored without bodies.
        if code >= 400 {
            responseBody = response.body
            requestBody = String(decoding: webhook.body, as: UTF8.self)
        }
        if let errorID = response.errorID, let projectID = response.projectID {
            self.errorID = errorID
            self.projectID = .text(projectID)
        }
    }
}
