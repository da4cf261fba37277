import Redis
import System

/// Whether sending is paused because the outcomes of what was sent cannot be recorded or settled: a webhook whose
/// outcome is lost is sent again.
///
/// The recording thread begins a pause at its first failure and tries again until it succeeds, which ends the pause.
/// Meanwhile the worker receives, claims and sends nothing more; requests in progress end.
final class SendingPause: Sendable {
    private struct State {
        var error: RedisError?
        /// Whether a refusal was noted since the pause began.
        var hasRefusal = false
    }

    private let state = Condition(State())

    /// Begins a pause, or continues it because of another error; returns whether it is the pause's first refusal.
    func begin(_ error: RedisError) -> Bool {
        var isFirstRefusal = false
        state.change { state in
            state.error = error
            if case .refused = error {
                isFirstRefusal = !state.hasRefusal
                state.hasRefusal = true
            }
            return false
        }
        return isFirstRefusal
    }

    /// Ends the pause; returns whether Redis has refused something during it.
    func end() -> Bool {
        var hadRefusal = false
        state.change { state in
            guard state.error != nil else { return false }
            hadRefusal = state.hasRefusal
            state = State()
            return true
        }
        return hadRefusal
    }

    /// Why sending is paused; nil when it is not.
    var error: RedisError? { state.withLock { $0.error } }

    /// Waits while sending is paused, for up to `duration`; returns whether it is not paused any more.
    func waitForEnd(upTo duration: Duration) -> Bool {
        state.wait(until: .now().adding(duration)) { $0.error == nil ? () : nil } != nil
    }
}

extension RedisError {
    /// What to do when Redis refuses to store the outcome of an attempt. Within a script, the code is not at the
    /// beginning of Redis' words, and old releases do not tell it.
    var remedy: String {
        let words = reason
        let remedies = [
            ("NOPERM", "grant the Redis user what docs/operations.md lists"),
            ("can't run this command", "grant the Redis user what docs/operations.md lists"),
            ("OOM", "free memory in Redis, or raise its maxmemory"),
            ("MISCONF", "let Redis write to its disk again: its log says why it cannot"),
            ("READONLY", "this Redis is a replica: set HOOKLINE_REDIS to the primary"),
            ("NOREPLICAS", "connect the replicas that min-replicas-to-write demands"),
            ("WRONGTYPE", "another program uses this key: rename or delete it"),
        ]
        return remedies.first { words.contains($0.0) }?.1 ?? "correct this in Redis"
    }
}
