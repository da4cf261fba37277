package import Model
import WebhookRules

extension FinishedAttempt {
    /// The tag `status` of `integration-platform.http_response`: the answer's code, or the name of the failure
    /// (contract 7.4).
    package var metricStatus: String {
        switch result.outcome {
        case .answered(let response): String(response.status)
        case .failed(let failure, _): failure.rawValue
        }
    }

    /// The tag `integration`.
    package var metricIntegration: String { webhook.app.metricIntegration }
}

extension SentryApp {
    /// The tag `integration`: which app, as far as it is publicly known (contract 7.4).
    package var metricIntegration: String {
        switch status {
        case .internal: "internal"
        case .unpublished: "unpublished"
        case .published, .publishRequestInProgress, .deletionInProgress: slug
        }
    }
}
