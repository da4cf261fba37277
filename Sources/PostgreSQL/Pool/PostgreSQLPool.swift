package import System

/// A bounded number of connections to one database, which the threads of a process share.
///
/// A thread has a connection for one statement or one transaction. Further threads wait until one is free or their
/// deadline has passed. When no server can be reached, calls fail at once with the reason of the last attempt, and one
/// thread at a time tries again, after pauses that grow.
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
    private let state: Condition<PoolState<Kept>>
    private let counts = Lock(PostgreSQLCounts())
    private let resolve: PostgreSQLResolver

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

    /// Executes a statement that changes nothing. If a connection turns out to be closed by the server, the statement is
    /// repeated once on a new one.
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

extension PostgreSQLPool {
    /// Acquires a connection and runs a statement that may be repeated: one that changes nothing, or BEGIN. After an
    /// error the connection is released; otherwise the caller must release it.
    func begin<Result>(
        by deadline: MonotonicTime, _ statement: (PostgreSQLConnection) throws(PostgreSQLError) -> Result
    ) throws(PostgreSQLError) -> (Held, Result) {
        let held = try acquire(by: deadline)
        do {
            return (held, try statement(held.connection))
        } catch {
            note(error)
            guard held.isReused, error.isConnectionLoss, deadline > .now() else {
                release(held, after: error)
                throw error
            }
        }
        held.connection.close()
        count(\.repeats)
        let other = try replace(by: deadline)
        do {
            return (other, try statement(other.connection))
        } catch {
            note(error)
            release(other, after: error)
            throw error
        }
    }

    private func acquire(by deadline: MonotonicTime) throws(PostgreSQLError) -> Held {
        let start = MonotonicTime.now()
        guard start < deadline else { throw .deadline(.connection, milliseconds: 0) }
        while true {
            switch try grant(from: start, by: deadline) {
            case .use(let entry):
                let connection = entry.connection.connection
                if connection.isAlive {
                    return Held(connection: connection, openedAt: entry.openedAt, isReused: true)
                }
                connection.close()
                count(\.foundClosed)
                changed { $0.leave() }
            case .open:
                do {
                    return try open(by: deadline)
                } catch {
                    // Others of this process will become free.
                    guard case .tooManyConnections = error, status.acquiredCount + status.idleCount > 0 else {
                        throw error
                    }
                }
            case .refused(let failure): throw failure
            }
        }
    }

    private func grant(
        from start: MonotonicTime, by deadline: MonotonicTime
    ) throws(PostgreSQLError) -> PoolState<Kept>.Grant {
        // Most threads find one available: only the others need to wait.
        if let grant = state.withLock({ $0.acquire(at: start) }) { return grant }
        return try ThreadWait.announce { () throws(PostgreSQLError) in
            while true {
                let (retry, failure) = state.withLock { ($0.backoff.notBefore, $0.backoff.failure) }
                let limit = retry > .now() ? min(deadline, retry) : deadline
                if let grant = state.wait(until: limit, { $0.acquire(at: .now()) }) { return grant }
                guard deadline > .now() else {
                    throw failure ?? .deadline(.connection, milliseconds: start.millisecondsUntilNow)
                }
            }
        }
    }

    /// A new connection in the place of one that was lost.
    private func replace(by deadline: MonotonicTime) throws(PostgreSQLError) -> Held {
        if case .refused(let failure) = state.withLock({ $0.acquireAnother(at: .now()) }) {
            changed { $0.leave() }
            throw failure
        }
        return try open(by: deadline)
    }

    private func open(by deadline: MonotonicTime) throws(PostgreSQLError) -> Held {
        let start = MonotonicTime.now()
        let limit = min(deadline, start.adding(limits.connectTimeout))
        do {
            let connection = try PostgreSQLConnection.connect(to: address, by: limit, resolve: resolve)
            changed { $0.opened() }
            count(\.connections)
            return Held(connection: connection, openedAt: .now(), isReused: false)
        } catch {
            count(\.connectFailures)
            let end = MonotonicTime.now()
            // An attempt that had next to no time says nothing about the server.
            let wasFair = end < limit || limit.microseconds - start.microseconds >= Self.fairAttempt.microseconds
            changed {
                $0.failed(error, countsAsFailure: wasFair, at: end, jitter: .random(in: 0...1))
            }
            throw error
        }
    }

    private static var fairAttempt: Duration { .milliseconds(250) }

    /// Puts a connection back, or closes it if it cannot be used again.
    func release(_ held: Held, after error: PostgreSQLError? = nil) {
        let now = MonotonicTime.now()
        var isUsable = held.connection.isOpen && !held.connection.isInTransaction
        // The server was demoted: another one accepts changes now.
        if case .readOnly = error, address.requiresWrites { isUsable = false }
        let kept = Kept(connection: held.connection)
        let isKept = changed { state in
            guard isUsable else {
                state.leave()
                return false
            }
            return state.keep(kept, openedAt: held.openedAt, at: now)
        }
        if !isKept { held.connection.close() }
        closeIdleConnections(at: now)
    }

    /// Changes the state; waiting threads look at it again.
    @discardableResult
    private func changed<Result>(_ body: (inout PoolState<Kept>) -> Result) -> Result {
        let result = state.withLock(body)
        state.change { _ in true }
        return result
    }

    private func count(_ counter: WritableKeyPath<PostgreSQLCounts, Int64>) {
        counts.withLock { $0[keyPath: counter] += 1 }
    }

    /// Counts an error of a statement.
    func note(_ error: PostgreSQLError) {
        if case .deadline(.response, _) = error { return count(\.timedOut) }
        count(error.isConnectionLoss ? \.connectionLost : \.refused)
    }
}
