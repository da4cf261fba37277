import Model
import Queue
import WebhookRules

/// Completed deliveries that are recorded and settled together, and what is written for each. Pure.
struct RecordingBatch {
    /// A completion and what becomes of it.
    struct Item {
        let completion: Completion
        /// What follows from the attempt; nil without one.
        let decision: RetryDecision?
        let settlement: Settlement
    }

    let completions: [Completion]
    /// The attempts among them, in their order.
    let attempts: [FinishedAttempt]

    init(_ completions: [Completion]) {
        self.completions = completions
        attempts = completions.compactMap(\.attempt)
    }

    /// What becomes of each completion, in their order.
    func items(_ policies: DeliveryPolicies, now: Timestamp, random: () -> Double) -> [Item] {
        completions.map { completion in
            let decision = completion.attempt.map { attempt in
                policies.policy(of: attempt.webhook).retry
                    .decision(for: attempt, randomFraction: random())
            }
            return Item(
                completion: completion, decision: decision, settlement: settlement(of: completion, decision, now))
        }
    }

    private func settlement(of completion: Completion, _ decision: RetryDecision?, _ now: Timestamp) -> Settlement {
        let delivery = completion.delivery
        switch completion.outcome {
        case .dropped(let event): return .drop(delivery, reason: event.reason.rawValue)
        case .refused(let reason): return .deadLetter(delivery, reason: reason, at: now)
        case .putBack(let date): return .retry(delivery, at: date, attempt: delivery.entry.attempt)
        case .attempted:
            switch decision ?? .putBack {
            case .finish: return .acknowledge(delivery)
            case .retry(let date): return .retry(delivery, at: date, attempt: delivery.entry.attempt + 1)
            case .putBack: return .retry(delivery, at: now, attempt: delivery.entry.attempt)
            case .hold(let date): return .retry(delivery, at: date, attempt: delivery.entry.attempt)
            case .giveUp(let reason): return .deadLetter(delivery, reason: reason, at: now)
            }
        }
    }

    /// What the archive is told. A payload is stored with the first attempt; details are kept as the app's policy says.
    ///
    /// A redelivery that is not sent at all counts for its original, too: without an attempt it has no payload there.
    ///
    /// - Parameters:
    ///   - isClosed: no payload and no details are stored, only the outcomes for those that are there.
    ///   - detailsBytes: bytes of a response's body that are kept.
    func archiveEntries(
        _ policies: DeliveryPolicies, isClosed: Bool = false, detailsBytes: Int
    ) -> [ArchiveEntry] {
        completions.compactMap { completion in
            let entry = completion.delivery.entry
            let event = { (appID: Int64, type: EventType) in
                ArchivedEvent(
                    id: entry.id, appID: appID, event: type, enqueuedAt: entry.enqueuedAt, payload: entry.payload)
            }
            switch completion.outcome {
            // The worker that has the entry now stores it.
            case .attempted(let attempt) where attempt.result.failure == .leaseLost: return nil
            // No attempt was made: it is stored with the first one.
            case .attempted(let attempt) where attempt.result.failure == .breakerOpen: return nil
            case .attempted(let attempt):
                let policy = policies.policy(of: attempt.webhook)
                let keepsDetails = !isClosed && (policy.details == .all || attempt.hasFailed)
                return ArchiveEntry(
                    event: event(attempt.webhook.app.id, attempt.webhook.event), isError: attempt.hasFailed,
                    isNew: entry.attempt <= 1 && !isClosed, originalID: attempt.webhook.originalID,
                    isLast: policy.retry.decision(for: attempt, randomFraction: 0).isLast,
                    details: keepsDetails ? AttemptDetails(attempt, bodyLimit: detailsBytes) : nil)
            case .dropped, .refused:
                return entry.originalID.map { originalID in
                    ArchiveEntry(
                        event: event(entry.appID, entry.event), isError: true, isNew: false, originalID: originalID,
                        isLast: true)
                }
            case .putBack: return nil
            }
        }
    }
}
