package import Model

extension SQLiteDirectory {
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets {
        var rows: [SecretRow] = []
        for column in SecretColumn.embedded {
            rows += try withDatabase { database throws(DirectoryError) in
                try database.secretRows(column, location: path)
            }
        }
        return StoredSecrets(rows, keys: secretKeys)
    }

    package func rewriteSecrets(
        _ form: SecretRewriting, at now: Timestamp, audit: (RepairedApp) -> AuditEntry.Draft
    ) throws(DirectoryError) -> RewrittenSecrets {
        try rewriteSecrets(form, at: now, audit: audit, beforeRemovingTraces: {})
    }

    /// - Parameter beforeRemovingTraces: runs when the secrets are rewritten.
    func rewriteSecrets(
        _ form: SecretRewriting, at now: Timestamp, audit: (RepairedApp) -> AuditEntry.Draft,
        beforeRemovingTraces: () -> Void
    ) throws(DirectoryError) -> RewrittenSecrets {
        var result = try withChange { database throws(DirectoryError) in
            try secretKeys.requireReadable(for: path)
            var result = RewrittenSecrets()
            for column in SecretColumn.embedded {
                let rows = try database.secretRows(column, location: path)
                for row in rows {
                    let action = try form.action(for: row, secretKeys, in: path)
                    try writing { () throws(SQLiteError) in try database.perform(action, row) }
                    result.note(action, row)
                }
            }
            try result.noteRepairedApps { id throws(DirectoryError) in
                try database.rows("SELECT slug, owner_id FROM apps WHERE id = ?1", [.integer(id)], location: path) {
                    row throws(DirectoryError) in (slug: row.text(0), organizationID: row.integer(1))
                }.first
            }
            try writing { () throws(SQLiteError) in
                for app in result.repairedApps {
                    try database.insert(audit(app))
                    try database.recordChange(of: RowKey(.apps, String(app.id)), at: now)
                }
            }
            return result
        }
        // Also when nothing was to be rewritten: an earlier run may have been interrupted before this.
        guard form != .unencrypted else { return result }
        beforeRemovingTraces()
        removeTraces(&result)
        return result
    }

    /// The secrets are rewritten already, so a failure is a part of the result.
    private func removeTraces(_ result: inout RewrittenSecrets) {
        do throws(DirectoryError) {
            result.leavesTraces = try withWriteConnection { database throws(DirectoryError) in
                try writing { () throws(SQLiteError) in try !database.removeTraces() }
            }
        } catch {
            result.leavesTraces = true
            result.traceProblem = error.description
        }
    }
}

extension SecretColumn {
    static let embedded = [
        SecretColumn("apps", ["id"], "client_secret", .sqlite),
        SecretColumn("previous_secrets", ["app_id", "position"], "secret", .sqlite),
        SecretColumn("app_headers", ["app_id", "position"], "value", .sqlite),
        SecretColumn("apps", ["id"], "signing_key", .sqlite),
        SecretColumn("apps", ["id"], "relay_targets", .sqlite),
    ]
}

extension SQLiteDatabase {
    fileprivate func secretRows(_ column: SecretColumn, location: String) throws(DirectoryError) -> [SecretRow] {
        let width = Int32(column.keys.count)
        return try rows(column.texts, location: location) { row throws(DirectoryError) in
            SecretRow(column, (0..<width).map(row.integer), row.text(width))
        }
    }

    fileprivate func perform(_ action: SecretRewriting.Action, _ row: SecretRow) throws(SQLiteError) {
        let keys = row.keys.map(SQLiteValue.integer)
        switch action {
        case .keep: return
        case .replace(let text), .renew(let text): try run(row.column.update, [.text(text)] + keys)
        case .remove: try run(row.column.removal, keys)
        }
    }

    private func run(_ sql: String, _ parameters: [SQLiteValue]) throws(SQLiteError) {
        try withStatement(sql) { statement throws(SQLiteError) in
            try statement.bind(parameters)
            while try statement.step() {}
        }
    }

    /// Writes the file again, so that no unused page has a former text, and empties the write-ahead log.
    ///
    /// - Returns: whether other programs let the log be emptied.
    fileprivate func removeTraces() throws(SQLiteError) -> Bool {
        try execute("VACUUM")
        return try integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
}
