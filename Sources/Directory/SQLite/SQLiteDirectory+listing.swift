package import Model

extension SQLiteDirectory: AppListing {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        // One text for all numbers, so that the statement is the same however many there are.
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

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        let organizationIDs = try withDatabase { database throws(DirectoryError) in
            try database.rows(
                "SELECT organization_id FROM memberships WHERE user_id = ?1 ORDER BY organization_id",
                [.integer(userID)], location: path
            ) { row throws(DirectoryError) in row.integer(0) }
        }
        var memberships: [Membership] = []
        for id in organizationIDs {
            // One that ended in the meantime is none.
            guard let membership = try membership(userID: userID, organizationID: id) else { continue }
            memberships.append(membership)
        }
        return memberships
    }
}
