package import Model

extension SQLiteDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try app(by: .appByID, .integer(id))
    }

    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try rows(of: .installationByUUID, .text(uuid)) { row throws(DirectoryError) in try row.installation() }.first
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        try withDatabase { database throws(DirectoryError) in
            let hooks = try rows(of: .serviceHooks, [.integer(installationID), .integer(organizationID)], in: database)
            {
                row throws(DirectoryError) in row.serviceHook()
            }
            guard hooks.count < 2 else {
                throw .corrupt(
                    table: "service_hooks", reason: "installation \(installationID) has more than one service hook")
            }
            guard var hook = hooks.first else { return nil }
            hook.projectIDs = try rows(of: .serviceHookProjects, [.integer(hook.id)], in: database) {
                row throws(DirectoryError) in row.integer(0)
            }
            return hook
        }
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try rows(of: .projectBySlug, .integer(organizationID), .text(slug)) { row throws(DirectoryError) in
            row.project()
        }.first
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try rows(of: .owners, .integer(organizationID)) { row throws(DirectoryError) in row.user() }
    }
}

/// The changes that delivery makes. Each takes SQLite's write lock before it reads, so that of several processes and
/// threads that make the same change, one does.
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
            try database.recordChange(of: RowKey(.apps, String(appID)), at: audit.date)
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
            try database.recordChange(of: RowKey(.apps, String(appID)), at: audit.date)
            return true
        }
    }

    package func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try withTransaction { database throws(SQLiteError) in try database.insert(audit) }
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
    /// Writes an audit entry with the next free id.
    func insert(_ entry: AuditEntry.Draft) throws(SQLiteError) {
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
