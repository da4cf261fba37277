import Glibc
import Model
import ProgramSupport
import Synchronization
import System

/// Ends a blocking call of one thread when its time is over, by shutting down the connection it is blocked on.
///
/// libfcgi reads and writes without a time limit; `SO_RCVTIMEO` would begin anew with each byte that a slow peer sends.
/// The thread sets and clears, another one calls `enforce`. The descriptor must stay open while the deadline is set.
final class ConnectionDeadline: Sendable {
    private struct State: Sendable {
        var descriptor: Int32 = -1
        var end = MonotonicTime(microseconds: .max)
    }

    private let state = Lock(State())
    /// Written under the lock, read without it: each request asks several times.
    private let passed = Atomic(false)

    func set(_ connection: Connection, end: MonotonicTime) {
        state.withLock { state in
            state = State(descriptor: connection.descriptor, end: end)
            passed.store(false, ordering: .releasing)
        }
    }

    func clear() {
        state.withLock { $0.descriptor = -1 }
    }

    /// Whether the deadline set last was enforced.
    var hasPassed: Bool { passed.load(ordering: .acquiring) }

    func enforce(at now: MonotonicTime) {
        state.withLock { state in
            guard state.descriptor >= 0, !passed.load(ordering: .relaxed), state.end <= now else { return }
            // Before the call: a thread that it wakes asks at once why.
            passed.store(true, ordering: .sequentiallyConsistent)
            shutdown(state.descriptor, Int32(SHUT_RDWR))
        }
    }
}
