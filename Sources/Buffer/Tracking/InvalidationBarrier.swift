import Redis
import System

/// One exchange with Redis that several threads share: one of them, the leader, carries it out, the others wait for its
/// outcome.
///
/// Unchecked because of `queries` and `followerCount`: threads change them only under the tracker's lock and while the
/// barrier is the tracker's next one. Its leader reads them after it was taken from there, under the same lock.
final class InvalidationBarrier: @unchecked Sendable {
    enum Outcome {
        case failed
        /// All changes before the exchange are reported; how long what was watched in it is valid.
        case done(ListLease)
    }

    /// What the threads want to watch; none = they only want changes to be reported.
    var queries: [WebhookRequestQuery]
    var followerCount = 0
    private let hasStarted = Condition(false)
    private let outcome = Condition<Outcome?>(nil)

    init(_ queries: [WebhookRequestQuery]) {
        self.queries = queries
    }

    /// Lets the leader start.
    func start() {
        hasStarted.change { hasStarted in
            hasStarted = true
            return true
        }
    }

    /// Waits for `start`; false when the deadline has passed before.
    func waitForStart(until deadline: MonotonicTime) -> Bool {
        hasStarted.wait(until: deadline) { $0 ? true : nil } ?? false
    }

    /// Wakes the followers with the outcome.
    func finish(_ outcome: Outcome) {
        guard followerCount > 0 else { return }
        self.outcome.change { known in
            known = outcome
            return true
        }
    }

    /// Waits for `finish`.
    func waitForOutcome(until deadline: MonotonicTime) -> Outcome {
        outcome.wait(until: deadline) { $0 } ?? .failed
    }
}
