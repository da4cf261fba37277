import Model
import Queue
import System
import WebhookRules

/// Completions from all threads, for the recording thread. Bounded by what may be in flight.
final class CompletionQueue: Sendable {
    private struct State {
        var completions: [Completion] = []
        /// The recording thread wants to be woken at this count.
        var wakeUpCount = 1
        var isClosed = false
    }

    private let state = Condition(State())

    func add(_ completion: Completion) {
        state.change { state in
            state.completions.append(completion)
            return state.completions.count >= state.wakeUpCount
        }
    }

    /// Ends the queue: nothing is added any more, and what it holds can still be taken.
    func close() {
        state.change { state in
            state.isClosed = true
            return true
        }
    }

    /// Waits for the first completion, then up to `delay` for more; nil once the queue is closed and empty.
    func take(limit: Int, delay: Duration) -> [Completion]? {
        while true {
            let first = state.wait(until: .now().adding(.seconds(60))) { state -> Int? in
                state.wakeUpCount = 1
                return state.completions.isEmpty && !state.isClosed ? nil : state.completions.count
            }
            guard let first else { continue }
            if first == 0 { return nil }
            _ = state.wait(until: .now().adding(delay)) { state -> Bool? in
                state.wakeUpCount = limit
                return state.completions.count >= limit || state.isClosed ? true : nil
            }
            return state.withLock { state in
                let taken = Array(state.completions.prefix(limit))
                state.completions.removeFirst(taken.count)
                return taken
            }
        }
    }
}

/// A delivery that this worker is done with, to be recorded and settled.
struct Completion: Sendable {
    enum Outcome: Sendable {
        case attempted(FinishedAttempt)
        case dropped(DroppedEvent)
        /// The entry becomes a dead letter.
        case refused(reason: String)
        /// Not attempted: the entry goes back to the queue, to be delivered at this time.
        case putBack(at: Timestamp)
    }

    /// In the `InFlightTable`.
    let handle: Int
    /// With the lease of when it was dispatched; the table has the newest one.
    var delivery: QueueDelivery
    var outcome: Outcome

    /// Notes that it is unknown how the attempt ended, because another worker has the entry.
    mutating func loseLease() {
        guard case .attempted(var attempt) = outcome else { return }
        attempt.result.outcome = .failed(.leaseLost, detail: "another worker has the event")
        outcome = .attempted(attempt)
    }

    /// The attempt; nil when nothing was tried. What the sender gave back before its turn, or before it had a
    /// connection, was not tried.
    var attempt: FinishedAttempt? {
        guard case .attempted(let attempt) = outcome,
            attempt.result.failure != .cancelled || attempt.result.address != nil
        else { return nil }
        return attempt
    }
}
