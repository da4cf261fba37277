extension SQLiteDirectory {
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets {
        var texts: [String] = []
        for column in SecretColumn.embedded {
            texts += try withDatabase { database throws(DirectoryError) in
                try database.rows(column.distinctTexts, location: path) { row throws(DirectoryError) in row.text(0) }
            }
        }
        return StoredSecrets(texts, keys: secretKeys)
    }

    package func rewriteSecrets(encrypting: Bool) throws(DirectoryError) -> RewrittenSecrets {
        try secretKeys.readAgain(for: path)
        let count = try withTransaction { database throws(SQLiteError) in
            var count = 0
            for column in SecretColumn.embedded {
                count += try database.rewrite(column, encrypting: encrypting)
            }
            return count
        }
        guard count > 0 else { return RewrittenSecrets(count: 0, leavesTraces: false) }
        let isClean = try withWriteConnection { database throws(DirectoryError) in
            do throws(SQLiteError) {
                return try database.removeTraces()
            } catch {
                throw DirectoryError(writing: error, location: path)
            }
        }
        return RewrittenSecrets(count: count, leavesTraces: !isClean)
    }
}

extension SecretColumn {
    static let embedded = [
        SecretColumn("apps", "client_secret"), SecretColumn("previous_secrets", "secret"),
        SecretColumn("app_headers", "value"), SecretColumn("apps", "signing_key"),
    ]

    var distinctTexts: String { "SELECT DISTINCT \(name) FROM \(table) WHERE \(name) <> ''" }
}

extension SQLiteDatabase {
    /// - Returns: how many different texts were replaced.
    fileprivate func rewrite(_ column: SecretColumn, encrypting: Bool) throws(SQLiteError) -> Int {
        let texts = try withStatement(column.distinctTexts) { statement throws(SQLiteError) in
            var texts: [String] = []
            while try statement.step() { texts.append(statement.text(0)) }
            return texts
        }
        var count = 0
        for text in texts {
            let replacement: String?
            do throws(SecretKeyProblem) {
                replacement = try secretKeys.rewritten(text, encrypting: encrypting)
            } catch {
                throw SQLiteError(keys: error)
            }
            guard let replacement else { continue }
            try run(
                "UPDATE \(column.table) SET \(column.name) = ?1 WHERE \(column.name) = ?2", .text(replacement),
                .text(text))
            count += 1
        }
        return count
    }

    /// Writes the file again, so that no unused page has a former text, and empties the write-ahead log.
    ///
    /// - Returns: whether other programs let the log be emptied.
    fileprivate func removeTraces() throws(SQLiteError) -> Bool {
        try execute("VACUUM")
        return try integer("PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }
}
