import Model

extension SQLiteDirectory {
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets {
        var texts: [String] = []
        for column in SecretColumn.embedded {
            texts += try withDatabase { database throws(DirectoryError) in
                try database.rows(column.texts, location: path) { row throws(DirectoryError) in
                    row.text(Int32(column.keys.count))
                }
            }
        }
        return StoredSecrets(texts, keys: secretKeys)
    }

    package func rewriteSecrets(_ form: SecretRewriting) throws(DirectoryError) -> RewrittenSecrets {
        try secretKeys.readAgain(for: path)
        var result = try withTransaction { database throws(SQLiteError) in
            var result = RewrittenSecrets()
            for column in SecretColumn.embedded { try database.rewrite(column, form, &result) }
            return result
        }
        // Also when nothing was to be rewritten: an earlier run may have been interrupted before this.
        guard form != .unencrypted else { return result }
        let isClean = try withWriteConnection { database throws(DirectoryError) in
            do throws(SQLiteError) {
                return try database.removeTraces()
            } catch {
                throw DirectoryError(writing: error, location: path)
            }
        }
        result.leavesTraces = !isClean
        return result
    }
}

extension SecretColumn {
    static let embedded = [
        SecretColumn("apps", ["id"], "client_secret"),
        SecretColumn("previous_secrets", ["app_id", "position"], "secret"),
        SecretColumn("app_headers", ["app_id", "position"], "value"), SecretColumn("apps", ["id"], "signing_key"),
    ]
}

extension SQLiteDatabase {
    fileprivate func rewrite(
        _ column: SecretColumn, _ form: SecretRewriting, _ result: inout RewrittenSecrets
    ) throws(SQLiteError) {
        let width = Int32(column.keys.count)
        let rows = try withStatement(column.texts) { statement throws(SQLiteError) in
            var rows: [(keys: [Int64], text: String)] = []
            while try statement.step() { rows.append(((0..<width).map(statement.integer), statement.text(width))) }
            return rows
        }
        for (keys, text) in rows {
            let action: SecretRewriting.Action
            do throws(SecretKeyProblem) {
                action = try form.action(for: text, in: column, secretKeys)
            } catch {
                throw SQLiteError(keys: error.of(column, appID: keys[0]))
            }
            let values = keys.map(SQLiteValue.integer)
            switch action {
            case .keep: continue
            case .replace(let text), .renew(let text): try run(column.update, [.text(text)] + values)
            case .remove: try run(column.removal, values)
            }
            result.note(action, appID: keys[0])
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
