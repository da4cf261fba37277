package import Directory
package import Model
import PostgreSQL

extension PostgreSQLDirectory {
    package func appSlugs(
        ownedBy organizationIDs: [Int64]?, status: SentryApp.Status?, limit: Int
    ) throws(DirectoryError) -> [String] {
        try rows(
            of: .appSlugs, organizationIDs.map { .textArray($0.map(String.init)) } ?? .null,
            .optional(status.map { Int64($0.rawValue) }), .integer(Int64(max(0, limit))), from: Tables.app
        ) { (row) throws(DirectoryError) in try row.text() }
    }

    package func appIDs(after id: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try rows(of: .appIDs, .integer(id), .integer(Int64(max(0, limit))), from: Tables.app) {
            (row) throws(DirectoryError) in try row.integer()
        }
    }

    package func memberships(userID: Int64) throws(DirectoryError) -> [Membership] {
        try rows(of: .memberships, .integer(userID), from: Tables.member) { (row) throws(DirectoryError) in
            try row.membership(userID: userID)
        }
    }

    package func apps() throws(DirectoryError) -> [(app: SentryApp, owner: Organization?)] {
        try rows(of: .apps, from: Tables.app) { (row) throws(DirectoryError) in
            let app = try row.app(keys: keys, toleratesEncryption: true)
            return (app: app, owner: row.isNextNull ? nil : try row.organization())
        }
    }

    package func anyApp(slug: String) throws(DirectoryError) -> SentryApp? {
        try app(.anyAppBySlug, .text(slug), toleratesEncryption: true)
    }

    package func organizationIDs(installing appID: Int64, limit: Int) throws(DirectoryError) -> [Int64] {
        try rows(
            of: .installingOrganizations, .integer(appID), .integer(Int64(max(0, limit))), from: Tables.installation
        ) { (row) throws(DirectoryError) in try row.integer() }
    }

    package func installations(appID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try rows(of: .installations, .integer(appID), .integer(Int64(max(0, limit))), from: Tables.installation) {
            (row) throws(DirectoryError) in try row.installation()
        }
    }

    package func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try rows(of: .installation, .integer(appID), .integer(organizationID), from: Tables.installation) {
            (row) throws(DirectoryError) in try row.installation()
        }.first
    }

    package func lastInstallation(appID: Int64) throws(DirectoryError) -> Installation? {
        try rows(of: .lastInstallation, .integer(appID), from: Tables.installation) { (row) throws(DirectoryError) in
            try row.installation()
        }.first
    }

    package func organizations() throws(DirectoryError) -> [Organization] {
        try rows(of: .organizations, from: Tables.organization) { (row) throws(DirectoryError) in
            try row.organization()
        }
    }

    package func users() throws(DirectoryError) -> [User] {
        try rows(of: .users, from: Tables.user) { (row) throws(DirectoryError) in try row.user() }
    }

    package func members(
        organizationID: Int64
    ) throws(DirectoryError) -> [(user: User, membership: Membership)] {
        try rows(of: .members, .integer(organizationID), from: Tables.member) { (row) throws(DirectoryError) in
            let user = try row.user()
            return (user: user, membership: try row.membership(userID: user.id))
        }
    }
}
