import CSQLite
import Glibc

/// The one who writes an embedded directory: makes the file, migrates it, imports documents, keeps tokens.
///
/// Every change is one transaction, so readers in other processes see all of it or nothing. Belongs to one thread.
package final class SQLiteDirectoryWriter {
    /// The file's path.
    package let path: String
    let database: SQLiteDatabase

    /// Opens the directory at `path` for writing; makes or migrates it first if need be.
    ///
    /// - Parameter waitMilliseconds: how long to wait for another writer.
    package init(path: String, waitMilliseconds: Int32 = 10_000) throws(DirectoryError) {
        self.path = path
        SQLiteDirectoryWriter.makeFile(at: path)
        do throws(SQLiteError) {
            database = try SQLiteDatabase(path: path, mode: .writing, busyTimeoutMilliseconds: waitMilliseconds)
            try database.execute("PRAGMA journal_mode = WAL")
            try database.prepareForWriting()
        } catch {
            throw .unavailable(location: path, reason: error.description)
        }
        try migrate()
    }

    /// Runs `body` in a transaction that no other writer can disturb; any error undoes all of it.
    func transaction<Result, Failure: Error>(
        failing: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try database.transaction(failing: failing, body)
    }

    /// What a failed call means to the caller.
    func directoryError(_ error: SQLiteError) -> DirectoryError {
        DirectoryError(writing: error, location: path)
    }

    /// Makes an empty file that only its owner and group may read, as it will hold secrets; SQLite gives the files
    /// beside it the same mode. What goes wrong here, opening the database finds and reports.
    private static func makeFile(at path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        if descriptor >= 0 { close(descriptor) }
    }

    private func migrate() throws(DirectoryError) {
        guard try schemaVersion() != DirectorySchema.version else { return }
        try transaction(failing: directoryError) { () throws(DirectoryError) in
            // Asked again inside: another writer may have migrated in the meantime.
            let found = try schemaVersion()
            let supported = DirectorySchema.version
            guard found <= supported else {
                throw .newerSchema(location: path, found: found, supported: supported)
            }
            do throws(SQLiteError) {
                if found == 0, try database.integer("SELECT 1 FROM sqlite_schema LIMIT 1") != nil {
                    throw SQLiteError(
                        operation: "migrate", code: SQLITE_NOTADB, message: "the file is another program's database")
                }
                for migration in DirectorySchema.migrations.dropFirst(found) { try database.execute(migration) }
                try database.execute("PRAGMA user_version = \(supported)")
            } catch {
                throw directoryError(error)
            }
        }
    }

    private func schemaVersion() throws(DirectoryError) -> Int {
        do throws(SQLiteError) {
            return Int(try database.integer("PRAGMA user_version") ?? 0)
        } catch {
            throw directoryError(error)
        }
    }
}
