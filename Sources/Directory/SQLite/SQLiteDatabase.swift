import CSQLite

/// One connection to an SQLite database file. Not safe for several threads at a time.
final class SQLiteDatabase {
    /// How to open the file.
    enum Mode {
        /// The file must exist; writing is refused by the connection.
        case reading
        /// The file must exist, and is written.
        case updating
        /// The file is made when it is absent.
        case writing

        var flags: Int32 {
            switch self {
            case .reading: SQLITE_OPEN_READONLY
            case .updating: SQLITE_OPEN_READWRITE
            case .writing: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        }
    }

    private let handle: OpaquePointer
    private var statements: [String: SQLiteStatement] = [:]
    private let statementLimit: Int

    /// Opens `path`.
    ///
    /// - Parameters:
    ///   - busyTimeoutMilliseconds: how long a statement waits for another process' lock before it fails.
    ///   - statementLimit: how many prepared statements are kept for the next use.
    init(
        path: String, mode: Mode, busyTimeoutMilliseconds: Int32, statementLimit: Int = 64
    ) throws(SQLiteError) {
        // A connection belongs to one thread at a time, so SQLite's own locks around each call are left out.
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
        // Rows come from an operator's file; these keep a hostile one from doing more than being wrong.
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA foreign_keys = ON")
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs statements without parameters whose rows nobody wants.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil), operation: sql)
    }

    /// Runs `body` with the prepared form of `sql`, made at the first use; it is reset afterwards.
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

    /// The first column of the first row as a number; nil when there is no row.
    func integer(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) -> Int64? {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind(parameters)
            return try statement.step() ? statement.integer(0) : nil
        }
    }

    /// Runs a statement whose rows nobody wants.
    func run(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind(parameters)
            while try statement.step() {}
        }
    }

    /// How many rows the last statement changed.
    var changeCount: Int { Int(sqlite3_changes64(handle)) }

    /// Keeps the files beside a database in WAL mode when the last connection closes.
    ///
    /// Readers that may not write to the folder could not make them again.
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
        let statement = SQLiteStatement(pointer: pointer, sql: sql)
        if statements.count >= statementLimit { statements.removeAll() }
        statements[sql] = statement
        return statement
    }

    private func check(_ code: Int32, operation: @autoclosure () -> String) throws(SQLiteError) {
        guard code != SQLITE_OK else { return }
        throw SQLiteError(
            operation: operation(), code: sqlite3_extended_errcode(handle),
            message: String(cString: sqlite3_errmsg(handle)))
    }
}
