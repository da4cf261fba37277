import Buffer
import Model
package import Queue
import WebhookRules

extension FinishedAttempt {
    /// What the attempt counts for (contract 7.6); nil for nothing.
    ///
    /// An app is not charged with what it had no part in (a proxy that is down), nor with what may pass: redirects, 429
    /// and 5xx count for nothing, as in the original.
    package var healthOutcome: FailureKind? {
        switch result.outcome {
        case .answered(let response):
            switch response.status {
            case ..<300: .success
            case 400..<500 where response.status != 429: .error
            default: nil
            }
        case .failed(let failure, _):
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol: .timeout
            case .blockedAddress, .invalidURL: .error
            case .bodyTooLarge, .invalidHeader, .proxy, .cancelled, .internal: nil
            }
        }
    }

    /// Whether the receiver asks for no more webhooks (410 Gone).
    package var isGone: Bool { result.status == 410 }

    /// Whose health the attempt is about.
    var integration: FailureCountKey {
        FailureCountKey(appID: webhook.app.id, organizationID: webhook.installation.organizationID)
    }
}
