import Model

/// Organizations, users and memberships.
extension SQLiteDirectoryRows {
    func organization(slug: String) throws(DirectoryError) -> Organization? {
        try rows(.organizationBySlug, .text(slug)) { row throws(DirectoryError) in try row.organization() }.first
    }

    func user(id: Int64) throws(DirectoryError) -> User? {
        try rows(.userByID, .integer(id)) { row throws(DirectoryError) in row.user() }.first
    }

    func user(username: String) throws(DirectoryError) -> User? {
        try rows(.userByUsername, .text(username)) { row throws(DirectoryError) in row.user() }.first
    }

    func users(email: String) throws(DirectoryError) -> [User] {
        try rows(.usersByEmail, .text(email)) { row throws(DirectoryError) in row.user() }
    }

    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try rows(.membership, .integer(userID), .integer(organizationID)) { row throws(DirectoryError) in
            try row.membership(userID: userID, organizationID: organizationID)
        }.first
    }

    func organizationIDs(ofUser id: Int64) throws(DirectoryError) -> [Int64] {
        try database.rows(
            "SELECT organization_id FROM memberships WHERE user_id = ?1 ORDER BY organization_id", [.integer(id)],
            location: location
        ) { row throws(DirectoryError) in row.integer(0) }
    }

    func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try rows(.owners, .integer(organizationID)) { row throws(DirectoryError) in row.user() }
    }

    func removeMembership(userID: Int64, organizationID: Int64) throws(DirectoryError) {
        try writing { () throws(SQLiteError) in
            try database.run(
                "DELETE FROM memberships WHERE user_id = ?1 AND organization_id = ?2", .integer(userID),
                .integer(organizationID))
            guard database.changeCount == 1 else { return }
            try database.recordChange(of: RowKey(.memberships, "\(userID)/\(organizationID)"), at: now)
        }
    }

    private func rows<Row>(
        _ query: DirectoryQuery, _ parameters: SQLiteValue..., row: (SQLiteStatement) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        try database.rows(query.sql, parameters, location: location, row: row)
    }
}
