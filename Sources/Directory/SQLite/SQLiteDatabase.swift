import CSQLite

/// One connection to an SQLite database file. Not safe for several threads at a time.
final class SQLiteDatabase {
    /// How to open the file.
    enum Mode {
        /// The file must exist; writing is refused by the connection.
        case reading
        /// The file must exist and can be written.
        case updating
        /// The file can be written, and is created when it is absent.
        case writing

        var flags: Int32 {
            switch self {
            case .reading: SQLITE_OPEN_READONLY
            case .updating: SQLITE_OPEN_READWRITE
            case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        }
    }

    let path: String
    /// Decrypt and encrypt the secrets in the file.
    let secretKeys: SecretKeyFile
    /// Whether there are encrypted secrets, as far as that was asked in this transaction.
    var holdsEncrypted: Bool?
    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private let statementLimit: Int
    /// Set by an error after which the connection does not work any more.
    private var hasFailed = false

    /// Opens `path`.
    ///
    /// - Parameters:
    ///   - busyTimeoutMilliseconds: how long a statement waits for the lock of another connection before it fails.
    ///   - statementLimit: at most this many prepared statements are cached.
    init(
        path: String, mode: Mode, busyTimeoutMilliseconds: Int32, secretKeys: SecretKeyFile = .none,
        statementLimit: Int = 64
    ) throws(SQLiteError) {
        self.path = path
        self.secretKeys = secretKeys
        // One thread at a time uses a connection, so SQLite's own mutexes are not needed.
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, mode.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            let message = String(cString: opened.map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code))
            sqlite3_close_v2(opened)
            throw SQLiteError(operation: "open", code: code, message: message)
        }
        handle = opened
        self.statementLimit = statementLimit
        sqlite3_busy_timeout(handle, busyTimeoutMilliseconds)
        // The file may come from elsewhere: a hostile schema must not run functions or virtual tables.
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs statements without parameters and ignores their rows.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil), operation: sql)
    }

    /// Runs `body` with the prepared form of `sql`, which is cached, and resets it afterwards.
    func withStatement<Result, Failure: Error>(
        _ sql: String, failing: (SQLiteError) -> Failure,
        _ body: (SQLiteStatement) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let statement: SQLiteStatement
        do {
            statement = try prepared(sql)
        } catch {
            throw failing(error)
        }
        defer { statement.reset() }
        return try body(statement)
    }

    func withStatement<Result>(
        _ sql: String, _ body: (SQLiteStatement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        try withStatement(sql, failing: { $0 }, body)
    }

    /// The first column of the first row as an integer; nil when there is no row.
    func integer(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) -> Int64? {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind(parameters)
            return try statement.step() ? statement.integer(0) : nil
        }
    }

    /// Runs a statement and ignores its rows.
    func run(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind(parameters)
            while try statement.step() {}
        }
    }

    /// How many rows the last statement changed.
    var changeCount: Int { Int(sqlite3_changes64(handle)) }

    /// Whether the connection can be used again: no error made it unusable, and no transaction is open.
    var isReusable: Bool { !hasFailed && sqlite3_get_autocommit(handle) != 0 }

    /// Takes note of an error on this connection.
    func note(_ error: SQLiteError) {
        if error.makesConnectionUnusable { hasFailed = true }
    }

    /// Keeps the -wal and -shm files of a database in WAL mode when the last connection closes.
    ///
    /// Readers without write permission for the folder could not create them again.
    func persistWriteAheadLog() {
        var isPersistent: Int32 = 1
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &isPersistent)
    }

    private func prepared(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let statement = statements[sql] { return statement }
        var pointer: OpaquePointer?
        try check(
            sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil),
            operation: "prepare \(sql)")
        guard let pointer else { throw SQLiteError.misuse("prepare \(sql)") }
        let statement = SQLiteStatement(pointer: pointer, sql: sql, database: self)
        if statements.count >= statementLimit { statements.removeAll() }
        statements[sql] = statement
        return statement
    }

    private func check(_ code: Int32, operation: @autoclosure () -> String) throws(SQLiteError) {
        guard code != SQLITE_OK else { return }
        let error = SQLiteError(
            operation: operation(), code: sqlite3_extended_errcode(handle),
            message: String(cString: sqlite3_errmsg(handle)))
        note(error)
        throw error
    }
}

/// What every connection that writes a directory does alike.
extension SQLiteDatabase {
    /// Makes commits durable and keeps the files beside the database, as those who only read need them.
    func prepareForWriting() throws(SQLiteError) {
        persistWriteAheadLog()
        try execute("PRAGMA synchronous = FULL")
        // The log stays, but need not stay large: the last one to close the database empties it.
        try execute("PRAGMA journal_size_limit = 0")
    }

    /// Runs `body` in a transaction that holds the write lock; any error rolls it back.
    func transaction<Result, Failure: Error>(
        failing: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try execute("BEGIN IMMEDIATE", failing: failing)
        secretKeys.beginChange()
        holdsEncrypted = nil
        do throws(Failure) {
            let result = try body()
            try execute("COMMIT", failing: failing)
            return result
        } catch {
            // After some errors SQLite has rolled back by itself. The first error is the one to report.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    private func execute<Failure: Error>(
        _ sql: String, failing: (SQLiteError) -> Failure
    ) throws(Failure) {
        do throws(SQLiteError) {
            try execute(sql)
        } catch {
            throw failing(error)
        }
    }
}

extension DirectoryError {
    /// What a failed write means to the caller.
    init(writing error: SQLiteError, location: String) {
        self =
            error.isConstraint
            ? .conflict(reason: error.message) : .unavailable(location: location, reason: error.description)
    }
}

/// A failed call of SQLite.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
    /// The failed call: `open`, `prepare SELECT …`, `step …`.
    let operation: String
    /// SQLite's extended result code.
    let code: Int32
    /// SQLite's message.
    let message: String

    /// The code without its extension.
    var primaryCode: Int32 { code & 0xFF }

    /// Whether a constraint of the schema (a unique name, a reference) refused a write.
    var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// Whether the connection has to be closed: the file is damaged, cannot be read or written, was moved
    /// (`SQLITE_READONLY_DBMOVED`), or SQLite's state is unknown; or (`SQLITE_ERROR`) the tables are not those that the
    /// statements are written for, which opening the file again reports as another schema version.
    ///
    /// All other errors, such as another connection's lock, a violated constraint or a full disk, end the statement
    /// only.
    var makesConnectionUnusable: Bool {
        switch primaryCode {
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM,
            SQLITE_PROTOCOL, SQLITE_INTERNAL, SQLITE_MISUSE, SQLITE_ERROR:
            true
        default: false
        }
    }

    var description: String { "\(operation): \(message) (SQLite code \(code))" }

    static func misuse(_ operation: String) -> SQLiteError {
        SQLiteError(operation: operation, code: SQLITE_MISUSE, message: String(cString: sqlite3_errstr(SQLITE_MISUSE)))
    }
}
