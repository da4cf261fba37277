/// What a member is in an organization; each role has all the scopes of those before it (contract 5.1).
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
