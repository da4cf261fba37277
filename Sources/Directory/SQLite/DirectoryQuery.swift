/// The SQL of the lookups that requests make. Each uses an index.
enum DirectoryQuery: Int, CaseIterable {
    case appBySlug
    case anyAppBySlug
    case appByProxyUser
    case appByID
    case avatars
    case features
    case headers
    case previousSecrets
    case components
    case userByUsername
    case usersByEmail
    case userByID
    case membership
    case token
    case organizationByID
    case organizationBySlug
    case project
    case projectBySlug
    case issueEvent
    case hasInstallation
    case installationTotals
    case installationsInRange
    case installationByUUID
    case serviceHooks
    case serviceHookProjects
    case owners

    var sql: String { DirectoryQuery.statements[rawValue] }

    private static let statements = allCases.map(\.statement)

    private var statement: String {
        switch self {
        case .appBySlug: "SELECT \(Columns.app) FROM apps WHERE slug = ?1 AND date_deleted IS NULL"
        case .anyAppBySlug: "SELECT \(Columns.app) FROM apps WHERE slug = ?1"
        case .appByProxyUser: "SELECT \(Columns.app) FROM apps WHERE proxy_user_id = ?1 AND date_deleted IS NULL"
        case .appByID: "SELECT \(Columns.app) FROM apps WHERE id = ?1 AND date_deleted IS NULL"
        case .avatars: "SELECT type, uuid, is_color FROM app_avatars WHERE app_id = ?1 ORDER BY position"
        case .features: "SELECT id, gate, description FROM app_features WHERE app_id = ?1 ORDER BY position"
        case .headers: "SELECT name, value FROM app_headers WHERE app_id = ?1 ORDER BY position"
        case .previousSecrets:
            "SELECT secret, valid_until FROM previous_secrets WHERE app_id = ?1 ORDER BY position"
        case .components: "SELECT id, app_id, type, schema FROM components WHERE app_id = ?1 ORDER BY position"
        case .userByUsername: "SELECT \(Columns.user) FROM users WHERE username = ?1"
        // Two rows show that the address is not unique.
        case .usersByEmail: "SELECT \(Columns.user) FROM users WHERE email = ?1 COLLATE NOCASE LIMIT 2"
        case .userByID: "SELECT \(Columns.user) FROM users WHERE id = ?1"
        case .membership: "SELECT role, team_roles FROM memberships WHERE user_id = ?1 AND organization_id = ?2"
        case .token: "SELECT \(Columns.token) FROM api_tokens WHERE sha256 = ?1"
        case .organizationByID: "SELECT \(Columns.organization) FROM organizations WHERE id = ?1"
        case .organizationBySlug: "SELECT \(Columns.organization) FROM organizations WHERE slug = ?1"
        case .project: "SELECT id, slug, organization_id FROM projects WHERE id = ?1"
        case .projectBySlug:
            "SELECT id, slug, organization_id FROM projects WHERE organization_id = ?1 AND slug = ?2"
        case .issueEvent: "SELECT group_id FROM issue_events WHERE project_id = ?1 AND event_id = ?2"
        case .hasInstallation:
            """
            SELECT 1 FROM installations WHERE app_id = ?1 AND organization_id = ?2 AND date_deleted IS NULL LIMIT 1
            """
        case .installationTotals: "SELECT count(*), count(date_deleted) FROM installations WHERE app_id = ?1"
        case .installationsInRange:
            """
            SELECT date_added, date_deleted FROM installations
            WHERE app_id = ?1 AND date_added BETWEEN ?2 AND ?3 ORDER BY date_added
            """
        case .installationByUUID: "SELECT \(Columns.installation) FROM installations WHERE uuid = ?1"
        // Two rows show that there is more than one.
        case .serviceHooks:
            """
            SELECT \(Columns.serviceHook) FROM service_hooks
            WHERE installation_id = ?1 AND organization_id = ?2 ORDER BY id LIMIT 2
            """
        case .serviceHookProjects:
            "SELECT project_id FROM service_hook_projects WHERE service_hook_id = ?1 ORDER BY project_id"
        case .owners:
            """
            SELECT \(Columns.user) FROM memberships CROSS JOIN users ON users.id = memberships.user_id
            WHERE organization_id = ?1 AND role = 'owner' AND is_active ORDER BY memberships.user_id
            """
        }
    }

    /// Column lists that several statements share, in the order in which rows are read.
    enum Columns {
        static let organization = "id, slug, name, status"
        static let user = "id, username, email, name, is_active, is_superuser, is_sentry_app"
        static let token = "id, sha256, user_id, scopes, name, date_added, expires_at, allowed_origins"
        static let installation = "id, app_id, organization_id, uuid, status, date_added, date_deleted"
        static let serviceHook = "id, installation_id, organization_id, url, events"
        static let auditEntry = "id, organization_id, event, actor_id, actor_label, target_object, data, date"
        static let app = """
            id, slug, name, owner_id, status, uuid, author, overview, webhook_url, redirect_url, is_alertable, \
            verify_install, events, scopes, schema, popularity, proxy_user_id, client_id, client_secret, \
            allowed_origins, date_added, date_published, date_deleted, \
            webhook_timeout_ms, disabled_at, disabled_reason, disabled_events, delivery_policy, signing_key, \
            relay_targets
            """
    }
}
