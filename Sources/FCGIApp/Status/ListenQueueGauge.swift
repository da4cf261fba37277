import Handlers
import Model
import ProgramSupport
import System

/// Looks now and then how many connections wait at the listening socket, and remembers the most.
final class ListenQueueGauge: Sendable {
    private struct State: Sendable {
        var maximumWaiting = 0
        var next = MonotonicTime(microseconds: .min)
    }

    private let queue: ListenQueue
    private let state = Lock(State())

    init(descriptor: Int32) {
        queue = ListenQueue(descriptor: descriptor)
    }

    /// Looks, unless that was done within the last second.
    func sample(at now: MonotonicTime) {
        let isDue = state.withLock { state in
            guard now >= state.next else { return false }
            state.next = now.adding(seconds: 1)
            return true
        }
        if isDue { _ = self.now() }
    }

    /// How it is now; nil where the system does not tell.
    func now() -> ProcessStatus.ListenQueue? {
        guard let length = queue.length() else { return nil }
        let maximum = state.withLock { state in
            state.maximumWaiting = max(state.maximumWaiting, length.waiting)
            return state.maximumWaiting
        }
        return ProcessStatus.ListenQueue(waiting: length.waiting, maximumWaiting: maximum, capacity: length.capacity)
    }
}
