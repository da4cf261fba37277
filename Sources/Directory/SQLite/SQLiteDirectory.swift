import CSQLite
import Glibc

/// The embedded directory: one SQLite file, read by many threads and processes beside one writer.
///
/// Opening is lazy: a program may start before the file exists; until then lookups throw `unavailable`. Neither
/// reading nor the changes that delivery makes create or migrate the file; `SQLiteDirectoryWriter` does.
package final class SQLiteDirectory: DirectoryDatabase {
    /// Limits of the connection pools.
    package struct Limits: Sendable {
        /// At most this many connections are open; further threads wait for one.
        package var connectionCount: Int
        /// How long a lookup waits for a connection, and a statement for a lock, before it fails.
        package var waitMilliseconds: Int32
        /// How long a change waits for this process's write connection, and then for other writers, before it fails.
        package var writeWaitMilliseconds: Int32

        package init(
            connectionCount: Int = 8, waitMilliseconds: Int32 = 2000, writeWaitMilliseconds: Int32 = 10_000
        ) {
            self.connectionCount = connectionCount
            self.waitMilliseconds = waitMilliseconds
            self.writeWaitMilliseconds = writeWaitMilliseconds
        }
    }

    /// The file's path.
    package let path: String
    package var name: String { path }
    let secretKeys: SecretKeyFile
    private let pool: SQLiteConnectionPool
    /// One connection for changes, opened at the first: further ones would wait for its lock.
    private let writePool: SQLiteConnectionPool
    private let limits: Limits

    /// The directory in the file at `path`. Nothing is opened yet.
    ///
    /// - Parameter secretKeys: decrypt and encrypt its secrets.
    package init(path: String, limits: Limits = Limits(), secretKeys: SecretKeyFile = .none) {
        self.path = path
        self.limits = limits
        self.secretKeys = secretKeys
        pool = SQLiteConnectionPool(
            maximumCount: limits.connectionCount, waitMilliseconds: limits.waitMilliseconds
        ) { () throws(DirectoryError) in
            try SQLiteDirectory.connect(
                path: path, mode: .reading, waitMilliseconds: limits.waitMilliseconds, secretKeys: secretKeys)
        }
        writePool = SQLiteConnectionPool(
            maximumCount: 1, waitMilliseconds: limits.writeWaitMilliseconds
        ) { () throws(DirectoryError) in
            try SQLiteDirectory.connect(
                path: path, mode: .updating, waitMilliseconds: limits.writeWaitMilliseconds, secretKeys: secretKeys)
        }
    }

    /// Opens the file and checks that this program can read it.
    ///
    /// - Throws: `unopened`, `olderSchema` or `newerSchema`, as every lookup would.
    package func check() throws(DirectoryError) {
        try withDatabase { _ throws(DirectoryError) in }
    }

    /// Runs `body` with a connection of the pool.
    func withDatabase<Result>(
        _ body: (SQLiteDatabase) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        guard let result = try pool.withConnection(body) else {
            throw .unavailable(
                location: path,
                reason: "all \(limits.connectionCount) connections were busy for \(limits.waitMilliseconds) ms")
        }
        return result
    }

    /// Runs `body` in a transaction on the write connection; any error rolls it back.
    func withTransaction<Result>(
        _ body: (SQLiteDatabase) throws(SQLiteError) -> Result
    ) throws(DirectoryError) -> Result {
        try withChange { database throws(DirectoryError) in
            try writing { () throws(SQLiteError) in try body(database) }
        }
    }

    /// The same for a body that reads rows, too.
    func withChange<Result>(
        _ body: (SQLiteDatabase) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        try withWriteConnection { database throws(DirectoryError) in
            try database.transaction(failing: { DirectoryError(writing: $0, location: path) }) {
                () throws(DirectoryError) in try body(database)
            }
        }
    }

    /// Runs statements that write.
    func writing<Result>(_ body: () throws(SQLiteError) -> Result) throws(DirectoryError) -> Result {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw DirectoryError(writing: error, location: path)
        }
    }

    /// Runs `body` with the write connection.
    func withWriteConnection<Result>(
        _ body: (SQLiteDatabase) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        guard let result = try writePool.withConnection(body) else {
            throw .unavailable(
                location: path, reason: "another change was in progress for \(limits.writeWaitMilliseconds) ms")
        }
        return result
    }

    /// The rows of a lookup, each read by `row`.
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

    private static func connect(
        path: String, mode: SQLiteDatabase.Mode, waitMilliseconds: Int32, secretKeys: SecretKeyFile
    ) throws(DirectoryError) -> SQLiteDatabase {
        guard access(path, F_OK) == 0 else {
            throw .unopened(
                location: path,
                reason: "\(String(cString: strerror(errno))); create it with 'hookline directory import FILE' "
                    + "or 'hookline organization create SLUG'")
        }
        let database: SQLiteDatabase
        let found: Int
        do throws(SQLiteError) {
            database = try SQLiteDatabase(
                path: path, mode: mode, busyTimeoutMilliseconds: waitMilliseconds, secretKeys: secretKeys)
            if mode != .reading { try database.prepareForWriting() }
            found = Int(try database.integer("PRAGMA user_version") ?? 0)
        } catch {
            throw .unopened(location: path, reason: error.description + hint(for: error, path: path))
        }
        let supported = DirectorySchema.version
        if found > supported { throw .newerSchema(location: path, found: found, supported: supported) }
        if found < supported { throw .olderSchema(location: path, found: found, supported: supported) }
        return database
    }

    /// What to do where SQLite cannot create the files that it needs.
    private static func hint(for error: SQLiteError, path: String) -> String {
        guard [SQLITE_READONLY, SQLITE_CANTOPEN].contains(error.primaryCode) else { return "" }
        return "; a reader without write permission for the folder needs \(path)-wal and \(path)-shm, which "
            + "'hookline directory migrate' creates"
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
