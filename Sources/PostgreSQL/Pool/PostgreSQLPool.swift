package import System

/// A bounded number of connections to one database, which the threads of a process share.
///
/// A thread has a connection for one statement or one transaction. Further threads wait until one is free or their
/// deadline has passed; they fail at once while none of those that have a connection gets a response. When no server
/// can be reached, calls fail at once with the reason of the last attempt, and one thread at a time tries again, after
/// pauses that grow.
package final class PostgreSQLPool: Sendable {
    /// Passes a connection from one thread to the next. Unchecked because one thread at a time has each: `acquire`
    /// removes it from the idle ones under the lock, and only `release` puts it back.
    struct Kept: @unchecked Sendable {
        let connection: PostgreSQLConnection
    }

    /// A connection that the calling thread has.
    struct Held {
        let connection: PostgreSQLConnection
        let openedAt: MonotonicTime
        /// Whether it was used before: the server may have closed it unnoticed.
        let isReused: Bool
    }

    package let address: PostgreSQLAddress
    package let limits: PostgreSQLPoolLimits
    let state: Condition<PoolState<Kept>>
    let counts = Lock(PostgreSQLCounts())
    let resolve: PostgreSQLResolver

    /// Opens no connection yet. To be called before the program starts threads: see `PostgreSQLEnvironment`.
    package init(
        address: PostgreSQLAddress, limits: PostgreSQLPoolLimits = PostgreSQLPoolLimits(),
        resolve: @escaping PostgreSQLResolver = { (host, deadline) throws(NameResolver.Problem) in
            try NameResolver.addresses(of: host, by: deadline)
        }
    ) {
        PostgreSQLEnvironment.removeVariables()
        self.address = address
        self.limits = limits
        self.resolve = resolve
        state = Condition(PoolState(limits: limits))
    }

    deinit {
        close()
    }

    /// Executes a statement that changes nothing. If a connection turns out to be closed by the server, the statement
    /// is repeated once on a new one.
    package func query(
        _ statement: String, _ parameters: [PostgreSQLParameter] = [], by deadline: MonotonicTime
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        let (held, rows) = try begin(by: deadline) { (connection) throws(PostgreSQLError) in
            try connection.query(statement, parameters, by: deadline)
        }
        release(held)
        return rows
    }

    /// Executes a statement that may change something, in a transaction of its own.
    ///
    /// - Throws: `.unknownOutcome` if it may have been executed.
    @discardableResult
    package func execute(
        _ statement: String, _ parameters: [PostgreSQLParameter] = [], by deadline: MonotonicTime
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        try withTransaction(by: deadline) { (transaction) throws(PostgreSQLError) in
            try transaction.query(statement, parameters)
        }
    }

    /// Closes the idle connections; those in use are closed when they are released, and further calls fail.
    package func close() {
        let idle = changed { $0.close() }
        for kept in idle { kept.connection.close() }
    }

    /// Closes connections that have been idle too long. Each call does so, too: needed only where there are none.
    package func closeIdleConnections(at now: MonotonicTime = .now()) {
        for kept in changed({ $0.removeIdle(at: now) }) { kept.connection.close() }
    }

    package var status: PostgreSQLPoolStatus {
        let counts = counts.withLock { $0 }
        return state.withLock { state in
            PostgreSQLPoolStatus(
                idleCount: state.idle.count, acquiredCount: state.acquiredCount,
                lastFailure: state.backoff.failure, counts: counts)
        }
    }
}
