package import Buffer
import Model
import Queue
import WebhookRules

extension WebhookRequestRecord {
    /// The log row of an attempt: every attempt has one, also those that never left the machine (contract 1.4 to 1.6;
    /// design, D6 and section 6).
    package init(_ attempt: FinishedAttempt) {
        let webhook = attempt.webhook
        let code = attempt.responseCode
        self.init(
            date: attempt.date, event: webhook.event, appID: webhook.app.id, responseCode: code,
            webhookURL: webhook.url, requestHeaders: webhook.loggedHeaders,
            organizationID: webhook.app.status == .internal ? nil : webhook.installation.organizationID,
            requestID: attempt.entry.id, attempt: attempt.entry.attempt,
            durationMilliseconds: attempt.result.durationMilliseconds, originalID: webhook.originalID)
        switch attempt.result.outcome {
        case .failed(let failure, _): reason = failure.rawValue
        case .answered(let response):
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
}
