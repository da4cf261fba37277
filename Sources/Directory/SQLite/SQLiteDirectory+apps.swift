package import Model

extension SQLiteDirectory {
    /// Every app that is not deleted, with the organization that owns it, in the order of the slugs.
    package func apps() throws(DirectoryError) -> [(app: SentryApp, owner: Organization?)] {
        let slugs = try withDatabase { database throws(DirectoryError) in
            try database.rows("SELECT slug FROM apps WHERE date_deleted IS NULL ORDER BY slug", location: path) {
                row throws(DirectoryError) in row.text(0)
            }
        }
        var result: [(app: SentryApp, owner: Organization?)] = []
        for slug in slugs {
            // One that was removed in the meantime is not listed.
            guard let app = try app(slug: slug) else { continue }
            result.append((app, try organization(id: app.ownerID)))
        }
        return result
    }

    /// The organizations where the app is installed now, or about to be, in the order of their ids, at most `limit`.
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
