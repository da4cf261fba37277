/// When a connection that tracks may be tried again. Used by the one thread that has the connection.
final class AttemptPauses: @unchecked Sendable {
    private var failures = ReconnectBackoff()
    private var refusals: ReconnectBackoff
    private var lastRefusal: String?

    /// Whether Redis refuses everything at the moment, for a reason that ends by itself.
    private static func isPassing(_ message: String) -> Bool {
        ["LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"].contains { message.hasPrefix($0) }
    }

    /// - Parameter refusal: the pause after Redis said no.
    init(refusal: Duration) {
        refusals = ReconnectBackoff(shortest: refusal, longest: refusal)
    }

    /// Throws while it is too early.
    func check() throws(BufferError) {
        let now = Deadline.now()
        let wait = max(failures.waitMilliseconds(at: now), refusals.waitMilliseconds(at: now))
        guard wait == 0 else { throw .unreachable(server: "", reason: "the next attempt is due in \(wait) ms") }
    }

    func succeeded() {
        guard !failures.reason.isEmpty || lastRefusal != nil else { return }
        failures.recordSuccess()
        refusals.recordSuccess()
        lastRefusal = nil
    }

    /// Returns why Redis refuses, if that is news.
    func failed(_ error: BufferError) -> String? {
        switch error {
        case .refused(_, let message) where !Self.isPassing(message):
            refusals.recordFailure(message, at: Deadline.now())
            defer { lastRefusal = message }
            return message == lastRefusal ? nil : message
        case .unreachable: break
        default: failures.recordFailure(error.reason, at: Deadline.now())
        }
        return nil
    }
}
