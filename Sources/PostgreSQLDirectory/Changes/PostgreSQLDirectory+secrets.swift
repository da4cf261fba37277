package import Directory
package import Model
import PostgreSQL
import System

extension PostgreSQLDirectory {
    package func storedSecrets() throws(DirectoryError) -> StoredSecrets {
        let facts = try facts().facts
        guard facts.hasSecrets else { return StoredSecrets([], keys: keys.secretKeys) }
        return try connections.withTransaction(
            within: connections.limits.wholeDirectory, mode: .snapshot, failing: { $0 }
        ) { (transaction) throws(DirectoryError) in
            var rows: [SecretRow] = []
            for column in SecretColumn.all(facts) { rows += try transaction.rows(of: column) }
            return StoredSecrets(rows, keys: keys.secretKeys)
        }
    }

    /// PostgreSQL keeps the former rows until it vacuums the tables, and in its write-ahead log and backups.
    package func rewriteSecrets(
        _ form: SecretRewriting, at now: Timestamp, audit: (RepairedApp) -> AuditEntry.Draft
    ) throws(DirectoryError) -> RewrittenSecrets {
        let facts = try freshFacts().facts
        try facts.requireHookline(connections.location)
        return try connections.withTransaction(within: connections.limits.wholeDirectory, failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            // Alone, like an import: other changes use the same tables in another order.
            try transaction.beginLong(lockMilliseconds: connections.limits.change.milliseconds)
            try transaction.query(
                "SELECT pg_advisory_xact_lock($1::bigint)", .integer(HooklineSchema.advisoryLock))
            keys.secretKeys.beginChange()
            try keys.secretKeys.requireReadable(for: connections.location)
            var result = RewrittenSecrets()
            for column in SecretColumn.all(facts) {
                for row in try transaction.rows(of: column) {
                    let action = try form.action(for: row, keys.secretKeys, in: connections.location)
                    try transaction.perform(action, row)
                    result.note(action, row)
                }
            }
            try result.noteRepairedApps { (id) throws(DirectoryError) in try transaction.nameOfApp(id: id) }
            let change = DirectoryChange(transaction: transaction, facts: facts)
            for app in result.repairedApps {
                try change.insert(audit(app))
                try change.record(RowKey(.apps, String(app.id)), at: now)
            }
            result.leavesTraces = result.count > 0
            return result
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
            SecretColumn(Tables.previousSecrets, ["app_id", "position"], "secret", .postgreSQL),
            SecretColumn(Tables.appHeaders, ["app_id", "position"], "value", .postgreSQL),
            SecretColumn(Tables.appSettings, ["app_id"], "signing_key", .postgreSQL),
            SecretColumn(Tables.appSettings, ["app_id"], "relay_targets", .postgreSQL),
        ] + (facts.isStandalone ? [SecretColumn(Tables.application, ["id"], "client_secret", .postgreSQL)] : [])
    }
}

extension DirectoryTransaction {
    fileprivate func rows(of column: SecretColumn) throws(DirectoryError) -> [SecretRow] {
        try rows(column.texts, of: column.table) { (row) throws(DirectoryError) in
            var keys: [Int64] = []
            for _ in column.keys { keys.append(try row.integer()) }
            return SecretRow(column, keys, try row.text())
        }
    }

    fileprivate func perform(_ action: SecretRewriting.Action, _ row: SecretRow) throws(DirectoryError) {
        let keys = row.keys.map(PostgreSQLParameter.integer)
        switch action {
        case .keep: return
        case .replace(let text), .renew(let text): try query(row.column.update, [.text(text)] + keys)
        case .remove: try query(row.column.removal, keys)
        }
    }

    /// Nil when there is no such app any more.
    fileprivate func nameOfApp(id: Int64) throws(DirectoryError) -> (slug: String, organizationID: Int64)? {
        try rows(
            "SELECT a.slug, a.owner_id FROM public.sentry_sentryapp a WHERE a.id = $1::bigint", .integer(id),
            of: Tables.app
        ) { (row) throws(DirectoryError) in (slug: try row.text(), organizationID: try row.integer()) }.first
    }

    /// Throws where the directory has encrypted secrets and the program has no key: what it wrote would be unencrypted
    /// among them.
    func requireKey(_ keys: SecretKeyFile, _ facts: TableFacts, location: String) throws(DirectoryError) {
        guard keys.path == nil else { return }
        let isEncrypted = try rows(
            SecretColumn.anyEncrypted(SecretColumn.all(facts)), of: Tables.previousSecrets
        ) { (row) throws(DirectoryError) in try row.boolean() }.first
        guard isEncrypted == true else { return }
        throw .unavailable(location: location, reason: SecretKeyProblem.keyNeeded.description)
    }
}
