import Model
import System

/// What has ended, from whichever thread, for the one that records. Bounded by what may be in flight.
final class CompletionQueue: Sendable {
    private struct State {
        var ended: [Completion] = []
        /// At how many the recording thread wants to be woken.
        var wanted = 1
        var isClosed = false
    }

    private let state = Condition(State())

    func add(_ ended: Completion) {
        state.change { state in
            state.ended.append(ended)
            return state.ended.count >= state.wanted
        }
    }

    /// Nothing is added any more; what is there is still taken.
    func close() {
        state.change { state in
            state.isClosed = true
            return true
        }
    }

    /// Waits for something, then up to `delay` for more; nil when nothing will come any more.
    func take(limit: Int, delay: Duration) -> [Completion]? {
        while true {
            let first = state.wait(until: .now().adding(.seconds(60))) { state -> Int? in
                state.wanted = 1
                return state.ended.isEmpty && !state.isClosed ? nil : state.ended.count
            }
            guard let first else { continue }
            if first == 0 { return nil }
            _ = state.wait(until: .now().adding(delay)) { state -> Bool? in
                state.wanted = limit
                return state.ended.count >= limit || state.isClosed ? true : nil
            }
            return state.withLock { state in
                let taken = Array(state.ended.prefix(limit))
                state.ended.removeFirst(taken.count)
                return taken
            }
        }
    }
}
