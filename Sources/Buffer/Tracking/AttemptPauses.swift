import Redis
import System

/// When a connection that tracks may be tried again.
///
/// Unchecked because the tracker gives it, with the connection, to one thread at a time.
final class AttemptPauses: @unchecked Sendable {
    /// So many failures in a row are no passing trouble any more.
    private static let toleratedFailures = 3

    private var failures = ReconnectBackoff()
    private var refusals: ReconnectBackoff
    /// Failures other than refusals since the last success.
    private var failureCount = 0
    /// What was reported last.
    private var lastNews: String?

    /// Whether Redis refuses everything at the moment, for a reason that ends by itself.
    private static func isPassing(_ message: String) -> Bool {
        ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains { message.hasPrefix($0) }
    }

    /// - Parameter refusal: the pause after Redis said no.
    init(refusal: Duration) {
        refusals = ReconnectBackoff(shortest: refusal, longest: refusal)
    }

    /// Throws while it is too early.
    func check() throws(RedisError) {
        let now = MonotonicTime.now()
        let wait = max(failures.waitMilliseconds(at: now), refusals.waitMilliseconds(at: now))
        guard wait == 0 else { throw .unreachable(server: "", reason: "the next attempt is due in \(wait) ms") }
    }

    func succeeded() {
        guard failureCount > 0 || lastNews != nil else { return }
        failures.recordSuccess()
        refusals.recordSuccess()
        failureCount = 0
        lastNews = nil
    }

    /// Returns why Redis refuses, or why nothing else comes of the attempts, if that is news.
    func failed(_ error: RedisError) -> String? {
        switch error {
        case .refused(_, let message) where !Self.isPassing(message):
            refusals.recordFailure(message, at: MonotonicTime.now())
            return news(message)
        // Said by everything that reads the log.
        case .unreachable: return nil
        default:
            failures.recordFailure(error.reason, at: MonotonicTime.now())
            failureCount += 1
            return failureCount < Self.toleratedFailures ? nil : news(error.reason)
        }
    }

    private func news(_ reason: String) -> String? {
        defer { lastNews = reason }
        return reason == lastNews ? nil : reason
    }
}
