package import Buffer
import Model
package import System

/// A tracker that reports changes when a test says so. Safe to use from many threads, as the real one.
package final class ManualTracking: ListTracking {
    private struct State {
        var pending: [ListChange] = []
        var isConnected = true
        var watched = 0
        var barriers = 0
        var lease = ListLease.longest
        var duringBarrier: @Sendable () -> Void = {}
    }

    private let state = Lock(State())
    private let changed: @Sendable (ListChange) -> Void

    package init(changed: @escaping @Sendable (ListChange) -> Void) {
        self.changed = changed
    }

    /// Makes a change that the next barrier reports.
    package func add(_ change: ListChange) {
        state.withLock { $0.pending.append(change) }
    }

    /// Whether Redis is connected.
    package var isConnected: Bool {
        get { state.withLock { $0.isConnected } }
        set { state.withLock { $0.isConnected = newValue } }
    }

    /// How long responses are valid.
    package var lease: Duration {
        get { state.withLock { $0.lease } }
        set { state.withLock { $0.lease = newValue } }
    }

    /// What other threads do while one waits for Redis.
    package var duringBarrier: @Sendable () -> Void {
        get { state.withLock { $0.duringBarrier } }
        set { state.withLock { $0.duringBarrier = newValue } }
    }

    /// The numbers of calls.
    package var watchCount: Int { state.withLock { $0.watched } }
    package var barrierCount: Int { state.withLock { $0.barriers } }

    /// No barrier serves several requests.
    package func reportChanges(of query: WebhookRequestQuery, before instant: MonotonicTime) -> Bool {
        duringBarrier()
        let (pending, isConnected) = state.withLock { state in
            state.barriers += 1
            defer { state.pending = [] }
            return (state.pending, state.isConnected)
        }
        for change in isConnected ? pending : [.everything] { changed(change) }
        return isConnected
    }

    package func watch(_ queries: [WebhookRequestQuery]) -> ListLease? {
        state.withLock { state in
            state.watched += 1
            return state.isConnected ? ListLease(state.lease) : nil
        }
    }
}
