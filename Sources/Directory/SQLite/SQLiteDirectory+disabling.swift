package import Model

/// The changes that delivery makes. Each takes SQLite's one lock for writers before it looks, so of several processes
/// and threads that do the same thing, the others find it done.
extension SQLiteDirectory {
    package func disable(
        appID: Int64, reason: String, audit: AuditEntry.Draft, notifies: Bool
    ) throws(DirectoryError) -> Bool {
        try withTransaction { database throws(SQLiteError) in
            try database.run(
                """
                UPDATE apps SET disabled_at = ?2, disabled_reason = ?3, disabled_events = events, events = ''
                WHERE id = ?1 AND disabled_at IS NULL AND date_deleted IS NULL
                """,
                .integer(appID), .integer(audit.date.microseconds), .text(reason))
            guard database.changeCount == 1 else { return false }
            try database.insert(audit)
            if notifies {
                try database.run(
                    "INSERT INTO disabling_notices (app_id, organization_id, reason, date) VALUES (?1, ?2, ?3, ?4)",
                    .integer(appID), .integer(audit.organizationID), .text(reason), .integer(audit.date.microseconds))
            }
            return true
        }
    }

    package func enable(appID: Int64, audit: AuditEntry.Draft) throws(DirectoryError) -> Bool {
        try withTransaction { database throws(SQLiteError) in
            try database.run(
                """
                UPDATE apps SET events = coalesce(disabled_events, ''), disabled_at = NULL, disabled_reason = NULL,
                    disabled_events = NULL
                WHERE id = ?1 AND disabled_at IS NOT NULL AND date_deleted IS NULL
                """,
                .integer(appID))
            guard database.changeCount == 1 else { return false }
            try database.run("DELETE FROM disabling_notices WHERE app_id = ?1", .integer(appID))
            try database.insert(audit)
            return true
        }
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT id, app_id, organization_id, reason, date FROM disabling_notices ORDER BY id LIMIT ?1",
                [.integer(Int64(max(0, limit)))], location: path
            ) { row throws(DirectoryError) in
                DisablingNotice(
                    id: row.integer(0), appID: row.integer(1), organizationID: row.integer(2), reason: row.text(3),
                    date: row.timestamp(4))
            }
        }
    }

    package func completeNotice(id: Int64) throws(DirectoryError) {
        try withTransaction { database throws(SQLiteError) in
            try database.run("DELETE FROM disabling_notices WHERE id = ?1", .integer(id))
        }
    }
}

extension SQLiteDatabase {
    /// Writes an audit entry with the next free number.
    fileprivate func insert(_ entry: AuditEntry.Draft) throws(SQLiteError) {
        try run(
            """
            INSERT INTO audit_entries (organization_id, event, actor_id, actor_label, target_object, data, date)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            .integer(entry.organizationID), .integer(Int64(entry.event)), .optional(entry.actorID),
            .text(entry.actorLabel), .optional(entry.targetObject), .text(entry.dataJSON),
            .integer(entry.date.microseconds))
    }
}
