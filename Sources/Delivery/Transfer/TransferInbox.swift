import System

/// Passes jobs from any thread to a sender thread, which is woken up only when it sleeps.
final class TransferInbox: Sendable {
    private struct State {
        var jobs: [SendJob] = []
        var isAsleep = false
        var isClosed = false
        /// Set once the thread is to end: when running transfers are cancelled.
        var end: MonotonicTime?
    }

    private let state = Lock(State())
    private let wake: @Sendable () -> Void

    /// - Parameter wake: ends the thread's sleep; called under the lock, and never after `next` has returned `end`,
    ///   since the multi handle is freed then.
    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// Adds a job; false when the thread has ended.
    func add(_ job: SendJob) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.jobs.append(job)
            if state.isAsleep { wake() }
            state.isAsleep = false
            return true
        }
    }

    /// Lets the thread end as soon as it has no transfers, at `end` at the latest.
    func close(at end: MonotonicTime) {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.end = end
            state.isAsleep = false
            wake()
        }
    }

    /// The jobs that were added since the last call.
    func take() -> [SendJob] {
        state.withLock { state in
            state.isAsleep = false
            defer { state.jobs = [] }
            return state.jobs
        }
    }

    /// What the thread does next.
    ///
    /// - Parameter isBusy: whether transfers are running.
    func next(isBusy: Bool) -> Step {
        state.withLock { state in
            guard state.jobs.isEmpty else { return .takeJobs }
            guard let end = state.end else {
                state.isAsleep = true
                return .sleep(milliseconds: 1000)
            }
            let remaining = Int(end.remainingMilliseconds())
            guard isBusy, remaining > 0 else {
                state.isClosed = true
                return .end
            }
            return .sleep(milliseconds: min(remaining, 1000))
        }
    }

    enum Step: Hashable {
        case takeJobs
        /// Until a wake-up or a socket event, this long at most.
        case sleep(milliseconds: Int)
        /// No more jobs are accepted.
        case end
    }
}
