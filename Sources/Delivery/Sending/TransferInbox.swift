import Model
import System

/// Jobs handed from any thread to the one that drives the transfers, which is woken only when it sleeps.
final class TransferInbox: Sendable {
    private struct State {
        var jobs: [SendJob] = []
        var isAsleep = false
        var isClosed = false
        /// Set once the thread is to end: when what is under way then is given up.
        var end: MonotonicTime?
    }

    private let state = Lock(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: ends the thread's sleep; called under the lock, and never once the thread has been told to end,
    ///   since what it wakes is gone then.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Hands over a job; false when the thread has ended.
    func add(_ job: SendJob) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            if state.isAsleep { wake() }
            state.isAsleep = false
            return true
        }
    }

    /// Asks the thread to end when nothing is left to do, at `end` at the latest.
    func close(at end: MonotonicTime) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.end = end
            state.isAsleep = false
            wake()
        }
    }

    /// Everything that was handed over since the last time.
    func take() -> [SendJob] {
        state.withLock { state in
            state.isAsleep = false
            defer { state.jobs = [] }
            return state.jobs
        }
    }

    /// What the thread does next, given whether transfers are under way.
    func next(isBusy: Bool) -> Step {
        state.withLock { state in
            guard state.jobs.isEmpty else { return .takeJobs }
            guard let end = state.end else {
                state.isAsleep = true
                return .sleep(milliseconds: 1000)
            }
            let left = Int(end.remainingMilliseconds())
            guard isBusy, left > 0 else {
                state.isClosed = true
                return .end
            }
            return .sleep(milliseconds: min(left, 1000))
        }
    }

    enum Step: Hashable {
        case takeJobs
        /// Until something happens, this long at most.
        case sleep(milliseconds: Int)
        /// Nothing is taken any more.
        case end
    }
}
