package import Model

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
