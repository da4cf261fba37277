package import System

/// When a connection that could not be made may be tried again, so that a dead Redis costs each request next to nothing
/// instead of a time-out. Pure: told the time.
package struct ReconnectBackoff {
    /// The pause after the first failure; each further one doubles it up to `longest`.
    let shortest: Duration
    let longest: Duration
    private var pause = Duration.zero
    private var notBefore = MonotonicTime(microseconds: .min)
    /// Why the last attempt failed.
    private(set) var reason = ""

    package init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
    }

    /// Milliseconds until the next attempt may be made; 0 = now.
    package func waitMilliseconds(at now: MonotonicTime) -> Int {
        notBefore > now ? Int(notBefore.remainingMilliseconds(at: now)) : 0
    }

    package mutating func recordFailure(_ reason: String, at now: MonotonicTime) {
        pause = pause == .zero ? shortest : min(pause * 2, longest)
        notBefore = now.adding(pause)
        self.reason = reason
    }

    package mutating func recordSuccess() {
        pause = .zero
        notBefore = MonotonicTime(microseconds: .min)
        reason = ""
    }
}
