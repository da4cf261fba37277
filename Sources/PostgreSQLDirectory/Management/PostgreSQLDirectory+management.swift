package import Directory
package import Model
import PostgreSQL
import System

extension PostgreSQLDirectory {
    package func managementProblem() throws(DirectoryError) -> DirectoryError? {
        let facts = try facts().facts
        do throws(DirectoryError) {
            try facts.requireStandalone(connections.location)
        } catch {
            return error
        }
        return facts.missingManagementRight(location: connections.location)
    }

    package func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp? {
        try rows(of: .lastChange, .text(key.kind.rawValue), .text(key.text), from: Tables.rowChanges) {
            (row) throws(DirectoryError) in try row.timestamp()
        }.first
    }

    package func installations(organizationID: Int64, limit: Int) throws(DirectoryError) -> [Installation] {
        try rows(
            of: .organizationInstallations, .integer(organizationID), .integer(Int64(max(0, limit))),
            from: Tables.installation
        ) { (row) throws(DirectoryError) in try row.installation() }
    }

    package func changeRows<Result, Failure: Error>(
        at now: Timestamp, failing: (DirectoryError) -> Failure,
        _ body: (any DirectoryRows) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try connections.withStandaloneTables(
            within: connections.limits.change, lock: connections.limits.lock, keys: keys.secretKeys, failing: failing
        ) { (transaction, facts) throws(Failure) in
            try body(
                ManagedRows(
                    transaction: transaction, facts: facts, keys: keys.keys(for: connections.location, isOwn: true),
                    now: now))
        }
    }
}

extension TableFacts {
    /// The first right that a change of the directory lacks; nil when there are all.
    fileprivate func missingManagementRight(location: String) -> DirectoryError? {
        let names = [
            Tables.app, Tables.application, Tables.component, Tables.installation, Tables.hook, Tables.hookProject,
            Tables.organization, Tables.user, Tables.member, Tables.project, Tables.token, Tables.audit,
            Tables.disabledApps, Tables.notices, Tables.appSettings, Tables.appHeaders, Tables.previousSecrets,
            Tables.tokenDetails, Tables.rowChanges, Tables.ownAvatars, Tables.ownFeatures, Tables.issueEvents,
        ]
        for name in names {
            let table = tables[name] ?? Table()
            let columns = table.columns.values
            let isWritable =
                !columns.isEmpty && columns.allSatisfy { $0.isInsertable && $0.isChangeable } && table.isDeletable
            guard !isWritable else { continue }
            return .missingRight(
                location: location, object: name,
                grant: "GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, hookline TO \(quotedRole)")
        }
        return nil
    }
}

/// The rows of a stand-alone directory in a transaction.
struct ManagedRows: DirectoryRows {
    let transaction: DirectoryTransaction
    let facts: TableFacts
    let keys: EncryptionKeys
    let now: Timestamp

    var writer: RowWriter {
        RowWriter(transaction: transaction, facts: facts, secretKeys: keys.secretKeys, now: now)
    }

    func app(id: Int64) throws(DirectoryError) -> DirectoryDocument.AppEntry? {
        let components = try transaction.rows(
            AppStatement(facts).components, .integer(id), of: Tables.component
        ) { (row) throws(DirectoryError) in
            let component = try row.component()
            return DirectoryDocument.Component(
                id: component.id, type: component.type, schemaJSON: component.schemaJSON)
        }
        return try transaction.rows(
            AppStatement(facts).sql("WHERE a.id = $1::bigint AND a.date_deleted IS NULL"), .integer(id),
            of: Tables.app
        ) { (row) throws(DirectoryError) in
            let app = try row.app(keys: keys, toleratesEncryption: false)
            return DirectoryDocument.AppEntry(app: app, dateAdded: app.dateAdded, components: components)
        }.first
    }

    func isSlugTaken(_ slug: String) throws(DirectoryError) -> Bool {
        let found = try transaction.rows(
            "SELECT 1 FROM public.sentry_sentryapp a WHERE a.slug = $1", .text(slug), of: Tables.app
        ) { (row) throws(DirectoryError) in try row.integer() }
        return !found.isEmpty
    }

    func installation(uuid: String) throws(DirectoryError) -> Installation? {
        try transaction.rows(
            InstallationStatement.list("WHERE i.uuid = $1 AND i.date_deleted IS NULL"), .text(uuid),
            of: Tables.installation
        ) { (row) throws(DirectoryError) in try row.installation() }.first
    }

    func installation(appID: Int64, organizationID: Int64) throws(DirectoryError) -> Installation? {
        try transaction.rows(
            InstallationStatement.list(
                """
                WHERE i.sentry_app_id = $1::bigint AND i.organization_id = $2::bigint AND i.date_deleted IS NULL
                ORDER BY i.id LIMIT 1
                """), .integer(appID), .integer(organizationID), of: Tables.installation
        ) { (row) throws(DirectoryError) in try row.installation() }.first
    }

    func lastChange(of key: RowKey) throws(DirectoryError) -> Timestamp? {
        try transaction.rows(
            LookUp.lastChangeStatement, .text(key.kind.rawValue), .text(key.text), of: Tables.rowChanges
        ) { (row) throws(DirectoryError) in try row.timestamp() }.first
    }

    func nextID(of kind: RowKind) throws(DirectoryError) -> Int64 {
        guard let table = Self.table(of: kind) else { preconditionFailure("\(kind) have no ids") }
        let last = try transaction.rows(
            """
            SELECT greatest(coalesce((SELECT max(t.id) FROM \(table) t), 0), coalesce(
                (SELECT max(r.key::bigint) FROM hookline.row_changes r WHERE r.kind = $1), 0))::bigint
            """, .text(kind.rawValue), of: table
        ) { (row) throws(DirectoryError) in try row.integer() }.first
        guard let last, last < .max else {
            throw .conflict(reason: "there is no free id for another \(kind.singular)")
        }
        return last + 1
    }

    func write(_ document: DirectoryDocument) throws(DirectoryError) {
        var document = document
        for index in document.apps.indices { try complete(&document.apps[index].components) }
        try writer.replace(document)
    }

    func deleteInstallations(ofApp id: Int64) throws(DirectoryError) -> Int {
        let ids = try transaction.rows(
            """
            UPDATE public.sentry_sentryappinstallation i SET date_deleted = $2::timestamptz
            WHERE i.sentry_app_id = $1::bigint AND i.date_deleted IS NULL RETURNING i.id
            """, .integer(id), .timestamp(now), of: Tables.installation
        ) { (row) throws(DirectoryError) in try row.integer() }
        try writer.record(ids.map { RowKey(.installations, String($0)) })
        return ids.count
    }

    func updateHooks(ofApp id: Int64, url: String, events: [String]) throws(DirectoryError) -> Bool {
        let ids = try transaction.rows(
            """
            UPDATE public.sentry_servicehook h SET url = $2, events = $3::text[]
            FROM public.sentry_sentryappinstallation i
            WHERE i.sentry_app_id = $1::bigint AND i.date_deleted IS NULL AND h.installation_id = i.id
                AND (h.url <> $2 OR h.events IS DISTINCT FROM $3::text[])
            RETURNING h.id
            """, .integer(id), .text(url), .textArray(events), of: Tables.hook
        ) { (row) throws(DirectoryError) in try row.integer() }
        try writer.record(ids.map { RowKey(.serviceHooks, String($0)) })
        return !ids.isEmpty
    }

    func record(_ audit: AuditEntry.Draft) throws(DirectoryError) {
        try DirectoryChange(transaction: transaction, facts: facts).insert(audit)
    }

    /// Gives ids to components without one.
    private func complete(_ components: inout [DirectoryDocument.Component]) throws(DirectoryError) {
        guard components.contains(where: { $0.id == nil }) else { return }
        var next =
            try transaction.rows(
                "SELECT coalesce(max(c.id), 0) + 1 FROM \(Tables.component) c", of: Tables.component
            ) { (row) throws(DirectoryError) in try row.integer() }.first ?? 1
        for index in components.indices where components[index].id == nil {
            components[index].id = next
            next += 1
        }
    }

    private static func table(of kind: RowKind) -> String? {
        switch kind {
        case .organizations: Tables.organization
        case .users: Tables.user
        case .apps: Tables.app
        case .installations: Tables.installation
        case .serviceHooks: Tables.hook
        case .projects: Tables.project
        case .auditEntries: Tables.audit
        case .memberships, .issueEvents, .tokens: nil
        }
    }
}
