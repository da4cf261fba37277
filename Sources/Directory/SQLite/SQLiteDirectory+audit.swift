package import Model

extension SQLiteDirectory {
    package func auditEntries(
        _ query: AuditQuery, after last: AuditEntry?, limit: Int
    ) throws(DirectoryError) -> [AuditEntry] {
        // One parameter for all codes, so that the statement is the same for any count.
        let events = query.events.map { "[" + $0.map(String.init).joined(separator: ",") + "]" }
        return try withDatabase { database throws(DirectoryError) in
            try database.rows(
                """
                SELECT \(DirectoryQuery.Columns.auditEntry) FROM audit_entries
                WHERE (?1 IS NULL OR organization_id = ?1)
                AND (?2 IS NULL OR event IN (SELECT value FROM json_each(?2)))
                AND (?3 IS NULL OR actor_label = ?3 OR actor_id = ?4)
                AND (?5 IS NULL OR date >= ?5) AND (?6 IS NULL OR (date, id) < (?6, ?7))
                ORDER BY date DESC, id DESC LIMIT ?8
                """,
                [
                    .optional(query.organizationID), .optional(events), .optional(query.actor?.label),
                    .optional(query.actor?.userID), .optional(query.since?.microseconds),
                    .optional(last?.date.microseconds), .optional(last?.id), .integer(Int64(max(0, limit))),
                ], location: path
            ) { row throws(DirectoryError) in row.auditEntry() }
        }
    }
}
