import Model
import Redis
import System

/// One exchange with Redis that several threads share: the first of them carries it out, the others wait for what came
/// of it.
///
/// Unchecked because of `queries` and `followerCount`, which are used under the tracker's lock until the round begins,
/// and by its leader alone after that.
final class InvalidationBarrier: @unchecked Sendable {
    enum Outcome {
        case failed
        /// All changes before the round are reported; how long what was watched by it may count.
        case done(ListLease)
    }

    /// What the threads want to watch; none = they only want to know of changes.
    var queries: [WebhookRequestQuery]
    var followerCount = 0
    private let hasTurn = Condition(false)
    private let outcome = Condition<Outcome?>(nil)

    init(_ queries: [WebhookRequestQuery]) {
        self.queries = queries
    }

    /// Lets the leader begin.
    func begin() {
        hasTurn.change { hasTurn in
            hasTurn = true
            return true
        }
    }

    /// Waits for `begin`; false when it has not come by the deadline.
    func waitForTurn(until deadline: MonotonicTime) -> Bool {
        hasTurn.wait(until: deadline) { $0 ? true : nil } ?? false
    }

    /// Tells the followers what came of it.
    func end(_ outcome: Outcome) {
        guard followerCount > 0 else { return }
        self.outcome.change { known in
            known = outcome
            return true
        }
    }

    /// Waits for `end`.
    func waitForEnd(until deadline: MonotonicTime) -> Outcome {
        outcome.wait(until: deadline) { $0 } ?? .failed
    }
}
