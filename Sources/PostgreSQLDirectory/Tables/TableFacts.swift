import Directory
import PostgreSQL

/// What the directory's tables look like in the database, and what this role may do with them.
///
/// Asked from `pg_attribute`: `information_schema` hides columns that a role may not read, and those must not pass for
/// absent ones.
struct TableFacts: Sendable {
    struct Column: Sendable {
        var isReadable: Bool
        var isChangeable: Bool
        /// Whether new rows may have a value in it.
        var isInsertable: Bool
    }

    struct Table: Sendable {
        var columns: [String: Column] = [:]
        /// Whether this role may delete rows.
        var isDeletable = false
    }

    /// By qualified name: `public.sentry_sentryapp`.
    var tables: [String: Table] = [:]
    /// The role, for messages.
    var role = ""
    /// Whether this role may use the schema `hookline`; nil when there is none.
    var mayUseHookline: Bool?
    /// Whether this role may take the next number of the original's audit log.
    var mayNumberAuditEntries = true
    /// The state of the schema `hookline`; nil when there is none or this role may not use it.
    var hookline: HooklineState?

    struct HooklineState: Sendable {
        var version: Int
        var isStandalone: Bool
    }

    /// Whether `migrate --standalone` made the tables, so that they are Hookline's. A database with the original's own
    /// record of migrations is never taken for one.
    var isStandalone: Bool { hookline?.isStandalone == true && tables[Self.originalsMigrations] == nil }

    /// The table in which the original's framework records its migrations.
    static let originalsMigrations = "public.django_migrations"

    func has(_ table: String) -> Bool { tables[table] != nil }

    func has(_ table: String, _ column: String) -> Bool { tables[table]?.columns[column] != nil }

    /// Lists every column of the directory's tables, with the role's rights: parameter 1 is the names of the tables in
    /// `public`. One row, with NULL as the schema, when there are no tables.
    static let inspection = """
        SELECT current_user, h.usable, q.usable, n.nspname, c.relname, a.attname,
            has_column_privilege(c.oid, a.attnum, 'SELECT'), has_column_privilege(c.oid, a.attnum, 'UPDATE'),
            has_column_privilege(c.oid, a.attnum, 'INSERT'), has_table_privilege(c.oid, 'DELETE')
        FROM (SELECT 1) one
        LEFT JOIN LATERAL (
            SELECT has_schema_privilege(s.oid, 'USAGE') AS usable FROM pg_catalog.pg_namespace s
            WHERE s.nspname = 'hookline'
        ) h ON true
        LEFT JOIN LATERAL (
            SELECT has_sequence_privilege(s.oid, 'USAGE') AS usable FROM pg_catalog.pg_class s
            WHERE s.oid = to_regclass('public.sentry_auditlogentry_id_seq') AND NOT EXISTS (
                SELECT 1 FROM pg_catalog.pg_attribute i
                WHERE i.attrelid = to_regclass('public.sentry_auditlogentry') AND i.attname = 'id'
                AND i.attidentity <> ''
            )
        ) q ON true
        LEFT JOIN (
            pg_catalog.pg_namespace n
            JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ) ON n.nspname = 'hookline' OR (n.nspname = 'public' AND c.relname = ANY ($1::text[]))
        """

    static let hooklineState = "SELECT version, is_standalone FROM hookline.directory"

    init() {}

    /// Asks for everything by `query`.
    init(
        by query: (String, [PostgreSQLParameter]) throws(PostgreSQLError) -> PostgreSQLRows
    ) throws(PostgreSQLError) {
        try self.init(query(Self.inspection, [.textArray(Tables.inspected)]))
        guard mayUseHookline == true, tables[Tables.state]?.columns["version"]?.isReadable == true else { return }
        if let row = try query(Self.hooklineState, []).first {
            hookline = HooklineState(version: Int(try row.integer(0)), isStandalone: try row.boolean(1))
        }
    }

    /// Throws when the schema `hookline` has another version than this program needs.
    func checkVersion(_ location: String) throws(DirectoryError) {
        guard let found = hookline?.version else { return }
        let supported = HooklineSchema.version
        if found > supported { throw .newerSchema(location: location, found: found, supported: supported) }
        if found < supported { throw .olderSchema(location: location, found: found, supported: supported) }
    }

    /// Reads the rows of `inspection`.
    private init(_ rows: PostgreSQLRows) throws(PostgreSQLError) {
        for row in rows {
            role = try row.text(0)
            mayUseHookline = try row.optionalBoolean(1)
            mayNumberAuditEntries = try row.optionalBoolean(2) ?? true
            guard let schema = row.optionalText(3) else { continue }
            let name = "\(schema).\(try row.text(4))"
            tables[name, default: Table()].columns[try row.text(5)] = Column(
                isReadable: try row.boolean(6), isChangeable: try row.boolean(7), isInsertable: try row.boolean(8))
            tables[name]?.isDeletable = try row.boolean(9)
        }
    }
}
