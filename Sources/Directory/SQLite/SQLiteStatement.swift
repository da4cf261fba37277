import CSQLite

/// A value to bind to a statement's parameter.
enum SQLiteValue: Hashable {
    case null
    case integer(Int64)
    case text(String)

    static func flag(_ value: Bool) -> SQLiteValue { .integer(value ? 1 : 0) }
    static func optional(_ value: Int64?) -> SQLiteValue { value.map(SQLiteValue.integer) ?? .null }
    static func optional(_ value: String?) -> SQLiteValue { value.map(SQLiteValue.text) ?? .null }
}

/// `SQLITE_TRANSIENT`, whose macro Swift does not see: SQLite copies the bytes before the call returns.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

/// One prepared statement: bind, step, read the columns. Belongs to its connection, whose thread uses it.
final class SQLiteStatement {
    private let pointer: OpaquePointer
    private let sql: String
    /// The connection, which owns the statement.
    private unowned let database: SQLiteDatabase

    init(pointer: OpaquePointer, sql: String, database: SQLiteDatabase) {
        self.pointer = pointer
        self.sql = sql
        self.database = database
    }

    /// Decrypt the secrets in columns.
    var secretKeys: SecretKeyFile { database.secretKeys }
    /// The database's file, for messages.
    var path: String { database.path }

    deinit {
        sqlite3_finalize(pointer)
    }

    /// Binds the parameters `?1`, `?2`, … in order.
    func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        for (index, value) in values.enumerated() {
            try bind(value, at: Int32(index + 1))
        }
    }

    /// Goes to the next row; false when there is none.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure("step", code)
        }
    }

    func reset() {
        // Returns the error of the last step again, which has been thrown.
        _ = sqlite3_reset(pointer)
        _ = sqlite3_clear_bindings(pointer)
    }

    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(pointer, column)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func flag(_ column: Int32) -> Bool {
        integer(column) != 0
    }

    /// The column's string; empty for NULL.
    func text(_ column: Int32) -> String {
        guard let bytes = sqlite3_column_text(pointer, column) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    private func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(pointer, column) == SQLITE_NULL
    }

    private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
        let code: Int32
        switch value {
        case .null:
            code = sqlite3_bind_null(pointer, index)
        case .integer(let number):
            code = sqlite3_bind_int64(pointer, index, number)
        case .text(var text):
            code = text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // With its length: a client's string may contain NUL.
                    sqlite3_bind_text64(
                        pointer, index, characters.baseAddress, UInt64(characters.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        }
        if code != SQLITE_OK { throw failure("bind parameter \(index) of", code) }
    }

    private func failure(_ operation: String, _ code: Int32) -> SQLiteError {
        let message = sqlite3_db_handle(pointer).map { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let error = SQLiteError(
            operation: "\(operation) \(sql)", code: code,
            message: message.map { String(cString: $0) } ?? "unknown error")
        database.note(error)
        return error
    }
}
