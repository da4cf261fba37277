import Logging
import Model
import Queue
import System

/// Makes one attempt to send one mail, and decides the settlement of its entry.
struct MailHandler {
    let settings: MailWorkerSettings
    let mails: AutoDisableMails
    let client: SMTPClient
    let from: MailAddress
    let log: Logger
    let clock: WallClock
    let random: @Sendable () -> Double

    /// The result of an attempt.
    struct Verdict {
        var settlement: Settlement
        /// Set when the server accepts no mail at all; nil when its reply was about this mail, or it was not contacted.
        var serverError: MailError?
        var isServerContacted = false
    }

    func attempt(_ delivery: QueueDelivery) -> Verdict {
        if let problem = delivery.problem { return deadLetter(delivery, problem) }
        if delivery.deliveryCount > settings.maximumDeliveryCount {
            return deadLetter(
                delivery, "delivered to workers \(delivery.deliveryCount - 1) times without being settled")
        }
        guard let mail = QueuedMail(bytes: delivery.entry.payload) else {
            return deadLetter(delivery, "the entry is not a valid mail")
        }
        do {
            let recipient = try MailAddress(mail.recipient, name: mail.recipientName)
            let message = mails.message(
                mail.notice, from: from, to: recipient, date: delivery.entry.enqueuedAt, id: mail.messageID)
            try client.send(message)
        } catch {
            return failed(delivery, error)
        }
        log.info("a mail was sent", metadata: metadata(of: delivery))
        return Verdict(settlement: .acknowledge(delivery), isServerContacted: true)
    }

    private func failed(_ delivery: QueueDelivery, _ error: MailError) -> Verdict {
        if error.isPermanent { return deadLetter(delivery, error.description, isServerContacted: true) }
        let serverError = error.isServerFailure ? error : nil
        let attempt = delivery.entry.attempt
        guard attempt >= 1, attempt <= settings.retryDelays.count else {
            var verdict = deadLetter(delivery, "failed after \(attempt) attempts: \(error)", isServerContacted: true)
            verdict.serverError = serverError
            return verdict
        }
        let due = self.due(after: settings.retryDelays[attempt - 1])
        // The loop logs an outage of the server once.
        log.log(
            level: serverError == nil ? .warning : .debug, "a mail was refused; it will be retried",
            metadata: metadata(of: delivery).merging(["error": "\(error)", "due": "\(due.seconds)"]) { $1 })
        return Verdict(
            settlement: .retry(delivery, at: due, attempt: attempt + 1), serverError: serverError,
            isServerContacted: true)
    }

    private func due(after delay: Duration) -> Timestamp {
        let microseconds = Int64(delay.milliseconds) * 1000
        let jitter = Double(microseconds) * Double(settings.jitterPercent) / 100 * min(1, max(0, random()))
        return Timestamp(microseconds: clock.now().microseconds + microseconds + Int64(jitter))
    }

    private func deadLetter(_ delivery: QueueDelivery, _ reason: String, isServerContacted: Bool = false) -> Verdict {
        log.error(
            "a mail became a dead letter", metadata: metadata(of: delivery).merging(["reason": "\(reason)"]) { $1 })
        return Verdict(
            settlement: .deadLetter(delivery, reason: reason, at: clock.now()), isServerContacted: isServerContacted)
    }

    /// Without the recipient, which is personal data.
    private func metadata(of delivery: QueueDelivery) -> Logger.Metadata {
        [
            "id": "\(delivery.entry.id)", "event": "\(delivery.entry.event.rawValue)",
            "app_id": "\(delivery.entry.appID)", "attempt": "\(delivery.entry.attempt)",
        ]
    }
}
