import Buffer
import Model
import Queue
import WebhookRules

/// Deliveries that have ended and are recorded and settled together: what is to be written of each. Pure.
struct RecordingBatch {
    struct Item {
        let ticket: Int
        let delivery: QueueDelivery
        let end: Completion.End
    }

    let items: [Item]
    /// Those of them that are attempts, in their order.
    let attempts: [FinishedAttempt]
    /// What becomes of each attempt.
    private(set) var decisions: [RetryDecision] = []

    init(_ items: [Item]) {
        self.items = items
        attempts = items.compactMap { item in
            guard case .attempted(let webhook, let result, let date) = item.end, RecordingBatch.isAttempt(result) else {
                return nil
            }
            return FinishedAttempt(entry: item.delivery.entry, webhook: webhook, result: result, date: date)
        }
    }

    /// Whether anything was tried: what the sender gave back before its turn, or before it had a connection, was not.
    private static func isAttempt(_ result: SendResult) -> Bool {
        result.failure != .cancelled || result.address != nil
    }

    /// What is to become of each item, in the order of `items`.
    mutating func settle(_ policy: RetryPolicy, now: Timestamp, random: () -> Double) -> [Settlement] {
        decisions = attempts.map { policy.decision(for: $0, randomFraction: random()) }
        var next = decisions[...]
        return items.map { item in
            let delivery = item.delivery
            switch item.end {
            case .dropped: return .acknowledge(delivery)
            case .refused(let reason): return .bury(delivery, reason: reason, at: now)
            case .putBack(let date): return .retry(delivery, at: date, attempt: delivery.entry.attempt)
            case .attempted(_, let result, _):
                let decision = RecordingBatch.isAttempt(result) ? next.popFirst() ?? .putBack : .putBack
                return settlement(decision, delivery, now)
            }
        }
    }

    private func settlement(_ decision: RetryDecision, _ delivery: QueueDelivery, _ now: Timestamp) -> Settlement {
        switch decision {
        case .finish: .acknowledge(delivery)
        case .retry(let date): .retry(delivery, at: date, attempt: delivery.entry.attempt + 1)
        case .putBack: .retry(delivery, at: now, attempt: delivery.entry.attempt)
        case .giveUp(let reason): .bury(delivery, reason: reason, at: now)
        }
    }

    /// The attempts as the archive takes them. A payload is kept at the first attempt.
    var archiveEntries: [ArchiveEntry] {
        attempts.map { attempt in
            ArchiveEntry(
                event: ArchivedEvent(
                    id: attempt.entry.id, appID: attempt.webhook.app.id, event: attempt.webhook.event,
                    enqueuedAt: attempt.entry.enqueuedAt, payload: attempt.entry.payload),
                isError: attempt.responseCode == 0 || attempt.responseCode >= 400,
                isNew: attempt.entry.attempt <= 1)
        }
    }
}
