import Directory
import PostgreSQL
import System

/// Keeps what is known of the tables, and asks again from time to time: an upgrade of the original adds and drops
/// columns, and rights may be granted, while this program runs.
final class TableInspector: Sendable {
    private struct State {
        var tables: PreparedTables?
        var inspectedAt = MonotonicTime(microseconds: 0)
        var isInspecting = false
        var count = 0
    }

    /// After this time what is known is too old. New columns (`is_disabled`) announce themselves by no error.
    static let validity: Duration = .seconds(60)
    /// Inspections because of rights and tables that were missing are at least this far apart.
    static let shortestPause: Duration = .seconds(1)

    private let connections: DirectoryConnections
    private let state = Lock(State())

    init(_ connections: DirectoryConnections) {
        self.connections = connections
    }

    /// What the last inspection has found, however old it is; the database is asked only before the first one.
    func lastFacts() throws(DirectoryError) -> PreparedTables {
        if let tables = state.withLock({ $0.tables }) { return tables }
        return try facts()
    }

    /// What is known; one thread asks again where that is too old, the others use what there is meanwhile.
    func facts() throws(DirectoryError) -> PreparedTables {
        let known: PreparedTables? = state.withLock { state in
            guard let tables = state.tables else { return nil }
            if state.isInspecting || .now() < state.inspectedAt.adding(Self.validity) { return tables }
            state.isInspecting = true
            return nil
        }
        if let known { return known }
        defer { state.withLock { $0.isInspecting = false } }
        return try inspect()
    }

    /// What is known after statements made from `tables` have failed; nil when that is the same.
    ///
    /// - Parameter isProven: whether the database refused a statement, rather than this program expecting it to.
    func facts(after tables: PreparedTables, isProven: Bool) throws(DirectoryError) -> PreparedTables? {
        let (newer, isDue): (PreparedTables?, Bool) = state.withLock { state in
            let newer = state.tables.flatMap { $0.number > tables.number ? $0 : nil }
            return (newer, isProven || .now() >= state.inspectedAt.adding(Self.shortestPause))
        }
        if let newer { return newer }
        return isDue ? try inspect() : nil
    }

    /// Asks the database.
    @discardableResult
    func inspect() throws(DirectoryError) -> PreparedTables {
        let facts: TableFacts
        do throws(PostgreSQLError) {
            facts = try read()
        } catch {
            let isFirst = state.withLock { $0.tables == nil }
            throw isFirst ? connections.firstError(error) : connections.directoryError(error)
        }
        try facts.checkVersion(connections.location)
        return state.withLock { state in
            state.count += 1
            let tables = PreparedTables(facts, number: state.count, location: connections.location)
            state.tables = tables
            state.inspectedAt = .now()
            return tables
        }
    }

    private func read() throws(PostgreSQLError) -> TableFacts {
        try TableFacts { (sql, parameters) throws(PostgreSQLError) in try connections.query(sql, parameters) }
    }
}
