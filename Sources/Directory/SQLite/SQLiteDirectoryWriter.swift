import CSQLite
import Glibc
package import Model

/// Write access to an embedded directory: creates and migrates the file, imports documents, adds and removes tokens.
///
/// Each change is one transaction. Not safe for several threads at a time.
package final class SQLiteDirectoryWriter: DirectoryWriter {
    /// The file's path.
    package let path: String
    package var name: String { path }
    let database: SQLiteDatabase

    /// Opens the directory at `path` for writing; creates or migrates it first where necessary.
    ///
    /// - Parameters:
    ///   - secretKeys: decrypt and encrypt its secrets.
    ///   - waitMilliseconds: how long to wait for another writer.
    package convenience init(
        path: String, secretKeys: SecretKeyFile = .none, waitMilliseconds: Int32 = 10_000
    ) throws(DirectoryError) {
        SQLiteDirectoryWriter.createFile(at: path)
        try self.init(opening: path, secretKeys: secretKeys, waitMilliseconds: waitMilliseconds)
    }

    /// An empty directory in memory, to try an import for which there is no file yet.
    package static func inMemory() throws(DirectoryError) -> SQLiteDirectoryWriter {
        try SQLiteDirectoryWriter(opening: ":memory:", secretKeys: .none, waitMilliseconds: 0)
    }

    private init(
        opening path: String, secretKeys: SecretKeyFile, waitMilliseconds: Int32
    ) throws(DirectoryError) {
        self.path = path
        do throws(SQLiteError) {
            database = try SQLiteDatabase(
                path: path, mode: .writing, busyTimeoutMilliseconds: waitMilliseconds, secretKeys: secretKeys)
            try database.execute("PRAGMA journal_mode = WAL")
            try database.prepareForWriting()
        } catch {
            throw .unopened(location: path, reason: error.description)
        }
        try migrate()
    }

    /// Runs `body` in a transaction that holds the write lock; any error rolls it back.
    func transaction<Result, Failure: Error>(
        failing: (SQLiteError) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try database.transaction(failing: failing, body)
    }

    /// The error for the caller.
    func directoryError(_ error: SQLiteError) -> DirectoryError {
        DirectoryError(writing: error, location: path)
    }

    /// Creates an empty file that only its owner and group can read, as it will hold secrets; SQLite gives the -wal and
    /// -shm files the same mode and owner. Opening the database reports an error of this call.
    ///
    /// The superuser gives it to those whom the folder belongs to, who run the programs: `root`'s file would be of no
    /// use to them.
    ///
    /// A file that exists is not even opened: closing a descriptor of it drops every lock that SQLite has on it in this
    /// process, and another program could then delete the write-ahead log that this one still uses
    /// (https://www.sqlite.org/howtocorrupt.html, 2.2).
    private static func createFile(at path: String) {
        guard access(path, F_OK) != 0 else { return }
        let flags = O_RDWR | O_CREAT | O_CLOEXEC
        let descriptor = open(path, flags | O_EXCL, 0o640)
        guard descriptor >= 0 else {
            // A link to a file that is to be made elsewhere: it is not given away.
            let other = errno == EEXIST ? open(path, flags, 0o640) : -1
            if other >= 0 { close(other) }
            return
        }
        defer { close(descriptor) }
        var folder = stat()
        let name = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard geteuid() == 0, stat(name, &folder) == 0 else { return }
        // The mode after the owner, whose change takes bits away.
        if fchown(descriptor, folder.st_uid, folder.st_gid) == 0 {
            fchmod(descriptor, 0o640 | folder.st_mode & S_IWGRP)
        }
    }

    private func migrate() throws(DirectoryError) {
        guard try schemaVersion() != DirectorySchema.version else { return }
        try transaction(failing: directoryError) { () throws(DirectoryError) in
            // Read again inside: another writer may have migrated in the meantime.
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

extension SQLiteDirectoryWriter {
    package func addToken(
        _ entry: DirectoryDocument.TokenEntry, at now: @autoclosure () -> Timestamp,
        audit: (APIToken) -> [AuditEntry.Draft]
    ) throws(DirectoryError) -> APIToken {
        try transaction(failing: directoryError) { () throws(DirectoryError) in
            let now = now()
            let importer = DirectoryImporter(database: database, now: now, problemLimit: 1)
            do throws(SQLiteError) {
                try importer.remember(DirectoryDocument())
                try importer.insertToken(entry, path: "token")
                try database.recordChange(of: RowKey(.tokens, entry.digest.rawValue), at: now)
            } catch {
                throw directoryError(error)
            }
            if let problem = importer.problems.first { throw .conflict(reason: problem.message) }
            let tokens = try database.rows(DirectoryQuery.token.sql, [.text(entry.digest.rawValue)], location: path) {
                row throws(DirectoryError) in try row.token()
            }
            guard let token = tokens.first else {
                throw .corrupt(table: "api_tokens", reason: "a token just written is not there")
            }
            try record(audit(token))
            return token
        }
    }

    package func removeTokens(
        ids: [Int64], at now: @autoclosure () -> Timestamp, audit: [AuditEntry.Draft]
    ) throws(DirectoryError) {
        try transaction(failing: directoryError) { () throws(DirectoryError) in
            let now = now()
            for id in ids {
                do throws(SQLiteError) {
                    if let digest = try digest(ofToken: id) {
                        try database.recordChange(of: RowKey(.tokens, digest), at: now)
                    }
                    try database.run("DELETE FROM api_tokens WHERE id = ?1", .integer(id))
                } catch {
                    throw directoryError(error)
                }
                guard database.changeCount == 1 else { throw .conflict(reason: "there is no token \(id)") }
            }
            try record(audit)
        }
    }

    private func record(_ entries: [AuditEntry.Draft]) throws(DirectoryError) {
        do throws(SQLiteError) {
            for entry in entries { try database.insert(entry) }
        } catch {
            throw directoryError(error)
        }
    }
}

extension SQLiteDirectoryWriter {
    private func digest(ofToken id: Int64) throws(SQLiteError) -> String? {
        try database.withStatement("SELECT sha256 FROM api_tokens WHERE id = ?1") { row throws(SQLiteError) in
            try row.bind([.integer(id)])
            return try row.step() ? row.text(0) : nil
        }
    }
}

extension SQLiteDirectory {
    package func tokens() throws(DirectoryError) -> [(token: APIToken, user: User)] {
        try withDatabase { database throws(DirectoryError) in
            let tokens = try database.rows(
                "SELECT \(DirectoryQuery.Columns.token) FROM api_tokens ORDER BY id", location: path
            ) { row throws(DirectoryError) in try row.token() }
            var result: [(token: APIToken, user: User)] = []
            for token in tokens {
                let users = try rows(of: .userByID, [.integer(token.userID)], in: database) {
                    row throws(DirectoryError) in row.user()
                }
                if let user = users.first { result.append((token, user)) }
            }
            return result
        }
    }
}
