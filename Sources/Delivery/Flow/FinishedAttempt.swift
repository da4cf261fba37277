import Buffer
package import Model
package import Queue
package import WebhookRules

/// One attempt to deliver one event, from whose end everything else follows: the log row, the counts, the retry.
package struct FinishedAttempt: Sendable {
    /// The queue's entry; `id` is the `Request-ID`, `attempt` the number of this attempt.
    package var entry: QueueEntry
    package var webhook: PlannedWebhook
    package var result: SendResult
    /// When the attempt ended: the date of its log row.
    package var date: Timestamp

    package init(entry: QueueEntry, webhook: PlannedWebhook, result: SendResult, date: Timestamp) {
        self.entry = entry
        self.webhook = webhook
        self.result = result
        self.date = date
    }

    /// The code of the log row: the answer's, or 0 when there was none.
    package var responseCode: Int {
        if case .answered(let response) = result.outcome { response.status } else { 0 }
    }
}
