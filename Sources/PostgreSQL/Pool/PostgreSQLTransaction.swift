package import System

/// A transaction that has begun: the statements of the body of `PostgreSQLPool.withTransaction`.
///
/// For locks of the application use `pg_advisory_xact_lock`, which ends with the transaction.
package struct PostgreSQLTransaction {
    package enum Mode: Hashable, Sendable {
        case readWrite
        /// All statements see the database as the first one does; changes are refused.
        case snapshot

        var beginning: String {
            switch self {
            case .readWrite: "BEGIN"
            case .snapshot: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            }
        }
    }

    let pool: PostgreSQLPool
    let connection: PostgreSQLConnection
    package let deadline: MonotonicTime

    /// Executes one statement. After an error of the server the transaction can only end (unless the statement was a
    /// `ROLLBACK TO SAVEPOINT`).
    @discardableResult
    package func query(
        _ statement: String, _ parameters: [PostgreSQLParameter] = []
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        do {
            let rows = try connection.query(statement, parameters, by: deadline)
            pool.noteResponse()
            return rows
        } catch {
            pool.note(error)
            if error.serverMessage != nil { pool.noteResponse() }
            throw error
        }
    }
}

extension PostgreSQLPool {
    /// Runs `body` in a transaction: COMMIT when it returns, ROLLBACK when it throws.
    ///
    /// - Throws: what `body` throws; `.unknownOutcome` when the response to COMMIT did not arrive.
    package func withTransaction<Result>(
        by deadline: MonotonicTime, mode: PostgreSQLTransaction.Mode = .readWrite,
        _ body: (PostgreSQLTransaction) throws(PostgreSQLError) -> Result
    ) throws(PostgreSQLError) -> Result {
        try withTransaction(
            by: deadline, mode: mode, mapping: { (error) -> PostgreSQLError in error }, body)
    }

    /// As above, for a body with errors of its own.
    ///
    /// - Parameter mapping: the caller's error for one of the connection, BEGIN or COMMIT.
    package func withTransaction<Result, Failure: Error>(
        by deadline: MonotonicTime, mode: PostgreSQLTransaction.Mode = .readWrite,
        mapping: (PostgreSQLError) -> Failure, _ body: (PostgreSQLTransaction) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let held: Held
        do throws(PostgreSQLError) {
            held = try begin(by: deadline) { (connection) throws(PostgreSQLError) in
                _ = try connection.query(mode.beginning, by: deadline)
            }.0
            noteResponse()
        } catch {
            throw mapping(error)
        }
        let result: Result
        do {
            result = try body(PostgreSQLTransaction(pool: self, connection: held.connection, deadline: deadline))
        } catch {
            rollBack(held, by: deadline)
            release(held, after: error as? PostgreSQLError)
            throw error
        }
        do throws(PostgreSQLError) {
            try commit(held, mode, by: deadline)
        } catch {
            note(error)
            release(held, after: error)
            throw mapping(error)
        }
        release(held)
        return result
    }

    /// Leaves the connection closed where the server does not confirm.
    private func rollBack(_ held: Held, by deadline: MonotonicTime) {
        guard held.connection.isOpen else { return }
        do throws(PostgreSQLError) {
            try held.connection.query("ROLLBACK", by: deadline)
        } catch {
            // The transaction ends with its connection; the caller gets the error that led here.
            held.connection.close()
        }
    }

    private func commit(
        _ held: Held, _ mode: PostgreSQLTransaction.Mode, by deadline: MonotonicTime
    ) throws(PostgreSQLError) {
        let tag: String
        do throws(PostgreSQLError) {
            tag = try held.connection.query("COMMIT", by: deadline).commandTag
        } catch {
            guard mode != .snapshot, error.leavesCommitUnknown else { throw error }
            throw .unknownOutcome(reason: "\(error)")
        }
        // COMMIT of a transaction in which a statement failed is executed as ROLLBACK, without an error.
        guard tag == "COMMIT" else {
            throw .other(
                PostgreSQLServerMessage(
                    sqlstate: "25P02", text: "the transaction was rolled back, because a statement in it had failed"))
        }
    }
}

extension PostgreSQLError {
    /// Whether COMMIT may have been executed although its response is this error: nothing, the end of the connection,
    /// or the end of a wait for a standby server, when the transaction is already committed here.
    fileprivate var leavesCommitUnknown: Bool {
        switch self {
        case .deadline, .connectionLost, .shutdown, .queryCanceled: true
        // 40003: statement completion unknown.
        case .other(let message): message.sqlstate == "40003"
        case .unreachable, .authentication, .tooManyConnections, .insufficientPrivilege, .undefinedColumn,
            .undefinedTable, .readOnly, .uniqueViolation, .foreignKeyViolation, .lockNotAvailable, .serialization,
            .unexpectedValue, .invalidParameter, .unknownOutcome, .closed:
            false
        }
    }
}
