import Buffer
import Logging
import Model
import Queue
import System

/// Makes one attempt at one mail, and says what is to become of its entry.
struct MailHandler {
    let settings: MailWorkerSettings
    let mails: AutoDisableMails
    let client: SMTPClient
    let from: MailAddress
    let log: Logger
    let clock: WallClock
    let random: @Sendable () -> Double

    /// An attempt's end.
    struct Verdict {
        var settlement: Settlement
        /// Set when the server took no mail at all; nil when it spoke about this one, or was not asked.
        var serverError: MailError?
        var isServerAsked = false
    }

    func attempt(_ delivery: QueueDelivery) -> Verdict {
        if delivery.deliveryCount > settings.maximumDeliveryCount {
            return bury(delivery, "handed out \(delivery.deliveryCount - 1) times without an end")
        }
        guard let mail = QueuedMail(bytes: delivery.entry.payload) else {
            return bury(delivery, "the entry is no mail that this program can read")
        }
        do {
            let recipient = try MailAddress(mail.recipient, name: mail.recipientName)
            let message = mails.message(
                mail.notice, from: from, to: recipient, date: delivery.entry.enqueuedAt, id: mail.messageID)
            try client.send(message)
        } catch {
            return failed(delivery, error)
        }
        log.info("a mail was sent", metadata: facts(delivery))
        return Verdict(settlement: .acknowledge(delivery), isServerAsked: true)
    }

    private func failed(_ delivery: QueueDelivery, _ error: MailError) -> Verdict {
        if error.isPermanent { return bury(delivery, error.description, isServerAsked: true) }
        let serverError = error.isTheServers ? error : nil
        let attempt = delivery.entry.attempt
        guard attempt >= 1, attempt <= settings.retryDelays.count else {
            var verdict = bury(delivery, "given up after \(attempt) attempts: \(error)", isServerAsked: true)
            verdict.serverError = serverError
            return verdict
        }
        let due = self.due(after: settings.retryDelays[attempt - 1])
        // The server's own troubles are told of once, by the loop.
        log.log(
            level: serverError == nil ? .warning : .debug, "a mail was not taken; it will be tried again",
            metadata: facts(delivery).merging(["error": "\(error)", "due": "\(due.seconds)"]) { $1 })
        return Verdict(
            settlement: .retry(delivery, at: due, attempt: attempt + 1), serverError: serverError,
            isServerAsked: true)
    }

    private func due(after delay: Duration) -> Timestamp {
        let microseconds = Int64(delay.milliseconds) * 1000
        let jitter = Double(microseconds) * Double(settings.jitterPercent) / 100 * min(1, max(0, random()))
        return Timestamp(microseconds: clock.now().microseconds + microseconds + Int64(jitter))
    }

    private func bury(_ delivery: QueueDelivery, _ reason: String, isServerAsked: Bool = false) -> Verdict {
        log.error("a mail was given up", metadata: facts(delivery).merging(["reason": "\(reason)"]) { $1 })
        return Verdict(settlement: .bury(delivery, reason: reason, at: clock.now()), isServerAsked: isServerAsked)
    }

    /// Not whom it is to: that stands in the queue.
    private func facts(_ delivery: QueueDelivery) -> Logger.Metadata {
        [
            "id": "\(delivery.entry.id)", "event": "\(delivery.entry.event.rawValue)",
            "app_id": "\(delivery.entry.appID)", "attempt": "\(delivery.entry.attempt)",
        ]
    }
}
