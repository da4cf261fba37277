import Model
import Testing

@Suite struct RoleTests {
    /// docs/protocol.md 5.1, line by line: who has the scope.
    private static let table: [(Scope, [Role])] = [
        (.eventRead, [.member, .admin, .manager, .owner]), (.eventWrite, [.member, .admin, .manager, .owner]),
        (.eventAdmin, [.member, .admin, .manager, .owner]), (.projectReleases, [.member, .admin, .manager, .owner]),
        (.projectRead, [.member, .admin, .manager, .owner]), (.projectWrite, [.admin, .manager, .owner]),
        (.projectAdmin, [.admin, .manager, .owner]), (.orgRead, [.member, .admin, .manager, .owner]),
        (.orgIntegrations, [.admin, .manager, .owner]), (.orgWrite, [.manager, .owner]), (.orgAdmin, [.owner]),
        (.memberRead, [.member, .admin, .manager, .owner]), (.memberWrite, [.manager, .owner]),
        (.memberAdmin, [.manager, .owner]), (.teamRead, [.member, .admin, .manager, .owner]),
        (.teamWrite, [.admin, .manager, .owner]), (.teamAdmin, [.admin, .manager, .owner]),
        (.alertsRead, [.member, .admin, .manager, .owner]), (.alertsWrite, [.member, .admin, .manager, .owner]),
        (.orgCI, []), (.hooklineEnqueue, []), (.hooklineAdmin, []),
    ]

    @Test(arguments: Role.allCases)
    func everyRoleHasTheScopesOfTheContractAndNoOthers(role: Role) {
        let expected = RoleTests.table.filter { $0.1.contains(role) }.map(\.0)

        #expect(RoleTests.table.count == Scope.allCases.count)
        #expect(Set(role.scopes.scopes) == Set(expected))
    }

    @Test func aMemberHasTheScopesOfTheRoleAndOfAllTeamsTogether() {
        let membership = Membership(userID: 1, organizationID: 1, role: .member, teamRoles: [.member, .manager])

        #expect(membership.scopes == Role.manager.scopes)
        #expect(
            Membership(userID: 1, organizationID: 1, role: .owner, teamRoles: [.member]).scopes == Role.owner.scopes)
    }

    @Test func theFirstSixteenScopesAreInTheBitOrderOfStoredTokens() {
        #expect(
            Scope.allCases.prefix(16).map(\.rawValue) == [
                "project:read", "project:write", "project:admin", "project:releases", "team:read", "team:write",
                "team:admin", "event:read", "event:write", "event:admin", "org:read", "org:write", "org:admin",
                "member:read", "member:write", "member:admin",
            ])
        #expect(ScopeSet(.orgRead).rawValue == 1 << 10)
    }

    @Test func aSetGivesBackWhatWasPutInInOneOrder() {
        #expect(ScopeSet([Scope.orgCI, .projectRead]).scopes == [.projectRead, .orgCI])
        #expect(ScopeSet.all.scopes == Scope.allCases)
        #expect(ScopeSet([Scope]()).isEmpty)
        #expect(Scope.allCases.allSatisfy { ScopeSet($0).scopes == [$0] })
    }
}
