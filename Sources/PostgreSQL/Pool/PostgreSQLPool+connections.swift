import System

/// Acquiring, opening and releasing connections.
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
        let deadline = min(deadline, start.adding(limits.longestWait))
        return try ThreadWait.announce { () throws(PostgreSQLError) in
            while true {
                let (retry, failure, silentAt) = state.withLock {
                    ($0.backoff.notBefore, $0.backoff.failure, $0.silentAt)
                }
                let limit = min(deadline, silentAt, retry > .now() ? retry : deadline)
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
            changed { $0.opened(at: .now()) }
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
    func changed<Result>(_ body: (inout PoolState<Kept>) -> Result) -> Result {
        let result = state.withLock(body)
        state.change { _ in true }
        return result
    }

    func count(_ counter: WritableKeyPath<PostgreSQLCounts, Int64>) {
        counts.withLock { $0[keyPath: counter] += 1 }
    }

    /// The server has responded to a thread that keeps its connection.
    func noteResponse() {
        state.withLock { $0.noteResponse(at: .now()) }
    }

    /// Counts an error of a statement.
    func note(_ error: PostgreSQLError) {
        if case .deadline(.response, _) = error { return count(\.timedOut) }
        count(error.isConnectionLoss ? \.connectionLost : \.refused)
    }
}
