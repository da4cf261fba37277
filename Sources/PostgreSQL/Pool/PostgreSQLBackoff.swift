import System

/// When the next attempt to connect may be made after a failure. Pure: time and randomness come in as parameters.
struct PostgreSQLBackoff: Sendable {
    /// The pause after the first failure; each further one doubles it up to `longest`.
    let shortest: Duration
    let longest: Duration
    private var pause = Duration.zero
    private(set) var notBefore = MonotonicTime(microseconds: .min)
    /// Why the last attempt failed; nil after a success.
    private(set) var failure: PostgreSQLError?

    init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// - Parameter jitter: 0 to 1: how much of half the pause is left out, so that processes do not return together.
    mutating func recordFailure(_ error: PostgreSQLError, at now: MonotonicTime, jitter: Double) {
        pause = pause == .zero ? shortest : min(pause * 2, longest)
        notBefore = now.adding(pause * (1 - jitter / 2))
        failure = error
    }

    mutating func recordSuccess() {
        pause = .zero
        notBefore = MonotonicTime(microseconds: .min)
        failure = nil
    }
}
