import Model

/// Inserting rows: an invalid row is reported and left out.
extension DirectoryImporter {
    func insertOrganization(_ row: Organization, path: String) throws(SQLiteError) {
        guard try checkID(row.id, table: "organizations", path: path),
            try checkUnique(
                "the slug \"\(row.slug)\"", table: "organizations", columns: [("slug", .text(row.slug))],
                path: path + ".slug")
        else { return }
        try database.run(
            "INSERT INTO organizations (\(DirectoryQuery.Columns.organization)) VALUES (?1, ?2, ?3, ?4)",
            .integer(row.id), .text(row.slug), .text(row.name), .integer(Int64(row.status.rawValue)))
    }

    func insertUser(_ row: User, path: String) throws(SQLiteError) {
        guard try checkID(row.id, table: "users", path: path),
            try checkUnique(
                "the user name \"\(row.username)\"", table: "users", columns: [("username", .text(row.username))],
                path: path + ".username")
        else { return }
        try database.run(
            "INSERT INTO users (\(DirectoryQuery.Columns.user)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            .integer(row.id), .text(row.username), .text(row.email), .text(row.name), .flag(row.isActive),
            .flag(row.isSuperuser), .flag(row.isSentryApp))
    }

    func insertMembership(_ row: Membership, path: String) throws(SQLiteError) {
        let hasUser = try checkReference(row.userID, table: "users", path: path + ".user_id")
        let hasOrganization = try checkReference(
            row.organizationID, table: "organizations", path: path + ".organization_id")
        guard hasUser, hasOrganization,
            try checkUnique(
                "the membership of user \(row.userID) in organization \(row.organizationID)", table: "memberships",
                columns: [("user_id", .integer(row.userID)), ("organization_id", .integer(row.organizationID))],
                path: path)
        else { return }
        try database.run(
            "INSERT INTO memberships (user_id, organization_id, role, team_roles) VALUES (?1, ?2, ?3, ?4)",
            .integer(row.userID), .integer(row.organizationID), .text(row.role.rawValue),
            words(row.teamRoles.map(\.rawValue)))
    }

    func insertInstallation(
        _ entry: DirectoryDocument.InstallationEntry, path: String
    ) throws(SQLiteError) {
        let row = entry.installation
        let hasApp = try checkReference(row.appID, table: "apps", path: path + ".app_id")
        let hasOrganization = try checkReference(
            row.organizationID, table: "organizations", path: path + ".organization_id")
        guard try checkID(row.id, table: "installations", path: path), hasApp, hasOrganization,
            try checkUnique(
                "the uuid \"\(row.uuid)\"", table: "installations", columns: [("uuid", .text(row.uuid))],
                path: path + ".uuid")
        else { return }
        let added = entry.dateAdded ?? remembered.installationDates[row.id] ?? now
        try database.run(
            """
            INSERT INTO installations (id, app_id, organization_id, uuid, status, date_added, date_deleted)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            .integer(row.id), .integer(row.appID), .integer(row.organizationID), .text(row.uuid),
            .integer(Int64(row.status.rawValue)), .integer(added.microseconds),
            .optional(row.dateDeleted?.microseconds))
    }

    func insertProject(_ row: Project, path: String) throws(SQLiteError) {
        guard try checkID(row.id, table: "projects", path: path),
            try checkReference(row.organizationID, table: "organizations", path: path + ".organization_id"),
            try checkUnique(
                "the slug \"\(row.slug)\" in organization \(row.organizationID)", table: "projects",
                columns: [("organization_id", .integer(row.organizationID)), ("slug", .text(row.slug))],
                path: path + ".slug")
        else { return }
        try database.run(
            "INSERT INTO projects (id, slug, organization_id) VALUES (?1, ?2, ?3)", .integer(row.id), .text(row.slug),
            .integer(row.organizationID))
    }

    func insertServiceHook(_ row: ServiceHook, path: String) throws(SQLiteError) {
        let hasInstallation = try checkReference(
            row.installationID, table: "installations", path: path + ".installation_id")
        let hasOrganization = try checkReference(
            row.organizationID, table: "organizations", path: path + ".organization_id")
        var hasProjects = true
        for (index, projectID) in row.projectIDs.enumerated() {
            let exists = try checkReference(projectID, table: "projects", path: path + ".project_ids[\(index)]")
            hasProjects = hasProjects && exists
        }
        guard try checkID(row.id, table: "service_hooks", path: path), hasInstallation, hasOrganization,
            hasProjects
        else { return }
        try database.run(
            "INSERT INTO service_hooks (id, installation_id, organization_id, url, events) VALUES (?1, ?2, ?3, ?4, ?5)",
            .integer(row.id), .integer(row.installationID), .integer(row.organizationID), .text(row.url),
            words(row.events))
        for projectID in row.projectIDs {
            try database.run(
                "INSERT OR IGNORE INTO service_hook_projects (service_hook_id, project_id) VALUES (?1, ?2)",
                .integer(row.id), .integer(projectID))
        }
    }

    func insertIssueEvent(_ row: IssueEvent, path: String) throws(SQLiteError) {
        guard try checkReference(row.projectID, table: "projects", path: path + ".project_id"),
            try checkUnique(
                "the event \(row.eventID) of project \(row.projectID)", table: "issue_events",
                columns: [("project_id", .integer(row.projectID)), ("event_id", .text(row.eventID))],
                path: path + ".event_id")
        else { return }
        try database.run(
            "INSERT INTO issue_events (project_id, event_id, group_id) VALUES (?1, ?2, ?3)", .integer(row.projectID),
            .text(row.eventID), .optional(row.groupID))
    }

    func insertToken(_ entry: DirectoryDocument.TokenEntry, path: String) throws(SQLiteError) {
        let digest = entry.digest.rawValue
        let known = remembered.tokens[digest]
        guard try checkReference(entry.userID, table: "users", path: path + ".user_id"),
            try checkUnique("the token", table: "api_tokens", columns: [("sha256", .text(digest))], path: path)
        else { return }
        let id = entry.id ?? known?.id ?? nextTokenID()
        guard try checkID(id, table: "api_tokens", path: path) else { return }
        let added = entry.dateAdded ?? known?.dateAdded ?? now
        try database.run(
            "INSERT INTO api_tokens (\(DirectoryQuery.Columns.token)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            .integer(id), .text(digest), .integer(entry.userID), words(entry.scopes.scopes.map(\.rawValue)),
            .text(entry.name), .integer(added.microseconds), .optional(entry.expiresAt?.microseconds),
            entry.allowedOrigins.map(words) ?? .null)
    }

    /// Adds an entry that the audit log does not have. The log only grows: a different entry with the same id is a
    /// problem. The organization and the user may have been removed since, so they need not exist.
    func insertAuditEntry(_ row: AuditEntry, path: String) throws(SQLiteError) {
        if let present = try auditEntry(id: row.id) {
            if present != row {
                report(
                    path + ".id",
                    "the audit log has another entry with the id \(row.id), and keeps it: remove this one, or import "
                        + "into a new directory")
            }
            return
        }
        try database.run(
            """
            INSERT INTO audit_entries (\(DirectoryQuery.Columns.auditEntry)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            .integer(row.id), .integer(row.organizationID), .integer(Int64(row.event)), .optional(row.actorID),
            .text(row.actorLabel), .optional(row.targetObject), .text(row.dataJSON), .integer(row.date.microseconds))
    }

    private func auditEntry(id: Int64) throws(SQLiteError) -> AuditEntry? {
        try database.withStatement("SELECT \(DirectoryQuery.Columns.auditEntry) FROM audit_entries WHERE id = ?1") {
            row throws(SQLiteError) in
            try row.bind([.integer(id)])
            return try row.step() ? row.auditEntry() : nil
        }
    }

    /// Whether no other row has this id.
    func checkID(_ id: Int64, table: String, path: String) throws(SQLiteError) -> Bool {
        try checkUnique("the id \(id)", table: table, columns: [("id", .integer(id))], path: path + ".id")
    }

    /// The value of a list column: words separated by spaces.
    func words(_ words: [String]) -> SQLiteValue {
        .text(words.joined(separator: " "))
    }

    private func nextTokenID() -> Int64 {
        remembered.lastTokenID += 1
        return remembered.lastTokenID
    }
}
