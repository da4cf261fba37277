import Directory
import Model
import PostgreSQL
import WireJSON

/// Writes what an import has changed into the tables of a stand-alone directory.
///
/// Rows that are changed or removed are deleted first, so that rows can exchange unique values; references are checked
/// at the end of the transaction.
struct RowWriter {
    let transaction: DirectoryTransaction
    let facts: TableFacts
    let secretKeys: SecretKeyFile
    let now: Timestamp

    func write(_ result: DirectoryImportResult) throws(DirectoryError) {
        let gone = Set(result.changes.filter { $0.action != .added }.map(\.key))
        let new = Set(result.changes.filter { $0.action != .removed }.map(\.key))
        try delete(gone)
        try insert(result.after.filtered(by: new))
        try removeStaleRows()
        try record(result.changes.map(\.key).filter { $0.kind != .auditEntries })
    }

    /// Adds the rows of a document, and replaces those with the same keys.
    func replace(_ document: DirectoryDocument) throws(DirectoryError) {
        let keys = Set(document.rows.keys)
        try delete(keys)
        try insert(document)
        try record(keys.filter { $0.kind != .auditEntries })
    }

    private func insert(_ document: DirectoryDocument) throws(DirectoryError) {
        try insert(organizations: document.organizations)
        try insert(users: document.users)
        try insert(memberships: document.memberships)
        try insert(apps: document.apps)
        try insert(installations: document.installations)
        try insert(projects: document.projects)
        try insert(hooks: document.serviceHooks)
        try insert(events: document.issueEvents)
        try insert(tokens: document.tokens)
        try insert(auditEntries: document.auditEntries)
    }

    func insert(_ batches: RowBatch...) throws(DirectoryError) {
        for batch in batches {
            for part in batch.parts { try transaction.query(batch.sql, .text(part)) }
        }
    }

    /// Records when rows were added, changed or removed.
    func record(_ keys: some Collection<RowKey>) throws(DirectoryError) {
        let keys = Array(keys)
        for start in stride(from: 0, to: keys.count, by: RowBatch.size) {
            let part = keys[start..<min(start + RowBatch.size, keys.count)]
            try transaction.query(
                """
                INSERT INTO hookline.row_changes AS r (kind, key, changed_at)
                SELECT k.kind, k.key, $3::timestamptz FROM unnest($1::text[], $2::text[]) AS k (kind, key)
                ON CONFLICT (kind, key) DO UPDATE SET changed_at = greatest(
                    r.changed_at + interval '1 microsecond', excluded.changed_at)
                """, .textArray(part.map(\.kind.rawValue)), .textArray(part.map(\.text)), .timestamp(now))
        }
    }

    /// Drops the notices of apps that the import enabled or removed.
    private func removeStaleRows() throws(DirectoryError) {
        try transaction.query(
            """
            DELETE FROM hookline.disabling_notices n
            WHERE NOT EXISTS (SELECT 1 FROM hookline.disabled_apps d WHERE d.app_id = n.app_id)
                OR NOT EXISTS (SELECT 1 FROM public.sentry_organization o WHERE o.id = n.organization_id)
            """)
    }
}

extension DirectoryDocument {
    /// Only the rows with these keys.
    fileprivate func filtered(by keys: Set<RowKey>) -> DirectoryDocument {
        var document = self
        document.organizations.removeAll { !keys.contains(RowKey(.organizations, String($0.id))) }
        document.users.removeAll { !keys.contains(RowKey(.users, String($0.id))) }
        document.memberships.removeAll { !keys.contains(RowKey(.memberships, "\($0.userID)/\($0.organizationID)")) }
        document.apps.removeAll { !keys.contains(RowKey(.apps, String($0.app.id))) }
        document.installations.removeAll { !keys.contains(RowKey(.installations, String($0.installation.id))) }
        document.serviceHooks.removeAll { !keys.contains(RowKey(.serviceHooks, String($0.id))) }
        document.projects.removeAll { !keys.contains(RowKey(.projects, String($0.id))) }
        document.issueEvents.removeAll { !keys.contains(RowKey(.issueEvents, "\($0.projectID)/\($0.eventID)")) }
        document.tokens.removeAll { !keys.contains(RowKey(.tokens, $0.digest.rawValue)) }
        document.auditEntries.removeAll { !keys.contains(RowKey(.auditEntries, String($0.id))) }
        return document
    }
}
