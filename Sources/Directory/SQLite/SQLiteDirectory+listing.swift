package import Model

extension SQLiteDirectory {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        // One parameter for all ids, so that the statement is the same for any count.
        let owners = organizationIDs.map { "[" + $0.map(String.init).joined(separator: ",") + "]" }
        return try withDatabase { database throws(DirectoryError) in
            try database.rows(
                """
                SELECT slug FROM apps
                WHERE date_deleted IS NULL AND (?1 IS NULL OR owner_id IN (SELECT value FROM json_each(?1)))
                AND (?2 IS NULL OR status = ?2) ORDER BY date_added DESC, id DESC LIMIT ?3
                """,
                [
                    owners.map { .text($0) } ?? .null, status.map { .integer(Int64($0.rawValue)) } ?? .null,
                    .integer(Int64(max(0, limit))),
                ], location: path
            ) { row throws(DirectoryError) in row.text(0) }
        }
    }

    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT id FROM apps WHERE id > ?1 AND date_deleted IS NULL ORDER BY id LIMIT ?2",
                [.integer(id), .integer(Int64(max(0, limit)))], location: path
            ) { row throws(DirectoryError) in row.integer(0) }
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        let organizationIDs = try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT organization_id FROM memberships WHERE user_id = ?1 ORDER BY organization_id",
                [.integer(userID)], location: path
            ) { row throws(DirectoryError) in row.integer(0) }
        }
        var memberships: [Membership] = []
        for id in organizationIDs {
            // Nil when it was removed in the meantime.
            guard let membership = try membership(userID: userID, organizationID: id) else { continue }
            memberships.append(membership)
        }
        return memberships
    }
}

extension SQLiteDirectory {
    /// All apps that are not deleted with their owners, ordered by slug.
    package func apps() throws(DirectoryError) -> [(app: SentryApp, owner: Organization?)] {
        let slugs = try withDatabase { database throws(DirectoryError) in
            try database.rows("SELECT slug FROM apps WHERE date_deleted IS NULL ORDER BY slug", location: path) {
                row throws(DirectoryError) in row.text(0)
            }
        }
        var result: [(app: SentryApp, owner: Organization?)] = []
        for slug in slugs {
            // Nil when it was removed in the meantime.
            guard let app = try app(slug: slug) else { continue }
            result.append((app, try organization(id: app.ownerID)))
        }
        return result
    }

    /// The organizations with an installation of the app that is not deleted, ordered by id, at most `limit`.
    package func organizationIDs(installing appID: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                """
                SELECT DISTINCT organization_id FROM installations WHERE app_id = ?1 AND date_deleted IS NULL
                ORDER BY organization_id LIMIT ?2
                """,
                [.integer(appID), .integer(Int64(max(0, limit)))], location: path
            ) { row throws(DirectoryError) in row.integer(0) }
        }
    }
}

extension SQLiteDirectory {
    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try installations(
            "WHERE app_id = ?1 AND date_deleted IS NULL ORDER BY organization_id, id LIMIT ?2",
            .integer(appID), .integer(Int64(max(0, limit))))
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        // The plus makes SQLite use the organization's index: an app may have many more installations.
        try installations(
            """
            WHERE +app_id = ?1 AND organization_id = ?2
            ORDER BY date_deleted IS NOT NULL, date_added DESC, id DESC LIMIT 1
            """, .integer(appID), .integer(organizationID)
        ).first
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try installations("WHERE app_id = ?1 ORDER BY date_added DESC LIMIT 1", .integer(appID)).first
    }

    /// The app with this slug, deleted ones included.
    package func anyApp(slug: String) throws(DirectoryError) -> SentryApp? {
        try app(by: .anyAppBySlug, .text(slug))
    }

    private func installations(
        _ condition: String, _ parameters: SQLiteValue...
    ) throws(DirectoryError) -> [Installation] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT \(DirectoryQuery.Columns.installation) FROM installations " + condition, parameters,
                location: path
            ) { row throws(DirectoryError) in try row.installation() }
        }
    }
}

extension SQLiteDirectory {
    package func organizations() throws(DirectoryError) -> [Organization] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT \(DirectoryQuery.Columns.organization) FROM organizations ORDER BY slug", location: path
            ) { row throws(DirectoryError) in try row.organization() }
        }
    }

    package func users() throws(DirectoryError) -> [User] {
        try withDatabase { database throws(DirectoryError) in
            try database.rows("SELECT \(DirectoryQuery.Columns.user) FROM users ORDER BY username", location: path) {
                row throws(DirectoryError) in row.user()
            }
        }
    }

    package func members(
        organizationID: Int64
    ) throws(DirectoryError) -> [(user: User, membership: Membership)] {
        let users = try withDatabase { database throws(DirectoryError) in
            try database.rows(
                """
                SELECT \(DirectoryQuery.Columns.user) FROM users
                WHERE id IN (SELECT user_id FROM memberships WHERE organization_id = ?1) ORDER BY username
                """, [.integer(organizationID)], location: path
            ) { row throws(DirectoryError) in row.user() }
        }
        var members: [(user: User, membership: Membership)] = []
        for user in users {
            // Nil when it was removed in the meantime.
            guard let membership = try membership(userID: user.id, organizationID: organizationID) else { continue }
            members.append((user, membership))
        }
        return members
    }
}
