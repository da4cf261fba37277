import Directory
import Model
import WireJSON

extension RowWriter {
    func insert(organizations: [Organization]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.organization, [("id", "bigint"), ("slug", "text"), ("name", "text"), ("status", "integer")])
        for row in organizations {
            batch.append([.integer(row.id), .string(row.slug), .string(row.name), .integer(row.status.rawValue)])
        }
        try insert(batch)
    }

    func insert(users: [User]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.user,
            [
                ("id", "bigint"), ("username", "text"), ("email", "text"), ("first_name", "text"),
                ("is_active", "boolean"), ("is_superuser", "boolean"), ("is_sentry_app", "boolean"),
            ])
        for row in users {
            batch.append([
                .integer(row.id), .string(row.username), .string(row.email), .string(row.name), .bool(row.isActive),
                .bool(row.isSuperuser), .bool(row.isSentryApp),
            ])
        }
        try insert(batch)
    }

    func insert(memberships: [Membership]) throws(DirectoryError) {
        var members = RowBatch(
            Tables.member, [("organization_id", "bigint"), ("user_id", "bigint"), ("role", "text")])
        var teams = RowBatch(
            Tables.teamRoles, [("organization_id", "bigint"), ("user_id", "bigint"), ("roles", "text[]")])
        for row in memberships {
            members.append([.integer(row.organizationID), .integer(row.userID), .string(row.role.rawValue)])
            guard !row.teamRoles.isEmpty else { continue }
            teams.append([
                .integer(row.organizationID), .integer(row.userID), .texts(row.teamRoles.map(\.rawValue)),
            ])
        }
        try insert(members, teams)
    }

    func insert(installations: [DirectoryDocument.InstallationEntry]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.installation,
            [
                ("id", "bigint"), ("sentry_app_id", "bigint"), ("organization_id", "bigint"), ("uuid", "text"),
                ("status", "integer"), ("date_added", "timestamptz"), ("date_updated", "timestamptz"),
                ("date_deleted", "timestamptz"),
            ])
        for row in installations.map(\.installation) {
            batch.append([
                .integer(row.id), .integer(row.appID), .integer(row.organizationID), .string(row.uuid),
                .integer(row.status.rawValue), .date(row.dateAdded), .date(now), .optional(row.dateDeleted),
            ])
        }
        try insert(batch)
    }

    func insert(projects: [Project]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.project, [("id", "bigint"), ("slug", "text"), ("organization_id", "bigint"), ("status", "integer")])
        for row in projects {
            batch.append([.integer(row.id), .string(row.slug), .integer(row.organizationID), .integer(0)])
        }
        try insert(batch)
    }

    func insert(hooks: [ServiceHook]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.hook,
            [
                ("id", "bigint"), ("actor_id", "bigint"), ("installation_id", "bigint"), ("organization_id", "bigint"),
                ("url", "text"), ("events", "text[]"),
            ])
        var projects = RowBatch(Tables.hookProject, [("service_hook_id", "bigint"), ("project_id", "bigint")])
        for row in hooks {
            batch.append([
                .integer(row.id), .integer(row.installationID), .integer(row.installationID),
                .integer(row.organizationID), .string(row.url), .texts(row.events),
            ])
            for project in row.projectIDs { projects.append([.integer(row.id), .integer(project)]) }
        }
        try insert(batch, projects)
    }

    func insert(events: [IssueEvent]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.issueEvents, [("project_id", "bigint"), ("event_id", "text"), ("group_id", "bigint")])
        for row in events { batch.append([.integer(row.projectID), .string(row.eventID), .optional(row.groupID)]) }
        try insert(batch)
    }

    /// Each has an id and a date.
    func insert(tokens: [DirectoryDocument.TokenEntry]) throws(DirectoryError) {
        var batch = RowBatch(
            Tables.token,
            [
                ("id", "bigint"), ("user_id", "bigint"), ("hashed_token", "text"), ("scope_list", "text[]"),
                ("expires_at", "timestamptz"), ("date_added", "timestamptz"),
            ])
        var details = RowBatch(
            Tables.tokenDetails, [("token_id", "bigint"), ("name", "text"), ("allowed_origins", "text[]")])
        for row in tokens {
            batch.append([
                .optional(row.id), .integer(row.userID), .string(row.digest.rawValue), .scopes(row.scopes),
                .optional(row.expiresAt), .date(row.dateAdded ?? now),
            ])
            guard !row.name.isEmpty || row.allowedOrigins != nil else { continue }
            details.append([.optional(row.id), .string(row.name), row.allowedOrigins.map(JSONValue.texts) ?? .null])
        }
        try insert(batch, details)
    }

    /// Entries that are written later get numbers above these.
    func insert(auditEntries: [AuditEntry]) throws(DirectoryError) {
        guard !auditEntries.isEmpty else { return }
        var batch = RowBatch(
            Tables.audit,
            [
                ("id", "bigint"), ("organization_id", "bigint"), ("event", "integer"), ("actor_id", "bigint"),
                ("actor_label", "text"), ("target_object", "bigint"), ("data", "text"), ("datetime", "timestamptz"),
            ])
        for row in auditEntries {
            batch.append([
                .integer(row.id), .integer(row.organizationID), .integer(row.event), .optional(row.actorID),
                .string(row.actorLabel), .optional(row.targetObject), .string(row.dataJSON), .date(row.date),
            ])
        }
        try insert(batch)
        try transaction.query(
            """
            SELECT setval('public.sentry_auditlogentry_id_seq', greatest(
                (SELECT max(e.id) FROM public.sentry_auditlogentry e WHERE e.id < 4611686018427387904),
                (SELECT s.last_value FROM public.sentry_auditlogentry_id_seq s)))
            """)
    }
}
