import Handlers
import Model
import ProgramSupport
import System

/// Samples how many connections wait at the listening socket, and keeps the maximum.
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

    /// Takes a sample, unless one was taken within the last second.
    func sample(at now: MonotonicTime) {
        let isDue = state.withLock { state in
            guard now >= state.next else { return false }
            state.next = now.adding(seconds: 1)
            return true
        }
        if isDue { _ = self.now() }
    }

    /// The current state of the queue, which is also a sample; nil where the system does not provide it.
    func now() -> ProcessStatus.ListenQueue? {
        guard let length = queue.length() else { return nil }
        let maximum = state.withLock { state in
            state.maximumWaiting = max(state.maximumWaiting, length.waiting)
            return state.maximumWaiting
        }
        return ProcessStatus.ListenQueue(waiting: length.waiting, maximumWaiting: maximum, capacity: length.capacity)
    }
}
