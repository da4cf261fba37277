package import Model

extension SQLiteDirectory {
    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try installations(
            "WHERE app_id = ?1 AND date_deleted IS NULL ORDER BY organization_id, id LIMIT ?2",
            .integer(appID), .integer(Int64(max(0, limit))))
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        // The plus keeps to the organization's index: an app may have many more installations than an organization.
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

    /// The app with this slug, also when it is deleted; for operators, who ask what became of it.
    package func app(slugWhetherDeleted slug: String) throws(DirectoryError) -> SentryApp? {
        try app(by: .appBySlugWhetherDeleted, .text(slug))
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
