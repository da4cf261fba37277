package import Directory
package import Model
import PostgreSQL

extension PostgreSQLDirectory {
    package func app(id: Int64) throws(DirectoryError) -> SentryApp? {
        try app(.appByID, .integer(id), toleratesEncryption: true)
    }

    /// The original's tables have no index on this column; they have a row for each organization and app.
    package func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try rows(of: .installationByUUID, .text(uuid), from: Tables.installation) { (row) throws(DirectoryError) in
            try row.installation()
        }.first
    }

    package func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook? {
        let hooks = try rows(
            of: .serviceHook, .integer(installationID), .integer(organizationID), from: Tables.hook
        ) { (row) throws(DirectoryError) in
            try row.serviceHook(installationID: installationID, organizationID: organizationID)
        }
        guard hooks.count < 2 else {
            throw .corrupt(table: Tables.hook, reason: "installation \(installationID) has more than one service hook")
        }
        return hooks.first
    }

    package func project(slug: String, organizationID: Int64) throws(DirectoryError) -> Project? {
        try rows(of: .projectBySlug, .integer(organizationID), .text(slug), from: Tables.project) {
            (row) throws(DirectoryError) in try row.project()
        }.first
    }

    package func owners(organizationID: Int64) throws(DirectoryError) -> [User] {
        try rows(of: .owners, .integer(organizationID), from: Tables.member) { (row) throws(DirectoryError) in
            try row.user()
        }
    }

    package func pendingNotices(limit: Int) throws(DirectoryError) -> [DisablingNotice] {
        try rows(of: .pendingNotices, .integer(Int64(max(0, limit))), from: Tables.notices) {
            (row) throws(DirectoryError) in try row.notice()
        }
    }
}
