import Directory
import Model

/// Reading rows whose columns are those of the statements.
extension RowReader {
    /// Columns `LookUp.user`.
    mutating func user() throws(DirectoryError) -> User {
        User(
            id: try integer(), username: try text(), email: try text(), name: try text(), isActive: try boolean(),
            isSuperuser: try boolean(), isSentryApp: try boolean())
    }

    /// Columns `LookUp.organization`.
    mutating func organization() throws(DirectoryError) -> Organization {
        let (id, slug, name, number) = (try integer(), try text(), try text(), try integer())
        guard let status = Organization.Status(rawValue: Int(number)) else {
            throw corrupt("organization \(id) has status \(number)")
        }
        return Organization(id: id, slug: slug, name: name, status: status)
    }

    /// Columns `organization_id, role, team roles`.
    mutating func membership(userID: Int64) throws(DirectoryError) -> Membership {
        let (organizationID, own, teams) = (try integer(), try text(), try words())
        var roles: [Role] = []
        for name in [own] + teams {
            guard let role = Role(rawValue: name) else {
                throw corrupt("user \(userID) has the role \"\(name)\" in organization \(organizationID)")
            }
            roles.append(role)
        }
        return Membership(
            userID: userID, organizationID: organizationID, role: roles[0], teamRoles: Array(roles.dropFirst()))
    }

    /// Columns `InstallationStatement.columns`. A status that Hookline does not know, such as that of an installation
    /// that is being deleted, is not "installed".
    mutating func installation() throws(DirectoryError) -> Installation {
        Installation(
            id: try integer(), appID: try integer(), organizationID: try integer(), uuid: try text(),
            status: Installation.Status(rawValue: Int(try integer())) ?? .pending, dateAdded: try timestamp(),
            dateDeleted: try optionalTimestamp())
    }

    /// Columns `id, url, events, projects`.
    mutating func serviceHook(installationID: Int64, organizationID: Int64) throws(DirectoryError) -> ServiceHook {
        ServiceHook(
            id: try integer(), installationID: installationID, organizationID: organizationID, url: try text(),
            events: try words(), projectIDs: try words().compactMap { Int64($0) })
    }

    /// Columns `id, slug, organization_id`.
    mutating func project() throws(DirectoryError) -> Project {
        Project(id: try integer(), slug: try optionalText() ?? "", organizationID: try integer())
    }

    mutating func component() throws(DirectoryError) -> SentryAppComponent {
        SentryAppComponent(id: try integer(), appID: try integer(), type: try text(), schemaJSON: try text())
    }

    mutating func notice() throws(DirectoryError) -> DisablingNotice {
        DisablingNotice(
            id: try integer(), appID: try integer(), organizationID: try integer(), reason: try text(),
            date: try timestamp())
    }

    mutating func auditEntry() throws(DirectoryError) -> AuditEntry {
        AuditEntry(
            id: try integer(), organizationID: try integer(), event: Int(try integer()),
            actorID: try optionalInteger(), actorLabel: try optionalText() ?? "", targetObject: try optionalInteger(),
            dataJSON: try text(), date: try timestamp())
    }
}

/// Credentials.
extension RowReader {
    /// Columns of `TokenStatement`, up to the number of the choice.
    ///
    /// - Parameter digest: the SHA-256 by which the token was asked for; nil = it is the next column.
    mutating func token(digest presented: TokenDigest?) throws(DirectoryError) -> APIToken {
        let (id, userID, scopes) = (try integer(), try integer(), try scopes())
        let (expiresAt, dateAdded) = (try optionalTimestamp(), try optionalTimestamp())
        let (applicationID, status) = (try optionalInteger(), try optionalInteger())
        let origins = try optionalLines()
        let (scopingID, name, ownOrigins) = (try optionalInteger(), try text(), try optionalWords())
        skip(1)
        let digest: TokenDigest
        if let presented {
            digest = presented
        } else {
            guard let stored = TokenDigest(rawValue: try text()) else {
                throw corrupt("the SHA-256 of token \(id) is invalid")
            }
            digest = stored
        }
        var token = APIToken(
            id: id, digest: digest, userID: userID, scopes: scopes, name: name, expiresAt: expiresAt,
            dateAdded: dateAdded, allowedOrigins: ownOrigins ?? (applicationID == nil ? nil : origins ?? []))
        // 0 is active (docs/protocol.md 6.1); an application whose row is gone is not.
        token.isApplicationActive = applicationID == nil || status == 0
        token.scopingOrganizationID = scopingID
        return token
    }

    mutating func apiKey() throws(DirectoryError) -> APIKey {
        APIKey(
            id: try integer(), organizationID: try integer(), scopes: try scopes(), isActive: try integer() == 0,
            allowedOrigins: try optionalLines() ?? [])
    }

    /// Columns `LookUp.user`, then the password and the nonce.
    mutating func sessionUser() throws(DirectoryError) -> SessionUser {
        SessionUser(user: try user(), passwordHash: Secret(try text()), nonce: try optionalText().map { Secret($0) })
    }
}
