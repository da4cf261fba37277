import Directory
import Model
import PostgreSQL

/// The statements of a change to an app, in one transaction.
struct DirectoryChange {
    let transaction: DirectoryTransaction
    let facts: TableFacts

    /// The state of a locked app.
    struct LockedApp {
        var events: [String]
        /// By Hookline.
        var isDisabled = false
        /// By Hookline or by the original.
        var isFlagged: Bool
    }

    func begin(lockMilliseconds: Int) throws(DirectoryError) {
        try transaction.query("SELECT set_config('lock_timeout', $1, true)", .text("\(lockMilliseconds)ms"))
        try transaction.query(
            "SELECT pg_advisory_xact_lock_shared($1::bigint)", .integer(HooklineSchema.advisoryLock))
    }

    /// Locks the row of an app that is not deleted; nil when there is none.
    func lock(appID: Int64) throws(DirectoryError) -> LockedApp? {
        let isFlagged = hasFlag ? "coalesce(a.is_disabled, false)" : "false"
        let found = try transaction.rows(
            """
            SELECT a.events, \(isFlagged) FROM public.sentry_sentryapp a
            WHERE a.id = $1::bigint AND a.date_deleted IS NULL FOR UPDATE
            """, .integer(appID), of: Tables.app
        ) { (row) throws(DirectoryError) in
            LockedApp(events: try row.words(), isFlagged: try row.boolean())
        }
        guard var app = found.first else { return nil }
        // A statement of its own: it sees what the last holder of the lock has committed.
        let disabled = try transaction.rows(
            "SELECT 1 FROM hookline.disabled_apps d WHERE d.app_id = $1::bigint", .integer(appID),
            of: Tables.disabledApps
        ) { (row) throws(DirectoryError) in try row.integer() }
        app.isDisabled = !disabled.isEmpty
        app.isFlagged = app.isFlagged || app.isDisabled
        return app
    }

    func clearSubscriptions(of appID: Int64) throws(DirectoryError) {
        try transaction.query(
            "UPDATE public.sentry_sentryapp SET events = '{}'\(hasFlag ? ", is_disabled = true" : "") "
                + "WHERE id = $1::bigint", .integer(appID))
    }

    /// Subscriptions that somebody has made in the meantime stay.
    func restoreSubscriptions(of appID: Int64) throws(DirectoryError) {
        try transaction.query(
            """
            UPDATE public.sentry_sentryapp a SET events = CASE
                WHEN coalesce(cardinality(a.events), 0) > 0 THEN a.events
                ELSE coalesce(
                    (SELECT d.events FROM hookline.disabled_apps d WHERE d.app_id = a.id), a.events, '{}')
            END\(hasFlag ? ", is_disabled = false" : "") WHERE a.id = $1::bigint
            """, .integer(appID))
    }

    /// Writes an entry into the log of the original, whose column for the actor's label has 64 characters; one whose
    /// event the original does not know goes into Hookline's own log.
    func insert(_ entry: AuditEntry.Draft) throws(DirectoryError) {
        let isForeign = !facts.isStandalone && entry.event >= Self.firstOwnEvent
        try transaction.query(
            """
            INSERT INTO \(isForeign ? Tables.ownAudit : Tables.audit)
                (organization_id, event, actor_id, actor_label, target_object, data, datetime)
            VALUES ($1::bigint, $2::integer, $3::bigint, left($4::text, \(facts.isStandalone ? 1 << 20 : 64)),
                $5::bigint, $6, $7::timestamptz)
            """, .integer(entry.organizationID), .integer(Int64(entry.event)), .optional(entry.actorID),
            .text(entry.actorLabel), .optional(entry.targetObject), .text(entry.dataJSON), .timestamp(entry.date))
    }

    /// Hookline's event numbers begin here (`AuditEntry.appEnabled`).
    static let firstOwnEvent = 10_000

    func record(_ key: RowKey, at time: Timestamp) throws(DirectoryError) {
        try transaction.query(
            """
            INSERT INTO hookline.row_changes AS r (kind, key, changed_at) VALUES ($1, $2, $3::timestamptz)
            ON CONFLICT (kind, key) DO UPDATE SET changed_at = greatest(
                r.changed_at + interval '1 microsecond', excluded.changed_at)
            """, .text(key.kind.rawValue), .text(key.text), .timestamp(time))
    }

    private var hasFlag: Bool { facts.has(Tables.app, "is_disabled") }
}

/// The rights that changes need.
extension DirectoryChange {
    /// The columns that disabling and enabling change.
    static func changedColumns(_ facts: TableFacts) -> [String] {
        ["events"] + (facts.has(Tables.app, "is_disabled") ? ["is_disabled"] : [])
    }

    static let auditColumns = [
        "organization_id", "event", "actor_id", "actor_label", "target_object", "data", "datetime",
    ]

    /// The first right that disabling an app lacks; nil when there are all.
    static func missingRight(_ facts: TableFacts, location: String) -> DirectoryError? {
        let columns = changedColumns(facts)
        let unchangeable = columns.filter { facts.tables[Tables.app]?.columns[$0]?.isChangeable != true }
        if let first = unchangeable.first {
            return .missingRight(
                location: location, object: "\(Tables.app).\(first)",
                grant: "GRANT UPDATE (\(unchangeable.joined(separator: ", "))) ON \(Tables.app) TO \(facts.quotedRole)")
        }
        return missingAuditRight(facts, location: location)
    }

    /// The first right that an entry in the original's log lacks; nil when there are all.
    static func missingAuditRight(_ facts: TableFacts, location: String) -> DirectoryError? {
        guard let table = facts.tables[Tables.audit] else { return nil }
        if !auditColumns.allSatisfy({ table.columns[$0]?.isInsertable == true }) {
            return .missingRight(
                location: location, object: Tables.audit,
                grant: "GRANT INSERT ON \(Tables.audit) TO \(facts.quotedRole)")
        }
        if !facts.mayNumberAuditEntries {
            return .missingRight(
                location: location, object: "\(Tables.audit)_id_seq",
                grant: "GRANT USAGE ON SEQUENCE \(Tables.audit)_id_seq TO \(facts.quotedRole)")
        }
        return nil
    }
}
