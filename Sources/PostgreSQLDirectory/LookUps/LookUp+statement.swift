/// The SQL of the statements. Parameters have casts, because columns of some releases are `integer` where ids are
/// `bigint`; tables have their schema, so that no `search_path` counts.
extension LookUp {
    func sql(_ facts: TableFacts) -> String {
        switch self {
        case .appBySlug: AppStatement(facts).sql("WHERE a.slug = $1 AND a.date_deleted IS NULL")
        case .appByProxyUser: AppStatement(facts).sql("WHERE a.proxy_user_id = $1::bigint AND a.date_deleted IS NULL")
        case .appByID: AppStatement(facts).sql("WHERE a.id = $1::bigint AND a.date_deleted IS NULL")
        case .anyAppBySlug: AppStatement(facts).sql("WHERE a.slug = $1")
        case .apps: AppStatement(facts).sqlWithOwners
        case .appSlugs: AppStatement.slugs
        case .appIDs: AppStatement.ids
        case .components: AppStatement(facts).components
        case .userByLogin: Self.userByLogin(facts)
        case .userByID: "SELECT \(Self.user) FROM public.auth_user u WHERE u.id = $1::bigint"
        case .sessionUser:
            """
            SELECT \(Self.user), u.password, \(facts.has(Tables.user, "session_nonce") ? "u.session_nonce" : "NULL")
            FROM public.auth_user u WHERE u.id = $1::bigint
            """
        case .membership: Self.member(facts) + " WHERE m.organization_id = $2::bigint AND m.user_id = $1::bigint"
        case .memberships: Self.member(facts) + " WHERE m.user_id = $1::bigint ORDER BY m.organization_id"
        case .memberCopy: Self.memberCopyStatement
        case .organizationCopy: Self.organizationCopyStatement
        case .owners: Self.ownersStatement
        case .organizationByID: "SELECT \(Self.organization) FROM public.sentry_organization o WHERE o.id = $1::bigint"
        case .organizationBySlug: "SELECT \(Self.organization) FROM public.sentry_organization o WHERE o.slug = $1"
        case .organizations:
            "SELECT \(Self.organization) FROM public.sentry_organization o ORDER BY o.slug COLLATE \"C\""
        case .users: "SELECT \(Self.user) FROM public.auth_user u ORDER BY u.username COLLATE \"C\""
        case .members:
            Self.member(facts, "\(Self.user), ")
                + """
                 JOIN public.auth_user u ON u.id = m.user_id WHERE m.organization_id = $1::bigint
                ORDER BY u.username COLLATE "C"
                """
        case .project: "SELECT p.id, p.slug, p.organization_id FROM public.sentry_project p WHERE p.id = $1::bigint"
        case .projectBySlug: Self.projectBySlugStatement
        case .token: TokenStatement(facts).sql
        case .tokens: TokenStatement(facts).list
        case .apiKey: TokenStatement.apiKey
        case .organizationToken: TokenStatement.organizationToken
        case .issueNode: Self.issueNodeStatement
        case .issueGroup: Self.issueGroupStatement
        case .ownIssueEvent:
            "SELECT e.group_id FROM hookline.issue_events e WHERE e.project_id = $1::bigint AND e.event_id = $2"
        case .hasInstallation: InstallationStatement.has
        case .installationStatistics: InstallationStatement.statistics
        case .installationByUUID: InstallationStatement.list("WHERE i.uuid = $1")
        case .installations: InstallationStatement.present
        case .installation: InstallationStatement.ofOrganization
        case .lastInstallation: InstallationStatement.last
        case .installingOrganizations: InstallationStatement.organizations
        case .organizationInstallations: InstallationStatement.allOfOrganization
        case .serviceHook: InstallationStatement.hook
        case .lastChange: Self.lastChangeStatement
        case .pendingNotices:
            """
            SELECT n.id, n.app_id, n.organization_id, n.reason, extract(epoch FROM n.date)
            FROM hookline.disabling_notices n ORDER BY n.id LIMIT $1::bigint
            """
        }
    }
}

/// Users, organizations, memberships and projects.
extension LookUp {
    static let user =
        "u.id, u.username, u.email, u.first_name, u.is_active, u.is_superuser, coalesce(u.is_sentry_app, false)"
    static let organization = "o.id, o.slug, o.name, o.status"

    /// The original's tables have no index on addresses.
    private static func userByLogin(_ facts: TableFacts) -> String {
        let byName = "SELECT \(user), 0 AS choice FROM public.auth_user u WHERE u.username = $1"
        guard facts.isStandalone else { return byName }
        // Two rows show that the address is not unique.
        return byName + """
             UNION ALL
            (SELECT \(user), 1 FROM public.auth_user u
            WHERE lower(u.email COLLATE "C") = lower($1::text COLLATE "C") LIMIT 2)
            ORDER BY choice
            """
    }

    /// - Parameter columns: columns before the others, each with a comma.
    static func member(_ facts: TableFacts, _ columns: String = "") -> String {
        "SELECT \(columns)m.organization_id, m.role, \(teamRoles(facts)) FROM public.sentry_organizationmember m"
    }

    /// An expression for the roles that the member `m` has through teams, in whatever state these are.
    private static func teamRoles(_ facts: TableFacts) -> String {
        if facts.isStandalone {
            return """
                (SELECT r.roles FROM hookline.team_roles r
                WHERE r.organization_id = m.organization_id AND r.user_id = m.user_id)
                """
        }
        guard facts.has(Tables.team, "org_role") else { return "NULL::text[]" }
        return """
            ARRAY(SELECT t.org_role::text FROM public.sentry_organizationmember_teams mt
            JOIN public.sentry_team t ON t.id = mt.team_id
            WHERE mt.organizationmember_id = m.id AND t.org_role <> '' ORDER BY mt.id)
            """
    }

    private static let memberCopyStatement = """
        SELECT 1 FROM public.sentry_organizationmembermapping m
        WHERE m.organization_id = $2::bigint AND m.user_id = $1::bigint LIMIT 1
        """
    private static let organizationCopyStatement = """
        SELECT o.organization_id, o.slug, o.name, coalesce(o.status, 0)
        FROM public.sentry_organizationmapping o WHERE o.organization_id = $1::bigint
        """
    private static let ownersStatement = """
        SELECT \(user) FROM public.sentry_organizationmember m JOIN public.auth_user u ON u.id = m.user_id
        WHERE m.organization_id = $1::bigint AND m.role = 'owner' AND u.is_active ORDER BY u.id
        """
    private static let projectBySlugStatement = """
        SELECT p.id, p.slug, p.organization_id FROM public.sentry_project p
        WHERE p.organization_id = $1::bigint AND p.slug = $2 AND p.status = 0
        """
}

/// When rows were changed.
extension LookUp {
    static let lastChangeStatement =
        "SELECT extract(epoch FROM r.changed_at) FROM hookline.row_changes r WHERE r.kind = $1 AND r.key = $2"
}

/// The issue of an event (docs/protocol.md 2.6).
extension LookUp {
    /// The database computes the node's id.
    private static let issueNodeStatement = """
        SELECT CASE WHEN octet_length(n.data) <= $3::integer THEN n.data END FROM public.nodestore_node n
        WHERE n.id = md5($1::text || ':' || $2::text)
        """
    private static let issueGroupStatement = """
        SELECT h.group_id FROM public.sentry_grouphash h
        WHERE h.project_id = $1::bigint AND h.hash = ANY ($2::text[]) AND h.group_id IS NOT NULL
        ORDER BY array_position($2::text[], h.hash::text) LIMIT 1
        """
}
