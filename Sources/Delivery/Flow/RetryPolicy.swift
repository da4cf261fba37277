package import Model

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
    /// - Parameter randomFraction: 0 to 1, for the jitter.
    package func decision(for attempt: FinishedAttempt, randomFraction: Double) -> RetryDecision {
        .finish
    }
}

/// What becomes of an event after an attempt.
package enum RetryDecision: Hashable, Sendable {
    /// It is over: delivered, or not to be repeated.
    case finish
    /// The next attempt is made then.
    case retry(at: Timestamp)
    /// It was not the receiver's turn at all (the sender was stopped): the same attempt again, at once.
    case putBack
    /// All attempts are used up: it is kept among the dead letters.
    case giveUp(reason: String)
}
