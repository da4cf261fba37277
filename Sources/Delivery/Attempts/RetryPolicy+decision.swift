package import Model
import Queue
package import WebhookRules

extension RetryPolicy {
    /// What follows from an attempt.
    ///
    /// - Parameter randomFraction: 0 to 1, for the jitter; evaluated only where there is one.
    package func decision(
        for attempt: FinishedAttempt, randomFraction: @autoclosure () -> Double
    ) -> RetryDecision {
        switch verdict(attempt) {
        case .final: return .finish
        case .hopeless:
            guard keepsFinalFailures, applies(to: attempt.webhook.app) else { return .finish }
            return .giveUp(reason: "not retried: \(attempt.metricStatus)")
        case .unknown: return .putBack
        case .blocked:
            let wait = max(0, (attempt.blockedUntil ?? attempt.date).microseconds - attempt.date.microseconds)
            return .hold(until: date(after: attempt.date, .microseconds(wait), retryAfter: nil, randomFraction()))
        case .retry(let isOurFault, let retryAfter):
            guard isOurFault || applies(to: attempt.webhook.app) else { return .finish }
            let number = max(attempt.entry.attempt, 1)
            guard number <= delays.count else {
                return .giveUp(reason: "attempt \(number) of \(delays.count + 1) failed: \(attempt.metricStatus)")
            }
            return .retry(at: date(after: attempt.date, delays[number - 1], retryAfter: retryAfter, randomFraction()))
        }
    }

    /// Service Unavailable and Gateway Timeout.
    private static let outages = [503, 504]

    private func applies(to app: SentryApp) -> Bool { apps == .all || app.status == .published }

    private enum Verdict {
        case final
        /// A retry would fail again.
        case hopeless
        /// It may have been sent.
        case unknown
        /// It was not sent, because the app's circuit breaker is open.
        case blocked
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
            case .cancelled, .leaseLost: .unknown
            case .breakerOpen: .blocked
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader: .hopeless
            }
        case .response(let response):
            verdict(response, retryAfter: response.retryAfter.flatMap { RetryAfter.seconds($0, now: attempt.date) })
        }
    }

    private func verdict(_ response: ReceivedResponse, retryAfter: Int64?) -> Verdict {
        let isServerError = response.status >= 500
        let isRetried =
            switch responses {
            case .serverErrors: isServerError || (response.status == 429 && retryAfter != nil)
            case .serverErrorsButOutages:
                (isServerError && !Self.outages.contains(response.status))
                    || (response.status == 429 && retryAfter != nil)
            case .failures: !response.isSuccess && response.status != 410
            }
        return isRetried ? .retry(isOurFault: false, retryAfter: retryAfter) : .final
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
    /// The app's circuit breaker is open: the same attempt again at this time.
    case hold(until: Timestamp)
    /// All attempts have failed: it becomes a dead letter.
    case giveUp(reason: String)

    /// Whether no attempt follows.
    package var isLast: Bool {
        switch self {
        case .finish, .giveUp: true
        case .retry, .putBack, .hold: false
        }
    }
}

extension Duration {
    /// At most ten years, so that no sum of dates overflows.
    fileprivate var limitedMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 315_360_000) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
