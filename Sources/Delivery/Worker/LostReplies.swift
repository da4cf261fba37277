import Redis
import System

/// Whether Redis may have delivered entries to this worker in a reply that the worker never got, because it gave the
/// call up or lost the connection: they are to be taken back instead of waiting for the visibility timeout.
///
/// They are taken back twice: as soon as Redis responds, and once more a while later, because Redis may execute an
/// abandoned call late, after having been paused.
final class LostReplies: Sendable {
    /// When Redis has executed what it had received, if it responds at all.
    static let lateness = Duration.seconds(5)

    private struct State {
        var isDue = false
        /// When to look once more.
        var again: MonotonicTime?
    }

    private let state = Lock(State())
    /// Held from a call that delivers entries until they are in the `InFlightTable`: what is not there must not be
    /// taken for lost meanwhile.
    let registration = Lock(())

    /// Notes the failure of a call that delivers entries.
    func note(_ error: RedisError) {
        guard error.mayHaveBeenExecuted else { return }
        state.withLock { $0 = State(isDue: true) }
    }

    /// Whether to look for such entries now.
    func isDue(at now: MonotonicTime) -> Bool {
        state.withLock { $0.isDue || $0.again.map { $0 <= now } == true }
    }

    /// Notes that all of them were taken back.
    func noteTakenBack(at now: MonotonicTime) {
        state.withLock { $0 = State(again: $0.isDue ? now.adding(Self.lateness) : nil) }
    }
}
