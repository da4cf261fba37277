package import Logging
import Model
package import Queue
package import WebhookRules

/// The log line of a completed delivery: the original's messages where it has any (docs/protocol.md 7.1, 7.4), always
/// constant, and everything else as metadata under the same keys.
///
/// Successes and unwanted events are `debug`, most others `info`, what needs an operator is `warning`.
package enum DeliveryLogLine: Sendable {
    /// An attempt, and what follows from it; nil when another worker has the entry.
    case finished(FinishedAttempt, RetryDecision?)
    /// An event that is not sent.
    case dropped(DroppedEvent, QueueEntry)
    /// An entry that becomes a dead letter without an attempt.
    case refused(reason: String, QueueEntry)

    /// Writes the line; nothing is computed where its level is disabled.
    package func write(to logger: Logger) {
        logger.log(level: level, message, metadata: metadata)
    }

    package var level: Logger.Level {
        switch self {
        case .finished(_, .giveUp), .refused: .warning
        case .finished(let attempt, _): attempt.hasFailed ? .info : .debug
        case .dropped(let event, _):
            switch event.reason {
            case .missingInstallation, .missingApp, .missingServiceHook, .missingWebhookURL, .missingSecret:
                .info
            case .disabled, .notSubscribed, .projectNotListed: .debug
            }
        }
    }

    package var message: Logger.Message {
        switch self {
        case .finished(let attempt, _):
            switch attempt.result.failure {
            case nil: "send_and_save_webhook_request.answered"
            case .timeout, .connection, .dns, .tls: "send_and_save_webhook_request.timeout"
            default: "send_and_save_webhook_request.failed"
            }
        case .dropped(let event, _): DeliveryLogLine.message(for: event.reason)
        case .refused: "send_process_resource_change_webhook.refused"
        }
    }

    private static func message(for reason: DropReason) -> Logger.Message {
        switch reason {
        case .missingInstallation: "send_process_resource_change_webhook.missing_installation"
        case .missingApp: "send_process_resource_change_webhook.missing_app"
        case .disabled: "send_process_resource_change_webhook.disabled"
        case .missingServiceHook: "send_webhooks.missing_servicehook"
        case .notSubscribed: "send_webhooks.not_subscribed"
        case .projectNotListed: "send_webhooks.project_not_listed"
        case .missingWebhookURL: "send_webhooks.missing_webhook_url"
        case .missingSecret: "send_webhooks.missing_secret"
        }
    }

    /// Never holds a secret, a header's value or the URL, which may contain a password.
    package var metadata: Logger.Metadata {
        switch self {
        case .finished(let attempt, let decision):
            DeliveryLogLine.metadata(attempt).merging(DeliveryLogLine.metadata(decision)) { first, _ in first }
        case .dropped(let event, let entry):
            DeliveryLogLine.metadata(entry).merging(DeliveryLogLine.metadata(event)) { first, _ in first }
        case .refused(let reason, let entry):
            DeliveryLogLine.metadata(entry).merging(["reason": "\(reason)"]) { first, _ in first }
        }
    }

    private static func metadata(_ entry: QueueEntry) -> Logger.Metadata {
        ["request_id": "\(entry.id)", "event": "\(entry.event.rawValue)", "attempt": "\(entry.attempt)"]
    }

    private static func metadata(_ attempt: FinishedAttempt) -> Logger.Metadata {
        var metadata = metadata(attempt.entry)
        metadata["integration_slug"] = "\(attempt.webhook.app.slug)"
        if let installation = attempt.webhook.installation {
            metadata["organization_id"] = "\(installation.organizationID)"
            metadata["installation_id"] = "\(installation.id)"
        }
        if let relay = attempt.webhook.relay { metadata["target"] = "\(relay.target)" }
        metadata["duration_ms"] = "\(attempt.result.durationMilliseconds)"
        switch attempt.result.outcome {
        case .response(let response): metadata["status"] = "\(response.status)"
        case .failed(let failure, let detail):
            metadata["error_type"] = "\(failure.rawValue)"
            metadata["detail"] = "\(detail)"
        }
        return metadata
    }

    private static func metadata(_ decision: RetryDecision?) -> Logger.Metadata {
        switch decision {
        case .finish, nil: [:]
        case .retry(let date): ["retry_at": "\(date.iso8601Description)"]
        case .putBack: ["put_back": "true"]
        case .hold(let date): ["held_until": "\(date.iso8601Description)"]
        case .giveUp(let reason): ["reason": "\(reason)"]
        }
    }

    private static func metadata(_ event: DroppedEvent) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "reason": "\(event.reason.rawValue)", "installation_uuid": "\(event.installationUUID)",
        ]
        if let id = event.installationID { metadata["installation_id"] = "\(id)" }
        if let slug = event.appSlug { metadata["integration_slug"] = "\(slug)" }
        return metadata
    }
}
