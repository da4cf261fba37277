package import Directory
package import PostgreSQL
import System

/// Makes and upgrades what Hookline needs in a PostgreSQL database: `hookline directory migrate`.
///
/// Needs a role that may create a schema in the database, and for `migrateStandalone` tables in the schema `public`.
package struct PostgreSQLMigrator {
    /// What a migration did.
    package struct Outcome: Hashable, Sendable {
        /// The version before; 0 = there was none.
        package var from: Int
        package var to: Int
        /// Whether the database is a stand-alone directory.
        package var isStandalone: Bool
    }

    private let connections: DirectoryConnections

    /// The database's address, without a password.
    package var name: String { connections.location }

    package init(address: PostgreSQLAddress) {
        connections = DirectoryConnections(
            pool: PostgreSQLPool(address: address, limits: PostgreSQLPoolLimits(maximumCount: 1)), limits: .init())
    }

    /// Makes or upgrades the schema `hookline`, and nothing else: for the database of a running original. Of several
    /// programs that do so at the same time, one does.
    ///
    /// - Throws: `conflict` when the database is neither an original's nor a stand-alone directory.
    package func migrate() throws(DirectoryError) -> Outcome {
        try withLock { (transaction) throws(DirectoryError) in
            let found = try state(transaction)
            if !found.isStandalone { try requireOriginal(transaction) }
            try upgrade(from: found.version, in: transaction)
            return Outcome(from: found.version, to: HooklineSchema.version, isStandalone: found.isStandalone)
        }
    }

    /// Makes a stand-alone directory in a database that has none of its tables, or upgrades one.
    ///
    /// - Throws: `conflict` with the name of a table that is already there, or with an encoding that cannot hold every
    ///   text.
    package func migrateStandalone() throws(DirectoryError) -> Outcome {
        try withLock { (transaction) throws(DirectoryError) in
            let found = try state(transaction)
            try requireUnicode(transaction)
            if !found.isStandalone { try refuseExistingTables(transaction) }
            try upgrade(from: found.version, in: transaction)
            if !found.isStandalone {
                for statement in StandaloneTables.statements { try transaction.query(statement) }
            }
            return Outcome(
                from: found.isStandalone ? found.version : 0, to: HooklineSchema.version, isStandalone: true)
        }
    }

    private func withLock<Result>(
        _ body: (DirectoryTransaction) throws(DirectoryError) -> Result
    ) throws(DirectoryError) -> Result {
        try connections.withTransaction(within: .seconds(120), failing: { $0 }) {
            (transaction) throws(DirectoryError) in
            try transaction.query("SELECT pg_advisory_xact_lock($1::bigint)", .integer(HooklineSchema.advisoryLock))
            return try body(transaction)
        }
    }

    private func state(
        _ transaction: DirectoryTransaction
    ) throws(DirectoryError) -> (version: Int, isStandalone: Bool) {
        let exists = try transaction.rows(
            """
            SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'hookline'),
                (SELECT count(*) FROM pg_catalog.pg_class c
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'hookline'
                WHERE c.relname = 'directory')
            """, of: "pg_class"
        ) { (row) throws(DirectoryError) in (schema: try row.integer() > 0, table: try row.integer() > 0) }
        guard exists.first?.table == true else {
            if exists.first?.schema == true {
                throw .conflict(reason: "the schema hookline is there already, but not made by Hookline")
            }
            return (0, false)
        }
        let found = try transaction.rows(TableFacts.hooklineState, of: Tables.state) {
            (row) throws(DirectoryError) in (version: Int(try row.integer()), isStandalone: try row.boolean())
        }
        guard let state = found.first else { throw .corrupt(table: Tables.state, reason: "it is empty") }
        let supported = HooklineSchema.version
        guard state.version <= supported else {
            throw .newerSchema(location: name, found: state.version, supported: supported)
        }
        return state
    }

    private func upgrade(from version: Int, in transaction: DirectoryTransaction) throws(DirectoryError) {
        guard version < HooklineSchema.version else { return }
        for statement in HooklineSchema.migrations.dropFirst(version).joined() { try transaction.query(statement) }
        try transaction.query(
            "UPDATE hookline.directory SET version = $1::integer", .integer(Int64(HooklineSchema.version)))
    }

    private func requireOriginal(_ transaction: DirectoryTransaction) throws(DirectoryError) {
        let counts = try transaction.rows(
            """
            SELECT count(*) FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
            WHERE c.relname = 'sentry_sentryapp'
            """, of: "pg_class"
        ) { (row) throws(DirectoryError) in try row.integer() }
        guard counts.first == 0 else { return }
        throw .conflict(
            reason: "the database has no table sentry_sentryapp, so it is not that of Sentry; in an empty database, "
                + "'hookline directory migrate --standalone' makes a directory")
    }

    private func requireUnicode(_ transaction: DirectoryTransaction) throws(DirectoryError) {
        let encodings = try transaction.rows("SELECT current_setting('server_encoding')", of: "pg_database") {
            (row) throws(DirectoryError) in try row.text()
        }
        guard let encoding = encodings.first, encoding != "UTF8" else { return }
        throw .conflict(
            reason:
                "the database's encoding is \(encoding), in which names and headers cannot be stored as they are: a "
                + "directory needs UTF8; make the database with 'createdb --encoding UTF8 --template template0'")
    }

    private func refuseExistingTables(_ transaction: DirectoryTransaction) throws(DirectoryError) {
        let names = StandaloneTables.tables.map(\.name) + ["django_migrations"]
        let existing = try transaction.rows(
            """
            SELECT c.relname FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
            WHERE c.relname = ANY ($1::text[]) ORDER BY c.relname LIMIT 1
            """, .textArray(names), of: "pg_class"
        ) { (row) throws(DirectoryError) in try row.text() }
        guard let first = existing.first else { return }
        throw .conflict(
            reason: "the database has the table \(first) already, so it is not empty: a stand-alone directory needs a "
                + "database of its own; 'hookline directory migrate' prepares the database of Sentry")
    }
}
