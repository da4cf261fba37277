import Redis
import System

/// When a connection that tracks may be attempted again, and which failures are reported.
struct AttemptBackoff {
    /// From this many failures in a row on they are reported.
    private static let reportedFailureCount = 3

    private var failures = ReconnectBackoff()
    private var refusals: ReconnectBackoff
    /// Failures other than refusals since the last success.
    private var failureCount = 0
    private var lastReport: String?

    /// - Parameter refusal: the pause after Redis has refused to track.
    init(refusal: Duration) {
        refusals = ReconnectBackoff(shortest: refusal, longest: refusal)
    }

    /// Throws while it is too early.
    func check() throws(RedisError) {
        let now = MonotonicTime.now()
        let wait = max(failures.waitMilliseconds(at: now), refusals.waitMilliseconds(at: now))
        guard wait == 0 else { throw .unreachable(server: "", reason: "the next attempt is due in \(wait) ms") }
    }

    mutating func recordSuccess() {
        guard failureCount > 0 || lastReport != nil else { return }
        failures.recordSuccess()
        refusals.recordSuccess()
        failureCount = 0
        lastReport = nil
    }

    /// Returns the reason to report: why Redis refuses, or why several attempts failed; nil when it was reported
    /// before.
    mutating func recordFailure(_ error: RedisError) -> String? {
        switch error {
        case .refused(_, let message) where !RedisError.isTransient(reply: message):
            refusals.recordFailure(message, at: MonotonicTime.now())
            return report(message)
        // Reported by everything that reads the log.
        case .unreachable: return nil
        default:
            failures.recordFailure(error.reason, at: MonotonicTime.now())
            failureCount += 1
            return failureCount < Self.reportedFailureCount ? nil : report(error.reason)
        }
    }

    private mutating func report(_ reason: String) -> String? {
        defer { lastReport = reason }
        return reason == lastReport ? nil : reason
    }
}
