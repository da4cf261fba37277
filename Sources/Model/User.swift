/// A person, or the proxy user that acts for an app.
package struct User: Hashable, Sendable {
    package var id: Int64
    package var username: String
    package var email: String
    /// The display name.
    package var name: String
    package var isActive: Bool
    /// Whether the user may use superuser rights where nginx allows it (docs/security.md).
    package var isSuperuser: Bool
    /// Whether this is the proxy user of an app.
    package var isSentryApp: Bool

    package init(
        id: Int64, username: String, email: String, name: String = "", isActive: Bool = true,
        isSuperuser: Bool = false, isSentryApp: Bool = false
    ) {
        self.id = id
        self.username = username
        self.email = email
        self.name = name
        self.isActive = isActive
        self.isSuperuser = isSuperuser
        self.isSentryApp = isSentryApp
    }
}

/// A member's role in an organization; each role has all scopes of those before it (docs/protocol.md 5.1).
package enum Role: String, CaseIterable, Sendable {
    case member, admin, manager, owner

    package var scopes: ScopeSet {
        switch self {
        case .member: Role.memberScopes
        case .admin: Role.adminScopes
        case .manager: Role.managerScopes
        case .owner: Role.ownerScopes
        }
    }

    private static let memberScopes = ScopeSet([
        .eventRead, .eventWrite, .eventAdmin, .projectReleases, .projectRead, .orgRead, .memberRead, .teamRead,
        .alertsRead, .alertsWrite,
    ])
    private static let adminScopes = memberScopes.union(
        ScopeSet([.projectWrite, .projectAdmin, .orgIntegrations, .teamWrite, .teamAdmin]))
    private static let managerScopes = adminScopes.union(ScopeSet([.orgWrite, .memberWrite, .memberAdmin]))
    private static let ownerScopes = managerScopes.union(ScopeSet([.orgAdmin]))
}
