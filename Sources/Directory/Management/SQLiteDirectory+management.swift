import Glibc
package import Model

extension SQLiteDirectory {
    package func managementProblem() throws(DirectoryError) -> DirectoryError? {
        try check()
        // Beside the file are those of its write-ahead log, which every writer needs.
        let files: [String] = [path, "\(path)-wal", "\(path)-shm"].filter { (file: String) in access(file, F_OK) == 0 }
        guard let unwritable = files.first(where: { (file: String) in access(file, W_OK) != 0 }) else { return nil }
        return .unavailable(
            location: path,
            reason: "this program may not write \(unwritable) (\(String(cString: strerror(errno)))): give its user "
                + "or group the right to write it, or manage the directory with 'hookline'")
    }

    package func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp? {
        try withDatabase { database throws(DirectoryError) in
            do throws(SQLiteError) {
                return try database.lastChange(of: key)
            } catch {
                throw .unavailable(location: path, reason: error.description)
            }
        }
    }

    package func installations(organizationID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                """
                SELECT \(DirectoryQuery.Columns.installation) FROM installations
                WHERE organization_id = ?1 AND date_deleted IS NULL ORDER BY id LIMIT ?2
                """, [.integer(organizationID), .integer(Int64(max(0, limit)))], location: path
            ) { row throws(DirectoryError) in try row.installation() }
        }
    }

    package func changeRows<Result, Failure: Error>(
        at now: Timestamp, failing: (DirectoryError) -> Failure,
        _ body: (any DirectoryRows) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var refusal: Failure?
        do throws(DirectoryError) {
            return try withWriteConnection { database throws(DirectoryError) in
                try database.transaction(failing: { DirectoryError(writing: $0, location: path) }) {
                    () throws(DirectoryError) in
                    do throws(Failure) {
                        return try body(SQLiteDirectoryRows(database: database, location: path, now: now))
                    } catch {
                        refusal = error
                        // Rolls the transaction back; the caller gets the refusal.
                        throw .conflict(reason: "the change was refused")
                    }
                }
            }
        } catch {
            throw refusal ?? failing(error)
        }
    }
}

/// The rows of an embedded directory in a transaction.
struct SQLiteDirectoryRows: DirectoryRows {
    let database: SQLiteDatabase
    let location: String
    let now: Timestamp

    func app(id: Int64) throws(DirectoryError) -> DirectoryDocument.AppEntry? {
        try DocumentReader(database: database, location: location)
            .apps("WHERE id = ?1 AND date_deleted IS NULL", [.integer(id)]).first
    }

    func isSlugTaken(_ slug: String) throws(DirectoryError) -> Bool {
        try writing { () throws(SQLiteError) in
            try database.integer("SELECT 1 FROM apps WHERE slug = ?1", .text(slug)) != nil
        }
    }

    func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try installation("uuid = ?1", .text(uuid))
    }

    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try installation("app_id = ?1 AND organization_id = ?2", .integer(appID), .integer(organizationID))
    }

    func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp? {
        try writing { () throws(SQLiteError) in try database.lastChange(of: key) }
    }

    func nextID(of kind: RowKind) throws(DirectoryError) -> Int64 {
        guard let table = kind.tableWithID else { preconditionFailure("\(kind) have no ids") }
        let last = try writing { () throws(SQLiteError) in
            try database.integer(
                """
                SELECT max(coalesce((SELECT max(id) FROM \(table)), 0), coalesce(
                    (SELECT max(CAST(key AS INTEGER)) FROM row_changes WHERE kind = ?1), 0))
                """, .text(kind.rawValue)) ?? 0
        }
        guard last < .max else { throw .conflict(reason: "there is no free id for another \(kind.singular)") }
        return last + 1
    }

    func write(_ document: DirectoryDocument) throws(DirectoryError) {
        let importer = DirectoryImporter(database: database, now: now, problemLimit: 1)
        try writing { () throws(SQLiteError) in
            try importer.run(document, isReplacing: false)
            for key in document.rows.keys where key.kind != .auditEntries {
                try database.recordChange(of: key, at: now)
            }
        }
        if let problem = importer.problems.first { throw .conflict(reason: problem.message) }
    }

    func deleteInstallations(ofApp id: Int64) throws(DirectoryError) -> Int {
        try update(
            .installations,
            "UPDATE installations SET date_deleted = ?1 WHERE app_id = ?2 AND date_deleted IS NULL",
            .integer(now.microseconds), .integer(id))
    }

    func updateHooks(ofApp id: Int64, url: String, events: [String]) throws(DirectoryError) -> Bool {
        try update(
            .serviceHooks,
            """
            UPDATE service_hooks SET url = ?1, events = ?3
            WHERE installation_id IN (SELECT id FROM installations WHERE app_id = ?2 AND date_deleted IS NULL)
                AND (url <> ?1 OR events <> ?3)
            """, .text(url), .integer(id), .text(events.joined(separator: " "))) > 0
    }

    func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try writing { () throws(SQLiteError) in try database.insert(audit) }
    }

    /// Runs an UPDATE, and records the change of each row of `kind` that it has changed.
    ///
    /// - Returns: how many there are.
    @discardableResult
    private func update(_ kind: RowKind, _ sql: String, _ parameters: SQLiteValue...) throws(DirectoryError) -> Int {
        try writing { () throws(SQLiteError) in
            let ids = try database.withStatement(sql + " RETURNING id") { statement throws(SQLiteError) in
                try statement.bind(parameters)
                var ids: [Int64] = []
                while try statement.step() { ids.append(statement.integer(0)) }
                return ids
            }
            for id in ids { try database.recordChange(of: RowKey(kind, String(id)), at: now) }
            return ids.count
        }
    }

    private func installation(
        _ condition: String, _ parameters: SQLiteValue...
    ) throws(DirectoryError) -> Installation? {
        try database.rows(
            """
            SELECT \(DirectoryQuery.Columns.installation) FROM installations
            WHERE \(condition) AND date_deleted IS NULL ORDER BY id LIMIT 1
            """, parameters, location: location
        ) { row throws(DirectoryError) in try row.installation() }.first
    }

    func writing<Result>(_ body: () throws(SQLiteError) -> Result) throws(DirectoryError) -> Result {
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw DirectoryError(writing: error, location: location)
        }
    }
}
