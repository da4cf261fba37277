/// When a connection that could not be made may be tried again, so that a dead Redis costs each request next to nothing
/// instead of a time-out. Pure: told the time, in nanoseconds of a monotonic clock.
struct ReconnectBackoff {
    /// The pause after the first failure; each further one doubles it up to `longest`.
    let shortest: Duration
    let longest: Duration
    private var pause = Duration.zero
    private var notBefore: Int64 = .min
    /// Why the last attempt failed.
    private(set) var reason = ""

    init(shortest: Duration = .milliseconds(50), longest: Duration = .seconds(1)) {
        self.shortest = shortest
        self.longest = longest
    }

    /// Milliseconds until the next attempt may be made; 0 = now.
    func waitMilliseconds(at now: Int64) -> Int {
        guard notBefore > now else { return 0 }
        return Int((notBefore - now + 999_999) / 1_000_000)
    }

    mutating func recordFailure(_ reason: String, at now: Int64) {
        pause = pause == .zero ? shortest : min(pause * 2, longest)
        notBefore = now + pause.nanoseconds
        self.reason = reason
    }

    mutating func recordSuccess() {
        pause = .zero
        notBefore = .min
        reason = ""
    }
}
