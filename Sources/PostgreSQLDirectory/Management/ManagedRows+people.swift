import Directory
import Model
import PostgreSQL

/// Organizations, users and memberships.
extension ManagedRows {
    func organization(slug: String) throws(DirectoryError) -> Organization? {
        try transaction.rows(LookUp.organizationBySlug.sql(facts), .text(slug), of: Tables.organization) {
            (row) throws(DirectoryError) in try row.organization()
        }.first
    }

    func user(id: Int64) throws(DirectoryError) -> User? {
        try transaction.rows(LookUp.userByID.sql(facts), .integer(id), of: Tables.user) {
            (row) throws(DirectoryError) in try row.user()
        }.first
    }

    func user(username: String) throws(DirectoryError) -> User? {
        try transaction.rows(
            "SELECT \(LookUp.user) FROM public.auth_user u WHERE u.username = $1", .text(username), of: Tables.user
        ) { (row) throws(DirectoryError) in try row.user() }.first
    }

    func users(email: String) throws(DirectoryError) -> [User] {
        try transaction.rows(
            """
            SELECT \(LookUp.user) FROM public.auth_user u
            WHERE lower(u.email COLLATE "C") = lower($1::text COLLATE "C") LIMIT 2
            """, .text(email), of: Tables.user
        ) { (row) throws(DirectoryError) in try row.user() }
    }

    func membership(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Membership? {
        try transaction.rows(
            LookUp.membership.sql(facts), .integer(userID), .integer(organizationID), of: Tables.member
        ) { (row) throws(DirectoryError) in try row.membership(userID: userID) }.first
    }

    func organizationIDs(ofUser id: Int64) throws(DirectoryError) -> [Int64] {
        try transaction.rows(
            """
            SELECT m.organization_id FROM public.sentry_organizationmember m WHERE m.user_id = $1::bigint
            ORDER BY m.organization_id
            """, .integer(id), of: Tables.member
        ) { (row) throws(DirectoryError) in try row.integer() }
    }

    func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try transaction.rows(LookUp.owners.sql(facts), .integer(organizationID), of: Tables.member) {
            (row) throws(DirectoryError) in try row.user()
        }
    }

    func removeMembership(userID: Int64, organizationID: Int64) throws(DirectoryError) {
        guard try membership(userID: userID, organizationID: organizationID) != nil else { return }
        let key = RowKey(.memberships, "\(userID)/\(organizationID)")
        try writer.delete([key])
        try writer.record([key])
    }
}
