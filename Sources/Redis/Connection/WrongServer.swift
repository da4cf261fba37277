import System

/// Error replies by which a server says that it is not, or not now, the one that takes writes: after a failover behind
/// one address, an open connection still leads to the demoted server, and only a new one to the master.
enum WrongServer {
    /// Codes of error replies (Redis 7, `createSharedObjects` in server.c).
    private static let codes = ["READONLY", "MASTERDOWN", "NOREPLICAS", "LOADING"]

    static func isNamed(by message: String) -> Bool {
        if codes.contains(where: { message.hasPrefix($0) }) { return true }
        // To a call that was blocked when the master became a replica; a deleted stream has another text.
        if message.hasPrefix("UNBLOCKED") { return message.contains("instance state changed") }
        // Before Redis 7 an error within a script has the script's code.
        return message.hasPrefix("ERR Error running script") && message.contains("-READONLY ")
    }
}

/// When a connection that leads to the wrong server may be replaced: at once the first time, then with growing pauses,
/// because the address may lead there on purpose. Pure.
struct RedialSchedule {
    /// After this long without a refusal the next one counts as the first.
    private static let memory = Duration.seconds(10)

    private var backoff = ReconnectBackoff()
    private var lastRefusal: MonotonicTime?

    /// Notes a refusal; returns whether to make the connection again now.
    mutating func noteRefusal(_ message: String, at now: MonotonicTime) -> Bool {
        if let lastRefusal, lastRefusal.adding(Self.memory) < now { backoff.recordSuccess() }
        lastRefusal = now
        guard backoff.waitMilliseconds(at: now) == 0 else { return false }
        backoff.recordFailure(message, at: now)
        return true
    }
}
