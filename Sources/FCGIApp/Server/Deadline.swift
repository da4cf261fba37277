import Glibc
import Model
import ProgramSupport

/// Ends a blocking call of one thread when its time is over, by shutting down the connection it is blocked on.
///
/// libfcgi reads and writes without a time limit; `SO_RCVTIMEO` would begin anew with each byte that a slow peer sends.
/// The thread sets and clears, another one calls `enforce`. The descriptor must stay open while the deadline is set.
final class Deadline: Sendable {
    private struct State: Sendable {
        var descriptor: Int32 = -1
        var end = MonotonicTime(microseconds: .max)
        var hasPassed = false
    }

    private let state = Lock(State())

    func set(_ connection: Connection, end: MonotonicTime) {
        state.withLock { $0 = State(descriptor: connection.descriptor, end: end, hasPassed: false) }
    }

    func clear() {
        state.withLock { $0.descriptor = -1 }
    }

    /// Whether the deadline set last was enforced.
    var hasPassed: Bool { state.withLock { $0.hasPassed } }

    func enforce(at now: MonotonicTime) {
        state.withLock { state in
            guard state.descriptor >= 0, !state.hasPassed, state.end <= now else { return }
            shutdown(state.descriptor, Int32(SHUT_RDWR))
            state.hasPassed = true
        }
    }
}
