package import Directory
import Model
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
            for column in SecretColumn.all(facts) { texts += try transaction.rows(of: column).map(\.text) }
            return StoredSecrets(texts, keys: keys.secretKeys)
        }
    }

    /// PostgreSQL keeps the former rows until it vacuums the tables, and in its write-ahead log and backups.
    package func rewriteSecrets(_ form: SecretRewriting) throws(DirectoryError) -> RewrittenSecrets {
        let facts = try freshFacts().facts
        try facts.requireHookline(connections.location)
        try keys.secretKeys.readAgain(for: connections.location)
        return try connections.withTransaction(within: connections.limits.wholeDirectory, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            // Alone, like an import: other changes use the same tables in another order.
            try transaction.beginLong(lockMilliseconds: connections.limits.change.milliseconds)
            try transaction.query(
                "SELECT pg_advisory_xact_lock($1::bigint)", .integer(HooklineSchema.advisoryLock))
            var result = RewrittenSecrets()
            for column in SecretColumn.all(facts) { try rewrite(column, transaction, form, &result) }
            result.leavesTraces = result.count > 0
            return result
        }
    }

    private func rewrite(
        _ column: SecretColumn, _ transaction: DirectoryTransaction, _ form: SecretRewriting,
        _ result: inout RewrittenSecrets
    ) throws(DirectoryError) {
        for (keys, text) in try transaction.rows(of: column) {
            let action: SecretRewriting.Action
            do throws(SecretKeyProblem) {
                action = try form.action(for: text, in: column, self.keys.secretKeys)
            } catch {
                throw .unavailable(
                    location: connections.location, reason: error.of(column, appID: keys[0]).description)
            }
            let values = keys.map(PostgreSQLParameter.integer)
            let target = "FROM \(column.table) WHERE \(column.condition(first: 1))"
            switch action {
            case .keep: continue
            case .replace(let text), .renew(let text):
                try transaction.query(
                    "UPDATE \(column.table) SET \(column.name) = $1 WHERE \(column.condition(first: 2))",
                    [.text(text)] + values)
            case .remove:
                try transaction.query(
                    column.isRow
                        ? "DELETE \(target)"
                        : "UPDATE \(column.table) SET \(column.name) = NULL WHERE \(column.condition(first: 1))",
                    values)
            }
            result.note(action, appID: keys[0])
        }
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
            SecretColumn(Tables.previousSecrets, ["app_id", "position"], "secret"),
            SecretColumn(Tables.appHeaders, ["app_id", "position"], "value"),
            SecretColumn(Tables.appSettings, ["app_id"], "signing_key"),
        ] + (facts.isStandalone ? [SecretColumn(Tables.application, ["id"], "client_secret")] : [])
    }

    fileprivate func condition(first: Int) -> String {
        keys.enumerated().map { "\($1) = $\($0 + first)::bigint" }.joined(separator: " AND ")
    }
}

extension DirectoryTransaction {
    fileprivate func rows(of column: SecretColumn) throws(DirectoryError) -> [(keys: [Int64], text: String)] {
        try rows(column.texts, of: column.table) { (row) throws(DirectoryError) in
            var keys: [Int64] = []
            for _ in column.keys { keys.append(try row.integer()) }
            return (keys, try row.text())
        }
    }

    /// Throws where the directory has encrypted secrets and the program has no key: what it wrote would be unencrypted
    /// among them.
    func requireKey(_ keys: SecretKeyFile, _ facts: TableFacts, location: String) throws(DirectoryError) {
        guard keys.path == nil else { return }
        let conditions = SecretColumn.all(facts).map {
            "EXISTS (SELECT 1 FROM \($0.table) WHERE \($0.name) LIKE '\(Secret.encryptedPrefix)%')"
        }
        let isEncrypted = try rows(
            "SELECT \(conditions.joined(separator: " OR "))", of: Tables.previousSecrets
        ) { (row) throws(DirectoryError) in try row.boolean() }.first
        guard isEncrypted == true else { return }
        throw .unavailable(location: location, reason: SecretKeyProblem.keyNeeded.description)
    }
}
