import System

/// The bookkeeping of a pool. Pure: `PostgreSQLPool` opens and closes the connections.
///
/// - Parameter Connection: what is kept; a connection, or a test's number.
struct PoolState<Connection: Sendable>: Sendable {
    struct Idle: Sendable {
        var connection: Connection
        var openedAt: MonotonicTime
        var idleSince: MonotonicTime
    }

    enum Grant: Sendable {
        case use(Idle)
        /// The right to open one; ends with `opened`, or with `failed`.
        case open
        case refused(PostgreSQLError)
    }

    let limits: PostgreSQLPoolLimits
    /// The one used last is last.
    private(set) var idle: [Idle] = []
    /// Connections that threads have or open.
    private(set) var acquiredCount = 0
    private(set) var backoff: PostgreSQLBackoff
    /// Whether a thread tries whether the server is back.
    private(set) var isTrying = false
    private(set) var isClosed = false
    /// When a thread last got a connection, or a response on one: none waits for a shorter time.
    private var lastSign = MonotonicTime(microseconds: 0)

    init(limits: PostgreSQLPoolLimits) {
        self.limits = limits
        backoff = PostgreSQLBackoff(shortest: limits.shortestPause, longest: limits.longestPause)
    }

    /// Nil: wait for a change, for `backoff.notBefore`, or for `silentAt`. Fails where all that have a connection wait
    /// in vain: one more would be one thread less for what needs no database.
    mutating func acquire(at now: MonotonicTime) -> Grant? {
        if isClosed { return .refused(.closed) }
        if let entry = idle.popLast() {
            acquiredCount += 1
            lastSign = now
            return .use(entry)
        }
        guard acquiredCount < limits.maximumCount else { return refusalOfSilence(at: now) }
        return grantOpening(at: now, isHeld: false)
    }

    /// From this time on no thread waits for a connection of others, unless there is a response before.
    var silentAt: MonotonicTime { lastSign.adding(limits.longestSilence) }

    private func refusalOfSilence(at now: MonotonicTime) -> Grant? {
        guard now >= silentAt else { return nil }
        let milliseconds = (now.microseconds - lastSign.microseconds) / 1000
        return .refused(.deadline(.otherResponses, milliseconds: Int(milliseconds)))
    }

    /// A thread that keeps its connection got a response.
    mutating func noteResponse(at now: MonotonicTime) {
        lastSign = now
    }

    /// For a thread whose connection turned out to be dead.
    mutating func acquireAnother(at now: MonotonicTime) -> Grant? {
        if isClosed { return .refused(.closed) }
        return grantOpening(at: now, isHeld: true)
    }

    /// - Parameter isHeld: whether the thread is counted already.
    private mutating func grantOpening(at now: MonotonicTime, isHeld: Bool) -> Grant? {
        if let failure = backoff.failure {
            if now < backoff.notBefore || isTrying {
                // Those of other threads will do.
                if case .tooManyConnections = failure, acquiredCount > 0, !isHeld { return refusalOfSilence(at: now) }
                return .refused(failure)
            }
            isTrying = true
        }
        if !isHeld { acquiredCount += 1 }
        lastSign = now
        return .open
    }

    mutating func opened(at now: MonotonicTime) {
        isTrying = false
        lastSign = now
        backoff.recordSuccess()
    }

    /// The opening failed; the thread's place is free again.
    ///
    /// - Parameter countsAsFailure: whether the attempt had enough time to say something about the server.
    mutating func failed(_ error: PostgreSQLError, countsAsFailure: Bool, at now: MonotonicTime, jitter: Double) {
        isTrying = false
        acquiredCount -= 1
        if countsAsFailure { backoff.recordFailure(error, at: now, jitter: jitter) }
    }

    /// The thread's place is free again.
    mutating func leave() {
        acquiredCount -= 1
    }

    /// Keeps the connection of a thread; false when it must be closed.
    mutating func keep(_ connection: Connection, openedAt: MonotonicTime, at now: MonotonicTime) -> Bool {
        acquiredCount -= 1
        guard !isClosed, now < openedAt.adding(limits.maximumAge) else { return false }
        idle.append(Idle(connection: connection, openedAt: openedAt, idleSince: now))
        return true
    }

    /// Removes what was idle too long, but for the few used last.
    mutating func removeIdle(at now: MonotonicTime) -> [Connection] {
        let surplus = idle.count - limits.minimumIdleCount
        guard surplus > 0 else { return [] }
        let old = idle.prefix(surplus).prefix { now >= $0.idleSince.adding(limits.idleTime) }
        idle.removeFirst(old.count)
        return old.map(\.connection)
    }

    mutating func close() -> [Connection] {
        isClosed = true
        defer { idle = [] }
        return idle.map(\.connection)
    }
}

/// How many connections a process has, and for how long.
package struct PostgreSQLPoolLimits: Hashable, Sendable {
    /// At most this many connections are open; further threads wait for one.
    package var maximumCount: Int
    /// How long a thread waits for one at most: it is a thread of the responder's, which other requests need when a
    /// server that has stopped responding holds all connections.
    package var longestWait: Duration
    /// No thread waits for one, and none begins to, when those that have the connections have waited for a response for
    /// this long: as many threads as connections may wait for a server that does not respond, or for a lock in it.
    package var longestSilence: Duration
    /// The limit of one search for a server.
    package var connectTimeout: Duration
    /// This many idle connections are kept however long they are idle.
    package var minimumIdleCount: Int
    /// Further ones are closed after this time.
    package var idleTime: Duration
    /// A connection is closed when it is this old and not in use: so that after a change of names or roles of servers
    /// every process finds the new ones.
    package var maximumAge: Duration
    /// Pauses between attempts to connect: the first, and what doubling it ends at.
    package var shortestPause: Duration
    package var longestPause: Duration

    package init(
        maximumCount: Int = 4, longestWait: Duration = .seconds(1), longestSilence: Duration = .milliseconds(500),
        connectTimeout: Duration = .seconds(2), minimumIdleCount: Int = 2, idleTime: Duration = .seconds(60),
        maximumAge: Duration = .seconds(1800), shortestPause: Duration = .milliseconds(50),
        longestPause: Duration = .seconds(2)
    ) {
        self.maximumCount = max(1, maximumCount)
        self.longestWait = longestWait
        self.longestSilence = longestSilence
        self.connectTimeout = connectTimeout
        self.minimumIdleCount = minimumIdleCount
        self.idleTime = idleTime
        self.maximumAge = maximumAge
        self.shortestPause = shortestPause
        self.longestPause = longestPause
    }
}
