import Model

extension SQLiteDirectory {
    /// A snapshot of the whole directory, rows ordered by key.
    package func document() throws(DirectoryError) -> DirectoryDocument {
        try withDatabase { database throws(DirectoryError) in
            try database.snapshot(location: path) { () throws(DirectoryError) in
                try DocumentReader(database: database, location: path).document()
            }
        }
    }
}

extension SQLiteDatabase {
    /// Runs `body` in a read transaction, so that all its reads see the same state.
    fileprivate func snapshot<Result>(
        location: String, _ body: () throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        do throws(SQLiteError) {
            try execute("BEGIN")
        } catch {
            throw .unavailable(location: location, reason: error.description)
        }
        // Nothing was written that a failed end could lose.
        defer { try? execute("COMMIT") }
        return try body()
    }
}

/// Reads every table.
struct DocumentReader {
    let database: SQLiteDatabase
    let location: String

    func document() throws(DirectoryError) -> DirectoryDocument {
        var document = DirectoryDocument()
        document.organizations = try rows(
            "SELECT \(DirectoryQuery.Columns.organization) FROM organizations ORDER BY id"
        ) { row throws(DirectoryError) in try row.organization() }
        document.users = try rows("SELECT \(DirectoryQuery.Columns.user) FROM users ORDER BY id") {
            row throws(DirectoryError) in row.user()
        }
        document.memberships = try rows(
            "SELECT role, team_roles, user_id, organization_id FROM memberships ORDER BY user_id, organization_id"
        ) { row throws(DirectoryError) in
            try row.membership(userID: row.integer(2), organizationID: row.integer(3))
        }
        document.apps = try apps()
        document.installations = try installations()
        document.serviceHooks = try serviceHooks()
        document.projects = try rows("SELECT id, slug, organization_id FROM projects ORDER BY id") {
            row throws(DirectoryError) in row.project()
        }
        document.issueEvents = try rows(
            "SELECT project_id, event_id, group_id FROM issue_events ORDER BY project_id, event_id"
        ) { row throws(DirectoryError) in
            IssueEvent(projectID: row.integer(0), eventID: row.text(1), groupID: row.optionalInteger(2))
        }
        document.tokens = try rows("SELECT \(DirectoryQuery.Columns.token) FROM api_tokens ORDER BY id") {
            row throws(DirectoryError) in DirectoryDocument.TokenEntry(try row.token())
        }
        document.auditEntries = try auditEntries()
        return document
    }

    /// The apps with everything that is a part of them.
    func apps(
        _ condition: String = "ORDER BY id", _ parameters: [SQLiteValue] = []
    ) throws(DirectoryError) -> [DirectoryDocument.AppEntry] {
        var apps = try rows("SELECT \(DirectoryQuery.Columns.app) FROM apps \(condition)", parameters) {
            row throws(DirectoryError) in try row.app()
        }
        return try apps.indices.map { index throws(DirectoryError) in
            let id = apps[index].id
            try database.complete(&apps[index], location: location)
            let components = try rows(DirectoryQuery.components.sql, [.integer(id)]) { row throws(DirectoryError) in
                DirectoryDocument.Component(id: row.integer(0), type: row.text(2), schemaJSON: row.text(3))
            }
            return DirectoryDocument.AppEntry(
                app: apps[index], dateAdded: apps[index].dateAdded, components: components)
        }
    }

    private func installations() throws(DirectoryError) -> [DirectoryDocument.InstallationEntry] {
        try rows("SELECT \(DirectoryQuery.Columns.installation) FROM installations ORDER BY id") {
            row throws(DirectoryError) in
            let installation = try row.installation()
            return DirectoryDocument.InstallationEntry(installation: installation, dateAdded: installation.dateAdded)
        }
    }

    private func serviceHooks() throws(DirectoryError) -> [ServiceHook] {
        var hooks = try rows("SELECT \(DirectoryQuery.Columns.serviceHook) FROM service_hooks ORDER BY id") {
            row throws(DirectoryError) in row.serviceHook()
        }
        for index in hooks.indices {
            hooks[index].projectIDs = try rows(
                DirectoryQuery.serviceHookProjects.sql, [.integer(hooks[index].id)]
            ) { row throws(DirectoryError) in row.integer(0) }
        }
        return hooks
    }

    private func auditEntries() throws(DirectoryError) -> [AuditEntry] {
        try rows("SELECT \(DirectoryQuery.Columns.auditEntry) FROM audit_entries ORDER BY id") {
            row throws(DirectoryError) in row.auditEntry()
        }
    }

    private func rows<Row>(
        _ sql: String, _ parameters: [SQLiteValue] = [], row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        try database.rows(sql, parameters, location: location, row: row)
    }
}

extension DirectoryDocument.TokenEntry {
    /// The entry of a stored token.
    fileprivate init(_ token: APIToken) {
        self.init(
            id: token.id, digest: token.digest, userID: token.userID, scopes: token.scopes, name: token.name,
            expiresAt: token.expiresAt, dateAdded: token.dateAdded, allowedOrigins: token.allowedOrigins)
    }
}
