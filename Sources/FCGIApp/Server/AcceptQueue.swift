import Model
import Synchronization
import System

/// Accepted connections that wait for a thread, the first come the first served. Safe to use from many threads.
final class AcceptQueue: Sendable {
    private struct State: Sendable {
        var visits: [ReadyConnection] = []
        /// Those before it are taken.
        var first = 0
    }

    private let state = Lock(State())
    private let waiting = Atomic(0)
    private let taken = Tally()
    /// How many were taken at the last look.
    private let seen = Atomic(0)

    /// How many there are; perhaps not the very last news.
    var count: Int { waiting.load(ordering: .relaxed) }

    /// Whether nothing was taken since the last look. For one thread, which looks now and then.
    func isStalled() -> Bool {
        let count = taken.count
        return seen.exchange(count, ordering: .relaxed) == count
    }

    func append(_ visit: ReadyConnection) {
        state.withLock { state in
            state.visits.append(visit)
            waiting.store(state.visits.count - state.first, ordering: .relaxed)
        }
    }

    /// Nil when there is none. Costs no lock then.
    func takeFirst() -> ReadyConnection? {
        guard count > 0 else { return nil }
        return state.withLock { state in
            guard state.first < state.visits.count else { return nil }
            taken.add()
            defer {
                state.first += 1
                if state.first == state.visits.count {
                    state.visits.removeAll(keepingCapacity: true)
                    state.first = 0
                }
                waiting.store(state.visits.count - state.first, ordering: .relaxed)
            }
            return state.visits[state.first]
        }
    }
}
