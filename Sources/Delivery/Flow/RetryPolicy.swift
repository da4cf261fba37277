import Buffer
import Model
import Queue
import WebhookRules

/// When a failed attempt is repeated (contract 7.5).
package struct RetryPolicy: Hashable, Sendable {
    /// Whose failures are retried.
    package enum Apps: String, Sendable, CaseIterable {
        /// As the original: failures of unpublished and internal apps end quietly.
        case published
        case all
    }

    /// Before the second attempt, the third, and so on; when they are used up the event is given up.
    package var delays: [Duration]
    /// Up to so many per cent of the delay are added, never taken away.
    package var jitterPercent: Int
    /// The longest that a receiver's `Retry-After` is followed.
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
    /// - Parameter randomFraction: 0 to 1, for the jitter; asked for where there is one.
    package func decision(
        for attempt: FinishedAttempt, randomFraction: @autoclosure () -> Double
    ) -> RetryDecision {
        switch verdict(attempt) {
        case .over: return .finish
        case .undone: return .putBack
        case .again(let isOurs, let asked):
            guard isOurs || apps == .all || attempt.webhook.app.status == .published else { return .finish }
            let number = max(attempt.entry.attempt, 1)
            guard number <= delays.count else {
                return .giveUp(reason: "attempt \(number) of \(delays.count + 1) failed: \(attempt.metricStatus)")
            }
            return .retry(at: date(after: attempt.date, delays[number - 1], asked: asked, randomFraction()))
        }
    }

    private enum Verdict {
        case over
        case undone
        /// - Parameters:
        ///   - isOurs: not the app's fault, so that every app gets another attempt.
        ///   - asked: the seconds for which the receiver wants to be left alone.
        case again(isOurs: Bool, asked: Int64?)
    }

    private func verdict(_ attempt: FinishedAttempt) -> Verdict {
        switch attempt.result.outcome {
        case .failed(let failure, _):
            switch failure {
            case .timeout, .connection, .dns, .tls, .protocol: .again(isOurs: false, asked: nil)
            case .proxy, .internal: .again(isOurs: true, asked: nil)
            case .cancelled: .undone
            case .blockedAddress, .bodyTooLarge, .invalidURL, .invalidHeader: .over
            }
        case .answered(let response):
            verdict(response, asked: response.retryAfter.flatMap { RetryAfter.seconds($0, now: attempt.date) })
        }
    }

    /// 410 asks to stop, like any other 4xx but a 429 that says when to come again.
    private func verdict(_ response: ReceivedResponse, asked: Int64?) -> Verdict {
        switch response.status {
        case 500...: .again(isOurs: false, asked: asked)
        case 429 where asked != nil: .again(isOurs: false, asked: asked)
        default: .over
        }
    }

    /// The end of the table's delay, or of what the receiver asked for if that is longer and within the maximum; then
    /// the jitter on top, so that receivers that named the same moment do not get everything in it.
    private func date(
        after date: Timestamp, _ delay: Duration, asked: Int64?, _ randomFraction: Double
    ) -> Timestamp {
        let wanted = asked.map { min(.seconds($0), maximumRetryAfter) } ?? .zero
        let microseconds = max(delay, wanted, .zero).limitedMicroseconds
        let fraction = min(max(randomFraction.isNaN ? 0 : randomFraction, 0), 1)
        let jitter = Int64(Double(microseconds) * Double(min(max(jitterPercent, 0), 100)) / 100 * fraction)
        return Timestamp(microseconds: date.microseconds + microseconds + jitter)
    }
}

extension Duration {
    /// Up to ten years, which no sum of dates overflows by.
    fileprivate var limitedMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 315_360_000) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
