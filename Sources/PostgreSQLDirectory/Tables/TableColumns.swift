/// The columns that statements read, by table.
///
/// Those that some releases of the original do not have are optional: statements leave out what is not there.
struct TableColumns: Sendable {
    /// A qualified name.
    let table: String
    var required: [String]
    var optional: [String] = []

    /// All columns that `facts` has, or ought to have.
    func names(in facts: TableFacts) -> [String] {
        required + optional.filter { facts.has(table, $0) }
    }
}

/// Qualified names of the original's tables that the directory reads, and of Hookline's own.
enum Tables {
    static let app = "public.sentry_sentryapp"
    static let application = "public.sentry_apiapplication"
    static let component = "public.sentry_sentryappcomponent"
    static let installation = "public.sentry_sentryappinstallation"
    static let avatar = "public.sentry_sentryappavatar"
    static let feature = "public.sentry_integrationfeature"
    static let hook = "public.sentry_servicehook"
    static let hookProject = "public.sentry_servicehookproject"
    static let organization = "public.sentry_organization"
    static let organizationCopy = "public.sentry_organizationmapping"
    static let member = "public.sentry_organizationmember"
    static let memberCopy = "public.sentry_organizationmembermapping"
    static let memberTeam = "public.sentry_organizationmember_teams"
    static let team = "public.sentry_team"
    static let user = "public.auth_user"
    static let token = "public.sentry_apitoken"
    static let key = "public.sentry_apikey"
    static let organizationToken = "public.sentry_orgauthtoken"
    static let project = "public.sentry_project"
    static let node = "public.nodestore_node"
    static let groupHash = "public.sentry_grouphash"
    static let audit = "public.sentry_auditlogentry"

    static let state = "hookline.directory"
    static let disabledApps = "hookline.disabled_apps"
    static let notices = "hookline.disabling_notices"
    static let appSettings = "hookline.app_settings"
    static let appHeaders = "hookline.app_headers"
    static let previousSecrets = "hookline.previous_secrets"
    static let tokenDetails = "hookline.token_details"
    static let rowChanges = "hookline.row_changes"
    static let ownAudit = "hookline.audit_entries"
    static let teamRoles = "hookline.team_roles"
    static let ownAvatars = "hookline.app_avatars"
    static let ownFeatures = "hookline.app_features"
    static let issueEvents = "hookline.issue_events"

    /// The names in `public` that an inspection asks for.
    static let inspected = [
        app, application, component, installation, avatar, feature, hook, hookProject, organization, organizationCopy,
        member, memberCopy, memberTeam, team, user, token, key, organizationToken, project, node, groupHash, audit,
        TableFacts.originalsMigrations,
    ].map { String($0.dropFirst("public.".utf8.count)) }
}

/// Columns by what they make.
extension TableColumns {
    static let app = [
        TableColumns(
            table: Tables.app,
            required: [
                "id", "slug", "name", "owner_id", "status", "uuid", "author", "overview", "webhook_url", "redirect_url",
                "is_alertable", "verify_install", "events", "scope_list", "scopes", "schema", "popularity",
                "proxy_user_id", "application_id", "date_added", "date_published", "date_deleted",
            ], optional: ["is_disabled", "webhook_headers", "metadata"]),
        TableColumns(
            table: Tables.application, required: ["id", "client_id", "client_secret", "allowed_origins"]),
    ]
    static let appDecoration = [
        TableColumns(table: Tables.avatar, required: ["id", "sentry_app_id", "avatar_type", "ident", "color"]),
        TableColumns(
            table: Tables.feature, required: ["id", "target_id", "target_type", "feature", "user_description"]),
    ]
    static let ownAppDecoration = [
        TableColumns(table: Tables.ownAvatars, required: ["app_id"]),
        TableColumns(table: Tables.ownFeatures, required: ["app_id"]),
    ]
    static let appState = [
        TableColumns(table: Tables.disabledApps, required: ["app_id"]),
        TableColumns(table: Tables.appSettings, required: ["app_id", "signing_key", "relay_targets"]),
        TableColumns(table: Tables.appHeaders, required: ["app_id"]),
        TableColumns(table: Tables.previousSecrets, required: ["app_id"]),
    ]
    static let component = TableColumns(
        table: Tables.component, required: ["id", "sentry_app_id", "type", "schema"],
        optional: ["hookline_position"])
    static let installation = TableColumns(
        table: Tables.installation,
        required: ["id", "sentry_app_id", "organization_id", "uuid", "status", "date_added", "date_deleted"])
    static let hook = [
        TableColumns(
            table: Tables.hook,
            required: ["id", "actor_id", "installation_id", "organization_id", "project_id", "url", "events"]),
        TableColumns(table: Tables.hookProject, required: ["service_hook_id", "project_id"]),
    ]
    static let user = TableColumns(
        table: Tables.user,
        required: ["id", "username", "email", "first_name", "is_active", "is_superuser", "is_sentry_app"])
    static let session = TableColumns(table: Tables.user, required: ["password"], optional: ["session_nonce"])
    static let member = TableColumns(table: Tables.member, required: ["id", "organization_id", "user_id", "role"])
    static let teamRole = [
        TableColumns(table: Tables.memberTeam, required: ["id", "organizationmember_id", "team_id"]),
        TableColumns(table: Tables.team, required: ["id"], optional: ["org_role"]),
    ]
    static let ownTeamRole = TableColumns(
        table: Tables.teamRoles, required: ["organization_id", "user_id", "roles"])
    static let memberCopy = TableColumns(table: Tables.memberCopy, required: ["organization_id", "user_id"])
    static let organization = TableColumns(table: Tables.organization, required: ["id", "slug", "name", "status"])
    static let organizationCopy = TableColumns(
        table: Tables.organizationCopy, required: ["organization_id", "slug", "name", "status"])
    static let token = [
        TableColumns(
            table: Tables.token,
            required: [
                "id", "user_id", "token", "scope_list", "scopes", "expires_at", "date_added", "application_id",
            ], optional: ["hashed_token", "scoping_organization_id", "name"]),
        TableColumns(table: Tables.application, required: ["id", "status", "allowed_origins"]),
    ]
    static let tokenDetails = TableColumns(table: Tables.tokenDetails, required: ["token_id"])
    static let key = TableColumns(
        table: Tables.key,
        required: ["id", "organization_id", "key", "scope_list", "scopes", "status", "allowed_origins"])
    static let organizationToken = TableColumns(
        table: Tables.organizationToken, required: ["id", "organization_id", "token_hashed", "date_deactivated"])
    static let project = TableColumns(
        table: Tables.project, required: ["id", "slug", "organization_id", "status"])
    static let node = TableColumns(table: Tables.node, required: ["id", "data"])
    static let groupHash = TableColumns(table: Tables.groupHash, required: ["project_id", "hash", "group_id"])
    static let ownEvent = TableColumns(table: Tables.issueEvents, required: ["project_id", "event_id", "group_id"])
    static let notices = TableColumns(table: Tables.notices, required: ["id"])
    static let rowChanges = TableColumns(table: Tables.rowChanges, required: ["kind", "key", "changed_at"])
}
