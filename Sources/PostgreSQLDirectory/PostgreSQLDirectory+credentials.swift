package import Directory
package import Model
import PostgreSQL

extension PostgreSQLDirectory {
    package func token(_ presented: PresentedCredential) throws(DirectoryError) -> APIToken? {
        let facts = try facts().facts
        // A stand-alone directory has no tokens in clear, and needs none.
        let inClear = facts.isStandalone ? PostgreSQLParameter.null : .text(presented.secret.exposed)
        return try rows(of: .token, .text(presented.digest.rawValue), inClear, from: Tables.token) {
            (row) throws(DirectoryError) in try row.token(digest: presented.digest)
        }.first
    }

    package func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey? {
        try rows(of: .apiKey, .text(presented.secret.exposed), from: Tables.key) { (row) throws(DirectoryError) in
            try row.apiKey()
        }.first
    }

    package func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken? {
        try rows(of: .organizationToken, .text(presented.digest.rawValue), from: Tables.organizationToken) {
            (row) throws(DirectoryError) in
            OrganizationToken(id: try row.integer(), organizationID: try row.integer())
        }.first
    }

    package func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser? {
        try rows(of: .sessionUser, .integer(id), from: Tables.user) { (row) throws(DirectoryError) in
            try row.sessionUser()
        }.first
    }

    package func tokens() throws(DirectoryError) -> [(token: APIToken, user: User)] {
        try rows(of: .tokens, from: Tables.token) { (row) throws(DirectoryError) in
            (token: try row.token(digest: nil), user: try row.user())
        }
    }
}
