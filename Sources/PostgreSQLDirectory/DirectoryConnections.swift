import Directory
import Model
import PostgreSQL
import System

/// The connections of a directory, with errors in the directory's terms.
struct DirectoryConnections: Sendable {
    /// Time limits of calls.
    struct Limits: Sendable {
        /// How long a look-up may take, the wait for a connection included. The embedded directory's waits are as long.
        var lookUp: Duration = .seconds(2)
        /// The same for a change of one row.
        var change: Duration = .seconds(10)
        /// The same for an export or an import.
        var wholeDirectory: Duration = .seconds(600)
        /// How long a change waits for the lock of a row.
        var lock: Duration = .seconds(5)
    }

    let pool: PostgreSQLPool
    let limits: Limits

    /// The database's address, without a password.
    var location: String { pool.address.description }

    func query(
        _ sql: String, _ parameters: [PostgreSQLParameter] = []
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        try pool.query(sql, parameters, by: .now().adding(limits.lookUp))
    }

    /// Runs `body` in a transaction; any error rolls it back.
    func withTransaction<Result, Failure: Error>(
        within limit: Duration, mode: PostgreSQLTransaction.Mode = .readWrite,
        failing: (DirectoryError) -> Failure, _ body: (DirectoryTransaction) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try pool.withTransaction(
            by: .now().adding(limit), mode: mode, mapping: { failing(directoryError($0)) }
        ) { (transaction) throws(Failure) in
            try body(DirectoryTransaction(transaction: transaction, connections: self))
        }
    }

    /// The error for the caller when the tables are first read: what does not end by itself, such as a wrong password,
    /// is no outage.
    func firstError(_ error: PostgreSQLError) -> DirectoryError {
        switch error {
        case .other(let message) where message.isPassing: directoryError(error)
        case .authentication, .insufficientPrivilege, .undefinedColumn, .undefinedTable, .other:
            .unopened(location: location, reason: error.description)
        default: directoryError(error)
        }
    }

    /// The error for the caller.
    func directoryError(_ error: PostgreSQLError) -> DirectoryError {
        switch error {
        case .uniqueViolation(let message), .foreignKeyViolation(let message):
            .conflict(reason: message.description)
        case .invalidParameter: .conflict(reason: "a text with a zero character (U+0000) cannot be stored")
        case .unexpectedValue(let column, let reason): .corrupt(table: column, reason: reason)
        case .unreachable, .authentication, .tooManyConnections, .deadline, .connectionLost, .insufficientPrivilege,
            .undefinedColumn, .undefinedTable, .readOnly, .lockNotAvailable, .queryCanceled, .shutdown, .serialization,
            .other, .unknownOutcome, .closed:
            .unavailable(location: location, reason: error.description)
        }
    }
}

/// A transaction, with errors in the directory's terms.
struct DirectoryTransaction {
    let transaction: PostgreSQLTransaction
    let connections: DirectoryConnections

    @discardableResult
    func query(
        _ sql: String, _ parameters: PostgreSQLParameter...
    ) throws(DirectoryError) -> PostgreSQLRows {
        try query(sql, parameters)
    }

    @discardableResult
    func query(_ sql: String, _ parameters: [PostgreSQLParameter]) throws(DirectoryError) -> PostgreSQLRows {
        do throws(PostgreSQLError) {
            return try transaction.query(sql, parameters)
        } catch {
            throw connections.directoryError(error)
        }
    }

    /// Every row of a statement, each read by `row`.
    func rows<Row>(
        _ sql: String, _ parameters: PostgreSQLParameter..., of table: String,
        row: (inout RowReader) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        let rows: PostgreSQLRows
        do throws(PostgreSQLError) {
            rows = try transaction.query(sql, parameters)
        } catch {
            throw connections.directoryError(error)
        }
        var result: [Row] = []
        for found in rows {
            var reader = RowReader(found, of: table)
            result.append(try row(&reader))
        }
        return result
    }
}
