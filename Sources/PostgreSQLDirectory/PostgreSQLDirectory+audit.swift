package import Directory
package import Model
import PostgreSQL
import System

extension PostgreSQLDirectory {
    /// Beside an original, only entries in the schema `hookline`; none where there is no such schema.
    package func auditEntries(
        _ query: AuditQuery, after last: AuditEntry?, limit: Int
    ) throws(DirectoryError) -> [AuditEntry] {
        try connections.withTransaction(
            within: connections.limits.wholeDirectory, mode: .snapshot, failing: { $0 }
        ) { (transaction) throws(DirectoryError) in
            let facts = try transaction.facts()
            try facts.checkVersion(connections.location)
            let table = facts.isStandalone ? Tables.audit : Tables.ownAudit
            guard facts.has(table) else { return [] }
            let columns = TableColumns(table: table, required: ["id"] + DirectoryChange.auditColumns)
            if let missing = facts.missing([columns], location: connections.location) { throw missing }
            return try transaction.rows(
                """
                SELECT e.id, e.organization_id, e.event, e.actor_id, e.actor_label, e.target_object, e.data,
                    extract(epoch FROM e.datetime)
                FROM \(table) e
                WHERE ($1::bigint IS NULL OR e.organization_id = $1::bigint)
                AND ($2::text[] IS NULL OR e.event::text = ANY ($2::text[]))
                AND ($3::text IS NULL OR e.actor_label = $3::text OR e.actor_id = $4::bigint)
                AND ($5::timestamptz IS NULL OR e.datetime >= $5::timestamptz)
                AND ($6::timestamptz IS NULL OR (e.datetime, e.id) < ($6::timestamptz, $7::bigint))
                ORDER BY e.datetime DESC, e.id DESC LIMIT $8::bigint
                """, .optional(query.organizationID),
                query.events.map { .textArray($0.map(String.init)) } ?? .null, .optional(query.actor?.label),
                .optional(query.actor?.userID), .optional(query.since), .optional(last?.date), .optional(last?.id),
                .integer(Int64(max(0, limit))), of: table
            ) { (row) throws(DirectoryError) in try row.auditEntry() }
        }
    }
}
