import Directory
import Model
import PostgreSQL

/// Reads every table in one transaction.
struct DocumentReader {
    let transaction: DirectoryTransaction
    let facts: TableFacts
    let keys: EncryptionKeys

    /// What reading a document needs, beside what the look-ups need.
    static func columns(_ facts: TableFacts) -> [TableColumns] {
        [LookUp.apps, .components, .installation, .serviceHook, .memberships, .userByID, .project, .tokens]
            .flatMap { $0.columns(facts) }
            + (facts.isStandalone
                ? [TableColumns(table: Tables.audit, required: ["id"] + DirectoryChange.auditColumns)] : [])
    }

    func document() throws(DirectoryError) -> DirectoryDocument {
        var document = DirectoryDocument()
        document.organizations = try transaction.rows(
            "SELECT \(LookUp.organization) FROM public.sentry_organization o ORDER BY o.id", of: Tables.organization
        ) { (row) throws(DirectoryError) in try row.organization() }
        document.users = try transaction.rows(
            "SELECT \(LookUp.user) FROM public.auth_user u ORDER BY u.id", of: Tables.user
        ) { (row) throws(DirectoryError) in try row.user() }
        document.memberships = try memberships()
        document.apps = try apps()
        document.installations = try transaction.rows(
            InstallationStatement.list("ORDER BY i.id"), of: Tables.installation
        ) { (row) throws(DirectoryError) in
            let installation = try row.installation()
            return DirectoryDocument.InstallationEntry(installation: installation, dateAdded: installation.dateAdded)
        }
        document.serviceHooks = try serviceHooks()
        document.projects = try transaction.rows(
            "SELECT p.id, p.slug, p.organization_id FROM public.sentry_project p ORDER BY p.id", of: Tables.project
        ) { (row) throws(DirectoryError) in try row.project() }
        document.issueEvents = try issueEvents()
        document.tokens = try transaction.rows(TokenStatement(facts).all, of: Tables.token) {
            (row) throws(DirectoryError) in DirectoryDocument.TokenEntry(try row.token(digest: nil))
        }
        document.auditEntries = try auditEntries()
        return document
    }

    private func memberships() throws(DirectoryError) -> [Membership] {
        try transaction.rows(
            LookUp.member(facts, "m.user_id, ") + " WHERE m.user_id IS NOT NULL ORDER BY m.user_id, m.organization_id",
            of: Tables.member
        ) { (row) throws(DirectoryError) in
            let userID = try row.integer()
            return try row.membership(userID: userID)
        }
    }

    private func apps() throws(DirectoryError) -> [DirectoryDocument.AppEntry] {
        var components: [Int64: [DirectoryDocument.Component]] = [:]
        _ = try transaction.rows(
            """
            SELECT c.id, c.sentry_app_id, c.type, c.schema::text FROM public.sentry_sentryappcomponent c
            ORDER BY \(AppStatement.componentOrder(facts))
            """, of: Tables.component
        ) { (row) throws(DirectoryError) in
            let component = try row.component()
            components[component.appID, default: []].append(
                .init(id: component.id, type: component.type, schemaJSON: component.schemaJSON))
        }
        return try transaction.rows(AppStatement(facts).sqlOfAll, of: Tables.app) { (row) throws(DirectoryError) in
            let app = try row.app(keys: keys, toleratesEncryption: false)
            return DirectoryDocument.AppEntry(
                app: app, dateAdded: app.dateAdded, components: components[app.id] ?? [])
        }
    }

    /// Hooks of installations: the original's tables have others, too.
    private func serviceHooks() throws(DirectoryError) -> [ServiceHook] {
        try transaction.rows(
            """
            SELECT i.id, i.organization_id, h.id, h.url, h.events, ARRAY(
                SELECT p.project_id::text FROM public.sentry_servicehookproject p WHERE p.service_hook_id = h.id
                ORDER BY p.project_id
            )
            FROM public.sentry_servicehook h
            JOIN public.sentry_sentryappinstallation i ON i.id = coalesce(h.installation_id, h.actor_id)
            WHERE h.project_id IS NULL ORDER BY h.id
            """, of: Tables.hook
        ) { (row) throws(DirectoryError) in
            let (installationID, organizationID) = (try row.integer(), try row.integer())
            return try row.serviceHook(installationID: installationID, organizationID: organizationID)
        }
    }

    /// The original's node store cannot be listed by event.
    private func issueEvents() throws(DirectoryError) -> [IssueEvent] {
        guard facts.isStandalone else { return [] }
        return try transaction.rows(
            """
            SELECT e.project_id, e.event_id, e.group_id FROM hookline.issue_events e
            ORDER BY e.project_id, e.event_id COLLATE "C"
            """, of: Tables.issueEvents
        ) { (row) throws(DirectoryError) in
            IssueEvent(projectID: try row.integer(), eventID: try row.text(), groupID: try row.optionalInteger())
        }
    }

    /// Of the original's log, only what Hookline itself keeps.
    private func auditEntries() throws(DirectoryError) -> [AuditEntry] {
        let table = facts.isStandalone ? Tables.audit : Tables.ownAudit
        guard facts.has(table) else { return [] }
        return try transaction.rows(
            """
            SELECT e.id, e.organization_id, e.event, e.actor_id, e.actor_label, e.target_object, e.data,
                extract(epoch FROM e.datetime)
            FROM \(table) e ORDER BY e.id
            """, of: table
        ) { (row) throws(DirectoryError) in try row.auditEntry() }
    }
}

extension DirectoryDocument.TokenEntry {
    /// The entry of a stored token.
    fileprivate init(_ token: APIToken) {
        self.init(
            id: token.id, digest: token.digest, userID: token.userID, scopes: token.scopes, name: token.name,
            expiresAt: token.expiresAt, dateAdded: token.dateAdded, allowedOrigins: token.allowedOrigins)
    }
}

extension DirectoryTransaction {
    /// Removes the role's limits for short statements, and limits the wait for locks, until the transaction ends.
    func beginLong(lockMilliseconds: Int) throws(DirectoryError) {
        try query(
            """
            SELECT set_config('statement_timeout', '0', true),
                set_config('idle_in_transaction_session_timeout', '0', true), set_config('lock_timeout', $1, true)
            """, .text("\(lockMilliseconds)ms"))
    }

    /// The tables as this transaction sees them.
    func facts() throws(DirectoryError) -> TableFacts {
        do throws(PostgreSQLError) {
            return try TableFacts { (sql, parameters) throws(PostgreSQLError) in
                try transaction.query(sql, parameters)
            }
        } catch {
            throw connections.directoryError(error)
        }
    }
}
