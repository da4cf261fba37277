import CSQLite

/// A call of SQLite's that failed.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
    /// What was being done: `open`, `prepare SELECT …`, `step …`.
    let operation: String
    /// SQLite's extended result code.
    let code: Int32
    /// SQLite's own text.
    let message: String

    /// The code without its extension.
    var primaryCode: Int32 { code & 0xFF }

    /// Whether a constraint of the schema (a unique name, a reference) refused a write.
    var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }

    /// Whether the connection it happened on is better not used again.
    var isFatalForConnection: Bool {
        switch primaryCode {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_CONSTRAINT, SQLITE_INTERRUPT, SQLITE_TOOBIG: false
        default: true
        }
    }

    var description: String { "\(operation): \(message) (SQLite code \(code))" }

    static func misuse(_ operation: String) -> SQLiteError {
        SQLiteError(operation: operation, code: SQLITE_MISUSE, message: String(cString: sqlite3_errstr(SQLITE_MISUSE)))
    }
}
