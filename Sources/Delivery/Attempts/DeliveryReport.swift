import Buffer
import Logging
import Model
import Queue
import WebhookRules

/// Writes the log lines and metrics of completed deliveries, once it is known whether they were settled.
struct DeliveryReport {
    /// Logged for a delivery whose lease was lost.
    static let lostMessage = "the event is no longer this worker's: another has taken it over, or Redis has lost it"

    let metrics: any DeliveryMetrics
    let log: Logger

    /// Reports one delivery.
    ///
    /// Where the lease was lost, another worker has the entry and delivers it again, or Redis has lost it; where
    /// settling was given up, one takes it over. Then only the attempt itself is counted, which was made and is in the
    /// request log; what becomes of the event is not this worker's to count.
    func report(_ item: RecordingBatch.Item, _ result: SettlementProgress.Result) {
        switch result {
        case .settled:
            reportAttempt(item, decision: item.decision)
            reportSettled(item)
        case .leaseLost:
            reportAttempt(item, decision: nil)
            log.warning(
                "\(Self.lostMessage)", metadata: ["request_id": "\(item.completion.delivery.entry.id)"])
        case .open: reportAttempt(item, decision: nil)
        }
    }

    private func reportSettled(_ item: RecordingBatch.Item) {
        let entry = item.completion.delivery.entry
        switch item.completion.outcome {
        case .attempted:
            if let attempt = item.completion.attempt, let decision = item.decision { count(attempt, decision) }
        case .dropped(let event):
            if entry.attempt <= 1 { metrics.countProcessed(event: entry.event) }
            DeliveryLogLine.dropped(event, entry).write(to: log)
        case .refused(let reason):
            metrics.countDeadLetter()
            DeliveryLogLine.refused(reason: reason, entry).write(to: log)
        case .putBack: break
        }
    }

    private func reportAttempt(_ item: RecordingBatch.Item, decision: RetryDecision?) {
        guard let attempt = item.completion.attempt else { return }
        // The worker that has the entry now counts its own attempt; with an open breaker there was none.
        if attempt.result.failure != .leaseLost, attempt.result.failure != .breakerOpen {
            metrics.countResponse(
                status: attempt.metricStatus, integration: attempt.metricIntegration, event: attempt.webhook.event)
            metrics.recordDuration(milliseconds: attempt.result.durationMilliseconds)
        }
        DeliveryLogLine.finished(attempt, decision).write(to: log)
    }

    private func count(_ attempt: FinishedAttempt, _ decision: RetryDecision) {
        switch decision {
        case .putBack, .hold: return
        case .finish, .giveUp, .retry: break
        }
        if attempt.entry.attempt <= 1 {
            metrics.countProcessed(event: attempt.webhook.event)
            let delay = attempt.date.microseconds - attempt.entry.enqueuedAt.microseconds
            metrics.recordDelay(milliseconds: Int(max(0, delay) / 1000))
        }
        switch decision {
        case .finish, .putBack, .hold: break
        case .retry: metrics.countRetry()
        case .giveUp: metrics.countDeadLetter()
        }
    }

    func reportUnknownEvent(_ record: WebhookRequestRecord) {
        log.warning("event cannot be stored", metadata: ["event": "\(record.event.rawValue)"])
    }

    func reportUnwritable(_ record: WebhookRequestRecord, _ message: String) {
        log.error(
            "attempt cannot be recorded",
            metadata: [
                "request_id": "\(record.requestID ?? "")", "event": "\(record.event.rawValue)",
                "error": "\(message)",
            ])
    }
}
