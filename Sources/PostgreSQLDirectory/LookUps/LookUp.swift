/// The statements of the directory.
enum LookUp: Int, CaseIterable, Sendable {
    // Made for requests and by delivery: each is served by an index.
    case appBySlug, appByProxyUser, appByID, anyAppBySlug, components
    case userByLogin, userByID, sessionUser
    case membership, memberCopy, organizationCopy
    case organizationByID, organizationBySlug
    case token, apiKey, organizationToken
    case project, projectBySlug
    case issueNode, issueGroup, ownIssueEvent
    case hasInstallation, installationStatistics, installationByUUID
    case serviceHook, owners, pendingNotices

    // Lists.
    case appSlugs, appIDs, apps, memberships, installingOrganizations, installations, installation, lastInstallation
    case tokens, organizationInstallations, organizations, users, members

    // Made for the management API.
    case lastChange

    /// The tables and columns that the statement reads in a database with these tables.
    func columns(_ facts: TableFacts) -> [TableColumns] {
        switch self {
        case .appBySlug, .appByProxyUser, .appByID, .anyAppBySlug: Self.appColumns(facts)
        case .apps: Self.appColumns(facts) + [.organization]
        case .components: [.component]
        case .userByLogin, .userByID, .users: [.user]
        case .sessionUser: [.user, .session]
        case .membership, .memberships: [.member] + Self.teamRoleColumns(facts)
        case .members: [.member, .user] + Self.teamRoleColumns(facts)
        case .memberCopy: [.memberCopy]
        case .organizationCopy: [.organizationCopy]
        case .organizationByID, .organizationBySlug, .organizations: [.organization]
        case .token: Self.tokenColumns(facts)
        case .tokens: Self.tokenColumns(facts) + [.user]
        case .apiKey: [.key]
        case .organizationToken: [.organizationToken]
        case .project, .projectBySlug: [.project]
        case .issueNode: [.node]
        case .issueGroup: [.groupHash]
        case .ownIssueEvent: [.ownEvent]
        case .hasInstallation, .installationStatistics, .installationByUUID, .installingOrganizations,
            .installations, .installation, .lastInstallation, .organizationInstallations:
            [.installation]
        case .serviceHook: TableColumns.hook
        case .owners: [.member, .user]
        case .pendingNotices: [.notices]
        case .lastChange: [.rowChanges]
        case .appIDs: [TableColumns(table: Tables.app, required: ["id", "date_deleted"])]
        case .appSlugs:
            [
                TableColumns(
                    table: Tables.app, required: ["id", "slug", "owner_id", "status", "date_added", "date_deleted"])
            ]
        }
    }

    /// Whether a database without the statement's table has no such rows, rather than not being a directory.
    func isOptional(_ facts: TableFacts) -> Bool {
        switch self {
        case .sessionUser: facts.isStandalone
        case .apiKey, .organizationToken, .memberCopy, .organizationCopy, .issueNode, .issueGroup, .ownIssueEvent,
            .pendingNotices, .lastChange:
            true
        case .appBySlug, .appByProxyUser, .appByID, .anyAppBySlug, .components, .userByLogin, .userByID, .membership,
            .organizationByID, .organizationBySlug, .token, .project, .projectBySlug, .hasInstallation,
            .installationStatistics, .installationByUUID, .serviceHook, .owners, .appSlugs, .appIDs, .apps,
            .memberships, .installingOrganizations, .installations, .installation, .lastInstallation, .tokens,
            .organizationInstallations, .organizations, .users, .members:
            false
        }
    }

    private static func appColumns(_ facts: TableFacts) -> [TableColumns] {
        TableColumns.app + (facts.isStandalone ? TableColumns.ownAppDecoration : TableColumns.appDecoration)
            + (facts.mayUseHookline == nil ? [] : TableColumns.appState)
    }

    private static func teamRoleColumns(_ facts: TableFacts) -> [TableColumns] {
        if facts.isStandalone { return [.ownTeamRole] }
        return facts.has(Tables.team, "org_role") ? TableColumns.teamRole : []
    }

    private static func tokenColumns(_ facts: TableFacts) -> [TableColumns] {
        TableColumns.token + (facts.mayUseHookline == nil ? [] : [.tokenDetails])
    }
}
