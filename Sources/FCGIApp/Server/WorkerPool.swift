import Glibc
import Synchronization
import System

/// Decides which worker threads are active: leader and followers (Schmidt et al., POSA 2).
///
/// As long as requests are responded to quickly, one thread takes all of them, several at a time: waking another one
/// costs about as much as a short response, and the requests taken together share one exchange with Redis. The others
/// are parked. One more is activated, the one parked last, when
/// - no thread is active any more, because the last one announces a wait (`ThreadWait`), ends, or makes no progress,
/// - more connections are ready than one thread should take, up to one thread for each processor.
///
/// An active thread that finds nothing to do is parked, except for the last one, which waits for events. It does not
/// see what another thread leaves behind that begins a wait: it is woken then.
final class WorkerPool: Sendable {
    private struct State {
        var members: [Member] = []
        /// In the order in which they were parked.
        var parked: [Member] = []
        var isShutDown = false
    }

    private let processorCount: Int
    private let wakeWaiter: @Sendable () -> Void
    private let state = Lock(State())
    /// Changed under the lock.
    private let activeCount = Atomic(0)

    /// - Parameter wakeWaiter: lets the thread that waits for events, if there is one, look for connections that
    ///   others have left behind.
    init(
        processorCount: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN)), wakeWaiter: @escaping @Sendable () -> Void = {}
    ) {
        self.processorCount = processorCount
        self.wakeWaiter = wakeWaiter
    }

    /// One thread's membership; used by that thread, except where it says otherwise.
    final class Member: ThreadWaitObserver, Sendable {
        private let pool: WorkerPool
        /// Odd while the thread works on a request.
        private let turn = Atomic(0)
        /// The pool's: `turn` at its last look.
        private let seenTurn = Atomic(0)
        /// Changed under the pool's lock.
        fileprivate let isActive = Atomic(true)
        private let isWoken = Condition(false)

        fileprivate init(_ pool: WorkerPool) {
            self.pool = pool
        }

        func beginRequest() {
            turn.add(1, ordering: .relaxed)
        }

        func endRequest() {
            turn.add(1, ordering: .relaxed)
            if !isActive.load(ordering: .relaxed) { pool.activate(self) }
        }

        /// For a thread that finds nothing to do: whether it is the one that waits for events. If not, it was parked in
        /// the meantime.
        func mayWait() -> Bool {
            guard pool.park(self) else { return true }
            _ = isWoken.wait(until: .distantFuture) { isWoken -> Void? in
                defer { isWoken = false }
                return isWoken ? () : nil
            }
            return false
        }

        /// More connections are ready than this thread should take.
        func callAnother() { pool.activateAnother() }

        func willWait() { pool.deactivate(self) }
        func didWait() { pool.activate(self) }

        /// The thread ends.
        func leave() { pool.deactivate(self) }

        fileprivate func wake() {
            isWoken.change { isWoken in
                isWoken = true
                return true
            }
        }

        /// The pool's: whether the thread works on the same request as at the last look.
        fileprivate func isStalled() -> Bool {
            let turn = turn.load(ordering: .relaxed)
            return seenTurn.exchange(turn, ordering: .relaxed) == turn && turn % 2 == 1
        }
    }

    /// For a new thread, which is active.
    func makeMember() -> Member {
        let member = Member(self)
        state.withLock { state in
            state.members.append(member)
            activeCount.add(1, ordering: .relaxed)
        }
        return member
    }

    /// Replaces threads that still work on the request of the last call. To be called now and then.
    func relieve() {
        for member in state.withLock({ $0.members }) where member.isStalled() { deactivate(member) }
    }

    /// No thread is parked any more.
    func shutDown() {
        let parked = state.withLock { state in
            state.isShutDown = true
            activeCount.add(state.parked.count, ordering: .relaxed)
            for member in state.parked { member.isActive.store(true, ordering: .relaxed) }
            defer { state.parked = [] }
            return state.parked
        }
        for member in parked { member.wake() }
    }

    /// Internal for tests.
    var parkedCount: Int { state.withLock { $0.parked.count } }

    /// False for the last active thread.
    private func park(_ member: Member) -> Bool {
        // Without the lock as long as one thread does all the work. Another one that becomes active at this moment
        // counts itself first, and so is the one to be parked.
        guard activeCount.load(ordering: .relaxed) > 1 || !member.isActive.load(ordering: .relaxed) else {
            return false
        }
        return state.withLock { state in
            // It was replaced at the very end of its request.
            if !member.isActive.exchange(true, ordering: .relaxed) { activeCount.add(1, ordering: .relaxed) }
            guard activeCount.load(ordering: .relaxed) > 1, !state.isShutDown else { return false }
            activeCount.subtract(1, ordering: .relaxed)
            member.isActive.store(false, ordering: .relaxed)
            state.parked.append(member)
            return true
        }
    }

    private func activate(_ member: Member) {
        state.withLock { _ in
            if !member.isActive.exchange(true, ordering: .relaxed) { activeCount.add(1, ordering: .relaxed) }
        }
    }

    private func deactivate(_ member: Member) {
        let next = state.withLock { state in
            if member.isActive.exchange(false, ordering: .relaxed) { activeCount.subtract(1, ordering: .relaxed) }
            return unpark(&state, limit: 1)
        }
        if let next { next.wake() } else { wakeWaiter() }
    }

    private func activateAnother() {
        state.withLock { unpark(&$0, limit: processorCount) }?.wake()
    }

    private func unpark(_ state: inout State, limit: Int) -> Member? {
        guard activeCount.load(ordering: .relaxed) < limit, let member = state.parked.popLast() else { return nil }
        member.isActive.store(true, ordering: .relaxed)
        activeCount.add(1, ordering: .relaxed)
        return member
    }
}
