import Model

extension DirectoryImporter {
    /// Every table that a document replaces, children before their parents: all but the audit log.
    private static let tables = [
        "api_tokens", "issue_events", "service_hook_projects", "service_hooks", "projects",
        "installations", "components", "previous_secrets", "app_headers", "app_features", "app_avatars", "apps",
        "memberships", "users",
        "organizations",
    ]

    /// Reads the values that replaced rows pass on.
    func remember(_ document: DirectoryDocument) throws(SQLiteError) {
        for entry in document.apps {
            let id = entry.app.id
            remembered.appDates[id] = try date("SELECT date_added FROM apps WHERE id = ?1", .integer(id))
            remembered.componentsByApp[id] = try database.withStatement(DirectoryQuery.components.sql) {
                row throws(SQLiteError) in
                try row.bind([.integer(id)])
                var components: [SentryAppComponent] = []
                while try row.step() { components.append(row.component()) }
                return components
            }
            remembered.disablements[id] = try disablement(ofApp: id)
            remembered.previousSecrets[id] = try database.previousSecrets(ofApp: id)
        }
        for entry in document.installations {
            let id = entry.installation.id
            remembered.installationDates[id] = try date(
                "SELECT date_added FROM installations WHERE id = ?1", .integer(id))
        }
        for entry in document.tokens {
            let digest = entry.digest.rawValue
            guard let id = try database.integer("SELECT id FROM api_tokens WHERE sha256 = ?1", .text(digest)),
                let date = try date("SELECT date_added FROM api_tokens WHERE sha256 = ?1", .text(digest))
            else { continue }
            remembered.tokens[digest] = (id, date)
        }
        // Nothing follows the largest id there can be.
        remembered.lastComponentID = max(
            try database.integer("SELECT max(id) FROM components WHERE id < \(Int64.max)") ?? 0,
            document.apps.lazy.flatMap(\.components).compactMap(\.id).filter { $0 < .max }.max() ?? 0)
        remembered.lastTokenID = max(
            try database.integer("SELECT max(id) FROM api_tokens WHERE id < \(Int64.max)") ?? 0,
            document.tokens.lazy.compactMap(\.id).filter { $0 < .max }.max() ?? 0)
    }

    /// Removes the rows that the document replaces.
    func remove(_ document: DirectoryDocument, everything: Bool) throws(SQLiteError) {
        guard !everything else {
            for table in Self.tables { try database.run("DELETE FROM \(table)") }
            return
        }
        try removeByID("organizations", document.organizations.map(\.id))
        try removeByID("users", document.users.map(\.id))
        for row in document.memberships {
            try database.run(
                "DELETE FROM memberships WHERE user_id = ?1 AND organization_id = ?2", .integer(row.userID),
                .integer(row.organizationID))
        }
        for table in ["app_avatars", "app_features", "app_headers", "previous_secrets", "components"] {
            try removeByID(table, column: "app_id", document.apps.map(\.app.id))
        }
        try removeByID("apps", document.apps.map(\.app.id))
        try removeByID("installations", document.installations.map(\.installation.id))
        try removeByID("service_hook_projects", column: "service_hook_id", document.serviceHooks.map(\.id))
        try removeByID("service_hooks", document.serviceHooks.map(\.id))
        try removeByID("projects", document.projects.map(\.id))
        for row in document.issueEvents {
            try database.run(
                "DELETE FROM issue_events WHERE project_id = ?1 AND event_id = ?2", .integer(row.projectID),
                .text(row.eventID))
        }
        for row in document.tokens {
            try database.run("DELETE FROM api_tokens WHERE sha256 = ?1", .text(row.digest.rawValue))
        }
    }

    /// Drops the notices of apps that the import enabled or removed.
    func removeStaleRows() throws(SQLiteError) {
        try database.run(
            """
            DELETE FROM disabling_notices
            WHERE app_id NOT IN (SELECT id FROM apps WHERE disabled_at IS NOT NULL)
                OR organization_id NOT IN (SELECT id FROM organizations)
            """)
    }

    private func disablement(ofApp id: Int64) throws(SQLiteError) -> (date: Timestamp, reason: String)? {
        let sql = "SELECT disabled_at, disabled_reason FROM apps WHERE id = ?1 AND disabled_at IS NOT NULL"
        return try database.withStatement(sql) { row throws(SQLiteError) in
            try row.bind([.integer(id)])
            return try row.step() ? (row.timestamp(0), row.optionalText(1) ?? "") : nil
        }
    }

    private func removeByID(_ table: String, column: String = "id", _ ids: [Int64]) throws(SQLiteError) {
        for id in ids { try database.run("DELETE FROM \(table) WHERE \(column) = ?1", .integer(id)) }
    }

    private func date(_ sql: String, _ key: SQLiteValue) throws(SQLiteError) -> Timestamp? {
        try database.integer(sql, key).map(Timestamp.init(microseconds:))
    }
}
