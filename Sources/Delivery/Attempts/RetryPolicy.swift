package import Model
import Queue
import WebhookRules

/// When a failed attempt is repeated (docs/protocol.md 7.5).
package struct RetryPolicy: Hashable, Sendable {
    /// The apps whose failures are retried.
    package enum Apps: String, Sendable, CaseIterable {
        /// As the original: failures of unpublished and internal apps are not retried.
        case published
        case all
    }

    /// Before the second attempt, the third, and so on; after the last one the event becomes a dead letter.
    package var delays: [Duration]
    /// The longest random time that is added to a delay, in percent of it.
    package var jitterPercent: Int
    /// The longest `Retry-After` of a receiver that is followed.
    package var maximumRetryAfter: Duration
    package var apps: Apps

    /// The original's: three more attempts, five minutes apart, for published apps only.
    package init(
        delays: [Duration] = [.seconds(300), .seconds(300), .seconds(300)], jitterPercent: Int = 10,
        maximumRetryAfter: Duration = .seconds(3600), apps: Apps = .published
    ) {
        self.delays = delays
        self.jitterPercent = jitterPercent
        self.maximumRetryAfter = maximumRetryAfter
        self.apps = apps
    }

    /// What follows from an attempt.
    ///
    /// - Parameter randomFraction: 0 to 1, for the jitter; evaluated only where there is one.
    package func decision(
        for attempt: FinishedAttempt, randomFraction: @autoclosure () -> Double
    ) -> RetryDecision {
        switch verdict(attempt) {
        case .final: return .finish
        case .notSent: return .putBack
        case .retry(let isOurFault, let retryAfter):
            guard isOurFault || apps == .all || attempt.webhook.app.status == .published else { return .finish }
            let number = max(attempt.entry.attempt, 1)
            guard number <= delays.count else {
                return .giveUp(reason: "attempt \(number) of \(delays.count + 1) failed: \(attempt.metricStatus)")
            }
            return .retry(at: date(after: attempt.date, delays[number - 1], retryAfter: retryAfter, randomFraction()))
        }
    }

    private enum Verdict {
        case final
        case notSent
        /// - Parameters:
        ///   - isOurFault: not the app's fault, so that every app gets another attempt.
        ///   - retryAfter: the delay that the receiver asked for, in seconds.
        case retry(isOurFault: Bool, retryAfter: Int64?)
    }

    private func verdict(_ attempt: FinishedAttempt) -> Verdict {
        switch attempt.result.outcome {
        case .failed(let failure, _):
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol: .retry(isOurFault: false, retryAfter: nil)
            case .proxy, .internal: .retry(isOurFault: true, retryAfter: nil)
            case .cancelled: .notSent
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader: .final
            }
        case .response(let response):
            verdict(response, retryAfter: response.retryAfter.flatMap { RetryAfter.seconds($0, now: attempt.date) })
        }
    }

    /// No 4xx is retried, 410 included, except a 429 with a valid `Retry-After`.
    private func verdict(_ response: ReceivedResponse, retryAfter: Int64?) -> Verdict {
        switch response.status {
        case 500...: .retry(isOurFault: false, retryAfter: retryAfter)
        case 429 where retryAfter != nil: .retry(isOurFault: false, retryAfter: retryAfter)
        default: .final
        }
    }

    /// After the delay of the table, or after the `Retry-After` if that is longer and within the maximum; plus jitter,
    /// so that receivers that named the same time do not get all events at once.
    private func date(
        after date: Timestamp, _ delay: Duration, retryAfter: Int64?, _ randomFraction: Double
    ) -> Timestamp {
        let wanted = retryAfter.map { min(.seconds($0), maximumRetryAfter) } ?? .zero
        let microseconds = max(delay, wanted, .zero).limitedMicroseconds
        let fraction = min(max(randomFraction.isNaN ? 0 : randomFraction, 0), 1)
        let jitter = Int64(Double(microseconds) * Double(min(max(jitterPercent, 0), 100)) / 100 * fraction)
        return Timestamp(microseconds: date.microseconds + microseconds + jitter)
    }
}

/// What becomes of an event after an attempt.
package enum RetryDecision: Hashable, Sendable {
    /// It is delivered, or failed and is not retried.
    case finish
    /// The next attempt is made at this time.
    case retry(at: Timestamp)
    /// The sender was stopped before the attempt ended: the same attempt again, at once.
    case putBack
    /// All attempts have failed: it becomes a dead letter.
    case giveUp(reason: String)
}

extension Duration {
    /// At most ten years, so that no sum of dates overflows.
    fileprivate var limitedMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 315_360_000) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
