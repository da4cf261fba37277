import CSQLite
import Glibc

/// The embedded directory: one SQLite file, read by many threads and processes beside one writer.
///
/// Opening is lazy: a program may start before the file exists, and every look-up says what is wrong until it does.
/// Reading never makes the file, its tables or a migration; `SQLiteDirectoryWriter` does.
package final class SQLiteDirectory: Directory {
    /// Bounds of the connections to the file.
    package struct Limits: Sendable {
        /// So many connections are open at most; further threads wait for one.
        package var connectionCount: Int
        /// How long a look-up waits for a connection, and a statement for a lock, before it fails.
        package var waitMilliseconds: Int32

        package init(connectionCount: Int = 8, waitMilliseconds: Int32 = 2000) {
            self.connectionCount = connectionCount
            self.waitMilliseconds = waitMilliseconds
        }
    }

    /// The file's path.
    package let path: String
    private let pool: SQLiteConnectionPool
    private let limits: Limits

    /// The directory in the file at `path`. Nothing is opened yet.
    package init(path: String, limits: Limits = Limits()) {
        self.path = path
        self.limits = limits
        pool = SQLiteConnectionPool(
            maximumCount: limits.connectionCount, waitMilliseconds: limits.waitMilliseconds
        ) { () throws(DirectoryError) in
            try SQLiteDirectory.connect(path: path, waitMilliseconds: limits.waitMilliseconds)
        }
    }

    /// Opens the file and makes sure that this program can read it.
    ///
    /// - Throws: `unavailable`, `olderSchema` or `newerSchema`, as every look-up would.
    package func check() throws(DirectoryError) {
        try withDatabase { _ throws(DirectoryError) in }
    }

    /// Runs `body` with a connection of the pool.
    func withDatabase<Result>(
        _ body: (SQLiteDatabase) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        let result = try pool.withConnection(
            failing: { $0 },
            isFatal: { error in
                if case .unavailable = error { true } else { false }
            },
            body)
        guard let result else {
            throw .unavailable(
                location: path,
                reason: "all \(limits.connectionCount) connections were busy for \(limits.waitMilliseconds) ms")
        }
        return result
    }

    /// The rows of a look-up, each read by `row`.
    func rows<Row>(
        of query: DirectoryQuery, _ parameters: SQLiteValue...,
        row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        try withDatabase { database throws(DirectoryError) in
            try rows(of: query, parameters, in: database, row: row)
        }
    }

    func rows<Row>(
        of query: DirectoryQuery, _ parameters: [SQLiteValue], in database: SQLiteDatabase,
        row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        try database.rows(query.sql, parameters, location: path, row: row)
    }

    private static func connect(path: String, waitMilliseconds: Int32) throws(DirectoryError) -> SQLiteDatabase {
        guard access(path, F_OK) == 0 else {
            throw .unavailable(
                location: path,
                reason: "\(String(cString: strerror(errno))); make it with 'hookline directory import FILE'")
        }
        let database: SQLiteDatabase
        let found: Int
        do throws(SQLiteError) {
            database = try SQLiteDatabase(path: path, mode: .reading, busyTimeoutMilliseconds: waitMilliseconds)
            found = Int(try database.integer("PRAGMA user_version") ?? 0)
        } catch {
            throw .unavailable(location: path, reason: error.description + hint(for: error, path: path))
        }
        let supported = DirectorySchema.version
        if found > supported { throw .newerSchema(location: path, found: found, supported: supported) }
        if found < supported { throw .olderSchema(location: path, found: found, supported: supported) }
        return database
    }

    /// What to do about files that must be there but cannot be made.
    private static func hint(for error: SQLiteError, path: String) -> String {
        guard [SQLITE_READONLY, SQLITE_CANTOPEN].contains(error.primaryCode) else { return "" }
        return "; a reader that may not write to the folder needs \(path)-wal and \(path)-shm there, which "
            + "'hookline directory migrate' makes"
    }
}

extension SQLiteDatabase {
    /// Every row of a statement, each read by `row`; failures name `location`.
    func rows<Row>(
        _ sql: String, _ parameters: [SQLiteValue] = [], location: String,
        row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        func unavailable(_ error: SQLiteError) -> DirectoryError {
            .unavailable(location: location, reason: error.description)
        }
        return try withStatement(sql, failing: unavailable) { statement throws(DirectoryError) in
            do throws(SQLiteError) {
                try statement.bind(parameters)
            } catch {
                throw unavailable(error)
            }
            var rows: [Row] = []
            while true {
                do throws(SQLiteError) {
                    guard try statement.step() else { return rows }
                } catch {
                    throw unavailable(error)
                }
                rows.append(try row(statement))
            }
        }
    }
}
