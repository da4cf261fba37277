package import Directory
package import Model
package import PostgreSQL
import System

/// Write access to a stand-alone directory in PostgreSQL.
///
/// Each change is one transaction, which holds `HooklineSchema.advisoryLock` alone. On tables that are an original's
/// every change is refused, whatever the role may do.
package struct PostgreSQLDirectoryWriter: DirectoryWriter {
    let connections: DirectoryConnections
    private let secretKeys: SecretKeyFile

    /// The database's address, without a password.
    package var name: String { connections.location }

    /// - Parameter secretKeys: decrypt and encrypt its secrets.
    package init(address: PostgreSQLAddress, secretKeys: SecretKeyFile = .none) {
        self.init(
            DirectoryConnections(
                pool: PostgreSQLPool(address: address, limits: PostgreSQLPoolLimits(maximumCount: 1)),
                limits: .init()), secretKeys: secretKeys)
    }

    init(_ connections: DirectoryConnections, secretKeys: SecretKeyFile = .none) {
        self.connections = connections
        self.secretKeys = secretKeys
    }

    package func importDocument(
        _ options: DirectoryImportOptions, at now: @autoclosure () -> Timestamp,
        document: (DirectoryDocument) throws(DirectoryImportError) -> DirectoryDocument,
        confirm: (DirectoryImportResult) -> Bool
    ) throws(DirectoryImportError) -> DirectoryImportResult {
        try DirectoryImportResult.confirmed { (end) throws(DirectoryImportError) in
            try withLock(failing: { .directory($0) }) { (transaction, facts) throws(DirectoryImportError) in
                let now = now()
                let (before, copy) = try directory { () throws(DirectoryError) in
                    let before = try DocumentReader(
                        transaction: transaction, facts: facts,
                        keys: EncryptionKeys(folder: nil, secretKeys: secretKeys).keys(for: connections.location)
                    ).document()
                    let changes = try transaction.lastChanges()
                    return (before, try SQLiteDirectoryWriter.inMemory(copying: before, lastChanges: changes))
                }
                var result = try copy.importDocument(
                    options, at: now,
                    document: { (present) throws(DirectoryImportError) in
                        try document(present.withDamage(of: before))
                    }, confirm: confirm)
                // The rows as this store has them, so that nothing depends on how the copy writes them.
                result.before = before
                let committed = try end(result)
                try directory { () throws(DirectoryError) in
                    try writer(transaction, facts, at: now).write(committed)
                }
                return committed
            }
        }
    }

    package func addToken(
        _ entry: DirectoryDocument.TokenEntry, at now: @autoclosure () -> Timestamp,
        audit: (APIToken) -> [AuditEntry.Draft]
    ) throws(DirectoryError) -> APIToken {
        try withLock(failing: { $0 }) { (transaction, facts) throws(DirectoryError) in
            let now = now()
            var entry = entry
            entry.id = try transaction.checkedID(of: entry)
            entry.dateAdded = entry.dateAdded ?? now
            let writer = writer(transaction, facts, at: now)
            try writer.insert(tokens: [entry])
            try writer.record([RowKey(.tokens, entry.digest.rawValue)])
            let token = APIToken(
                id: entry.id ?? 0, digest: entry.digest, userID: entry.userID, scopes: entry.scopes, name: entry.name,
                expiresAt: entry.expiresAt, dateAdded: entry.dateAdded, allowedOrigins: entry.allowedOrigins)
            let change = DirectoryChange(transaction: transaction, facts: facts)
            for draft in audit(token) { try change.insert(draft) }
            return token
        }
    }

    package func removeTokens(
        ids: [Int64], at now: @autoclosure () -> Timestamp, audit: [AuditEntry.Draft]
    ) throws(DirectoryError) {
        try withLock(failing: { $0 }) { (transaction, facts) throws(DirectoryError) in
            let writer = writer(transaction, facts, at: now())
            for id in ids {
                let digests = try transaction.rows(
                    "DELETE FROM public.sentry_apitoken WHERE id = $1::bigint RETURNING hashed_token", .integer(id),
                    of: Tables.token
                ) { (row) throws(DirectoryError) in try row.text() }
                guard let digest = digests.first else { throw .conflict(reason: "there is no token \(id)") }
                try transaction.query(
                    "DELETE FROM hookline.token_details WHERE token_id = $1::bigint", .integer(id))
                try writer.record([RowKey(.tokens, digest)])
            }
            let change = DirectoryChange(transaction: transaction, facts: facts)
            for draft in audit { try change.insert(draft) }
        }
    }

    private func writer(_ transaction: DirectoryTransaction, _ facts: TableFacts, at now: Timestamp) -> RowWriter {
        RowWriter(transaction: transaction, facts: facts, secretKeys: secretKeys, now: now)
    }

    /// Runs `body` in a transaction that holds the lock, on tables that are Hookline's.
    private func withLock<Result, Failure: Error>(
        failing: (DirectoryError) -> Failure, _ body: (DirectoryTransaction, TableFacts) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try connections.withStandaloneTables(
            within: connections.limits.wholeDirectory, lock: connections.limits.change, keys: secretKeys,
            failing: failing, body)
    }

    private func directory<Result>(
        _ body: () throws(DirectoryError) -> Result
    ) throws(DirectoryImportError) -> Result {
        do throws(DirectoryError) {
            return try body()
        } catch {
            throw .directory(error)
        }
    }
}

extension DirectoryDocument {
    /// The same rows, which a copy has without what is damaged, with the damage of the original rows.
    fileprivate func withDamage(of original: DirectoryDocument) -> DirectoryDocument {
        let damage = Dictionary(original.apps.map { ($0.app.id, $0.app.damagedSecrets) }) { first, _ in first }
        var document = self
        for index in document.apps.indices {
            document.apps[index].app.damagedSecrets = damage[document.apps[index].app.id] ?? []
        }
        return document
    }
}

extension TableFacts {
    /// Throws unless the tables are Hookline's.
    func requireStandalone(_ location: String) throws(DirectoryError) {
        guard !isStandalone else { return }
        guard has(Tables.app) || has(Self.originalsMigrations) else {
            throw .unopened(
                location: location,
                reason: "it has no tables of a directory; run 'hookline directory migrate --standalone'")
        }
        throw .readOnlyTables(
            location: location,
            reason: "its tables are Sentry's, and only Sentry changes them; import into a directory of your own "
                + "(docs/directory.md)")
    }
}

extension DirectoryTransaction {
    /// When rows were last changed, as far as that is recorded.
    fileprivate func lastChanges() throws(DirectoryError) -> [RowKey: Timestamp] {
        var changes: [RowKey: Timestamp] = [:]
        _ = try rows(
            "SELECT r.kind, r.key, extract(epoch FROM r.changed_at) FROM hookline.row_changes r",
            of: Tables.rowChanges
        ) { (row) throws(DirectoryError) in
            let (kind, key, time) = (try row.text(), try row.text(), try row.timestamp())
            if let kind = RowKind(rawValue: kind) { changes[RowKey(kind, key)] = time }
        }
        return changes
    }

    /// The id of a new token: the one asked for, or the next free one.
    ///
    /// - Throws: `conflict` when the token, its id or its user cannot be.
    fileprivate func checkedID(of entry: DirectoryDocument.TokenEntry) throws(DirectoryError) -> Int64 {
        let found = try rows(
            """
            SELECT EXISTS (SELECT 1 FROM public.auth_user WHERE id = $1::bigint),
                EXISTS (SELECT 1 FROM public.sentry_apitoken WHERE hashed_token = $2),
                EXISTS (SELECT 1 FROM public.sentry_apitoken WHERE id = $3::bigint),
                coalesce((SELECT max(id) FROM public.sentry_apitoken WHERE id < 9223372036854775807), 0) + 1
            """, .integer(entry.userID), .text(entry.digest.rawValue), .optional(entry.id), of: Tables.token
        ) { (row) throws(DirectoryError) in
            (
                hasUser: try row.boolean(), hasToken: try row.boolean(), hasID: try row.boolean(),
                next: try row.integer()
            )
        }
        guard let found = found.first, found.hasUser else {
            throw .conflict(reason: "there is no user \(entry.userID)")
        }
        if found.hasToken {
            throw .conflict(reason: "the token is used by another token in the directory")
        }
        if let id = entry.id, found.hasID {
            throw .conflict(reason: "the id \(id) is used by another token in the directory")
        }
        return entry.id ?? found.next
    }
}
