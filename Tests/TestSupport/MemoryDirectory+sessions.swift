package import Directory
package import Model
import System

/// What only the original's database has: passwords, keys, organization tokens, and copies that may lag.
extension MemoryDirectory {
    package func apiKey(_ presented: PresentedCredential) throws(DirectoryError) -> APIKey? {
        try withRows { $0.apiKeys[presented.secret.exposed] }
    }

    package func organizationToken(_ presented: PresentedCredential) throws(DirectoryError) -> OrganizationToken? {
        try withRows { $0.organizationTokens[presented.digest] }
    }

    package func sessionUser(id: Int64) throws(DirectoryError) -> SessionUser? {
        try withRows { rows in
            guard let user = rows.users.first(where: { $0.id == id }), let login = rows.logins[id] else { return nil }
            return SessionUser(
                user: user, passwordHash: Secret(login.passwordHash), nonce: login.nonce.map { Secret($0) })
        }
    }

    package func isMemberInCopies(userID: Int64, organizationID: Int64) throws(DirectoryError) -> Bool {
        try withRows { rows in
            !rows.lacksMemberCopies
                && rows.memberships.contains { $0.userID == userID && $0.organizationID == organizationID }
        }
    }

    package func organizationInCopies(id: Int64) throws(DirectoryError) -> Organization? {
        try withRows { rows in rows.lacksOrganizationCopies ? nil : rows.organizations.first { $0.id == id } }
    }

    /// What a session of a user is checked against.
    package struct Login: Sendable {
        package var passwordHash: String
        package var nonce: String?

        package init(passwordHash: String, nonce: String? = nil) {
            self.passwordHash = passwordHash
            self.nonce = nonce
        }
    }

    /// By user id.
    package var logins: [Int64: Login] {
        get { rows.withLock { $0.logins } }
        set { rows.withLock { $0.logins = newValue } }
    }

    /// By the key in clear.
    package var apiKeys: [String: APIKey] {
        get { rows.withLock { $0.apiKeys } }
        set { rows.withLock { $0.apiKeys = newValue } }
    }

    package var organizationTokens: [TokenDigest: OrganizationToken] {
        get { rows.withLock { $0.organizationTokens } }
        set { rows.withLock { $0.organizationTokens = newValue } }
    }

    /// Whether the copy of the memberships is empty.
    package var lacksMemberCopies: Bool {
        get { rows.withLock { $0.lacksMemberCopies } }
        set { rows.withLock { $0.lacksMemberCopies = newValue } }
    }

    /// Whether the copy of the organizations is empty.
    package var lacksOrganizationCopies: Bool {
        get { rows.withLock { $0.lacksOrganizationCopies } }
        set { rows.withLock { $0.lacksOrganizationCopies = newValue } }
    }
}
