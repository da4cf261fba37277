package import Directory
import PostgreSQL
import System

extension PostgreSQLDirectory {
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets {
        let facts = try facts().facts
        guard facts.hasSecrets else { return StoredSecrets([], keys: keys.secretKeys) }
        return try connections.withTransaction(
            within: connections.limits.wholeDirectory, mode: .snapshot, failing: { $0 }
        ) { (transaction) throws(DirectoryError) in
            var texts: [String] = []
            for column in SecretColumn.all(facts) { texts += try transaction.texts(of: column) }
            return StoredSecrets(texts, keys: keys.secretKeys)
        }
    }

    /// PostgreSQL keeps the former rows until it vacuums the tables, and in its write-ahead log and backups.
    package func rewriteSecrets(encrypting: Bool) throws(DirectoryError) -> RewrittenSecrets {
        let facts = try freshFacts().facts
        try facts.requireHookline(connections.location)
        try keys.secretKeys.readAgain(for: connections.location)
        return try connections.withTransaction(within: connections.limits.wholeDirectory, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            try DirectoryChange(transaction: transaction, facts: facts)
                .begin(lockMilliseconds: connections.limits.lock.milliseconds)
            var count = 0
            for column in SecretColumn.all(facts) {
                count += try rewrite(column, transaction, encrypting: encrypting)
            }
            return RewrittenSecrets(count: count, leavesTraces: count > 0)
        }
    }

    /// - Returns: how many different texts were replaced.
    private func rewrite(
        _ column: SecretColumn, _ transaction: DirectoryTransaction, encrypting: Bool
    ) throws(DirectoryError) -> Int {
        try transaction.query("LOCK TABLE \(column.table) IN SHARE ROW EXCLUSIVE MODE")
        var count = 0
        for text in try transaction.texts(of: column) {
            let replacement: String?
            do throws(SecretKeyProblem) {
                replacement = try keys.secretKeys.rewritten(text, encrypting: encrypting)
            } catch {
                throw .unavailable(location: connections.location, reason: error.description)
            }
            guard let replacement else { continue }
            try transaction.query(
                "UPDATE \(column.table) SET \(column.name) = $1 WHERE \(column.name) = $2", .text(replacement),
                .text(text))
            count += 1
        }
        return count
    }
}

extension TableFacts {
    /// Whether there are tables with secrets of Hookline's.
    fileprivate var hasSecrets: Bool { has(Tables.previousSecrets) && has(Tables.appHeaders) }
}

extension SecretColumn {
    /// The client secrets of an original are its own, and stay as they are.
    fileprivate static func all(_ facts: TableFacts) -> [SecretColumn] {
        [
            SecretColumn(Tables.previousSecrets, "secret"), SecretColumn(Tables.appHeaders, "value"),
            SecretColumn(Tables.appSettings, "signing_key"),
        ]
            + (facts.isStandalone ? [SecretColumn(Tables.application, "client_secret")] : [])
    }
}

extension DirectoryTransaction {
    fileprivate func texts(of column: SecretColumn) throws(DirectoryError) -> [String] {
        try rows(
            "SELECT DISTINCT \(column.name) FROM \(column.table) WHERE \(column.name) <> ''", of: column.table
        ) { (row) throws(DirectoryError) in try row.text() }
    }
}
