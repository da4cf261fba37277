import Buffer
import Logging
import Model
import Queue
import WebhookRules

/// What the log and the metrics are told of deliveries that have ended.
struct DeliveryReport {
    let metrics: any DeliveryMetrics
    let log: Logger

    func tell(_ batch: RecordingBatch) {
        for (attempt, decision) in zip(batch.attempts, batch.decisions) { tell(attempt, decision) }
        for item in batch.items {
            let entry = item.delivery.entry
            switch item.end {
            case .dropped(let event):
                if entry.attempt <= 1 { metrics.countProcessed(event: entry.event) }
                DeliveryLogLine.dropped(event, entry).write(to: log)
            case .refused(let reason):
                metrics.countDeadLetter()
                DeliveryLogLine.refused(reason: reason, entry).write(to: log)
            case .attempted, .putBack: break
            }
        }
    }

    private func tell(_ attempt: FinishedAttempt, _ decision: RetryDecision) {
        metrics.countResponse(
            status: attempt.metricStatus, integration: attempt.metricIntegration, event: attempt.webhook.event)
        metrics.recordDuration(milliseconds: attempt.result.durationMilliseconds)
        if attempt.entry.attempt <= 1, decision != .putBack {
            metrics.countProcessed(event: attempt.webhook.event)
            let delay = attempt.date.microseconds - attempt.entry.enqueuedAt.microseconds
            metrics.recordDelay(milliseconds: Int(max(0, delay) / 1000))
        }
        switch decision {
        case .finish, .putBack: break
        case .retry: metrics.countRetry()
        case .giveUp: metrics.countDeadLetter()
        }
        DeliveryLogLine.finished(attempt, decision).write(to: log)
    }

    /// The entry is another worker's by now, which delivers it again.
    func tellLeaseLost(_ settlement: Settlement) {
        log.warning(
            "delivery was taken over by another worker",
            metadata: ["request_id": "\(settlement.delivery.entry.id)"])
    }

    func tellUnknownEvent(_ record: WebhookRequestRecord) {
        log.warning("event cannot be stored", metadata: ["event": "\(record.event.rawValue)"])
    }

    func tellUnwritable(_ record: WebhookRequestRecord, _ message: String) {
        log.error(
            "attempt cannot be recorded",
            metadata: [
                "request_id": "\(record.requestID ?? "")", "event": "\(record.event.rawValue)",
                "error": "\(message)",
            ])
    }
}
