package import Buffer
import Model
import System

/// A tracker that tells of changes when a test says so. Safe to use from many threads, as the real one.
package final class ManualTracking: ListTracking {
    private struct State {
        var pending: [ListChange] = []
        var isConnected = true
        var watched = 0
        var looks = 0
        var lease = ListLease.longest
        var whileLooking: @Sendable () -> Void = {}
    }

    private let state = Lock(State())
    private let changed: @Sendable (ListChange) -> Void

    package init(changed: @escaping @Sendable (ListChange) -> Void) {
        self.changed = changed
    }

    /// Makes a change known to the next look.
    package func add(_ change: ListChange) {
        state.withLock { $0.pending.append(change) }
    }

    /// Whether Redis answers.
    package var isConnected: Bool {
        get { state.withLock { $0.isConnected } }
        set { state.withLock { $0.isConnected = newValue } }
    }

    /// How long answers may live.
    package var lease: Duration {
        get { state.withLock { $0.lease } }
        set { state.withLock { $0.lease = newValue } }
    }

    /// What other threads do while one waits for Redis.
    package var whileLooking: @Sendable () -> Void {
        get { state.withLock { $0.whileLooking } }
        set { state.withLock { $0.whileLooking = newValue } }
    }

    /// How often lists were to be watched, and changes asked for.
    package var watchCount: Int { state.withLock { $0.watched } }
    package var lookCount: Int { state.withLock { $0.looks } }

    /// Every look is a new one.
    package var mark: InvalidationSequence { InvalidationSequence(begunCount: 0) }

    package func catchUp(to mark: InvalidationSequence) -> Bool {
        whileLooking()
        let (pending, isConnected) = state.withLock { state in
            state.looks += 1
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
