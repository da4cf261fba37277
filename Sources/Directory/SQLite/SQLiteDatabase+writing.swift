/// What every connection that writes a directory does alike.
extension SQLiteDatabase {
    /// Makes commits durable and keeps the files beside the database, as those who only read need them.
    func prepareForWriting() throws(SQLiteError) {
        persistWriteAheadLog()
        try execute("PRAGMA synchronous = FULL")
        // The log stays, but need not stay large: the last one to close the database empties it.
        try execute("PRAGMA journal_size_limit = 0")
    }

    /// Runs `body` in a transaction that no other writer can disturb; any error undoes all of it.
    func transaction<Result, Failure: Error>(
        failing: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try execute("BEGIN IMMEDIATE", failing: failing)
        do throws(Failure) {
            let result = try body()
            try execute("COMMIT", failing: failing)
            return result
        } catch {
            // When SQLite has rolled back by itself, this finds no transaction; the first error is what matters.
            try? execute("ROLLBACK")
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
