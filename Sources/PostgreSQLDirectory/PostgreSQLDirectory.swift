package import Directory
package import Model
package import PostgreSQL
import System

/// A directory in a PostgreSQL database: the tables of a running original, or a stand-alone directory that
/// `PostgreSQLMigrator` made.
///
/// Each look-up that requests make is one statement, so that it works behind a pooler that gives every statement
/// another connection; only the issue of an event takes two. What the original has no place for is in the schema
/// `hookline` (`HooklineSchema`).
package final class PostgreSQLDirectory: DirectoryDatabase {
    let connections: DirectoryConnections
    let keys: EncryptionKeys
    private let inspector: TableInspector

    /// The database's address, without a password.
    package var name: String { connections.location }

    /// The directory in the database at `address`; it connects at the first look-up.
    ///
    /// - Parameters:
    ///   - connectionCount: at most this many connections are open.
    ///   - change: how long a change of one row may take.
    ///   - keys: decrypt the values that the original has encrypted.
    package convenience init(
        address: PostgreSQLAddress, connectionCount: Int, change: Duration = .seconds(10),
        keys: EncryptionKeys = EncryptionKeys(folder: nil)
    ) {
        var limits = DirectoryConnections.Limits()
        limits.change = change
        self.init(
            pool: PostgreSQLPool(
                address: address, limits: PostgreSQLPoolLimits(maximumCount: max(1, connectionCount))), limits: limits,
            keys: keys)
    }

    init(
        pool: PostgreSQLPool, limits: DirectoryConnections.Limits = .init(),
        keys: EncryptionKeys = EncryptionKeys(folder: nil)
    ) {
        connections = DirectoryConnections(pool: pool, limits: limits)
        inspector = TableInspector(connections)
        self.keys = keys.keys(for: connections.location)
    }

    package func check() throws(DirectoryError) {
        let facts = try inspector.facts()
        for lookUp in [LookUp.appBySlug, .userByID, .membership, .token, .organizationByID] {
            if case .failure(let error) = facts.statement(lookUp) { throw error }
        }
    }

    package func findings() throws(DirectoryError) -> [String] {
        try missingRights().map(\.description) + keys.problems()
    }

    package func releases() throws(DirectoryError) -> ClosedRange<ProtocolRelease>? {
        try inspector.lastFacts().releases
    }

    /// The tables as they are; asked again when the last answer is some time old.
    func facts() throws(DirectoryError) -> PreparedTables {
        try inspector.facts()
    }

    /// The tables as they are now.
    func freshFacts() throws(DirectoryError) -> PreparedTables {
        try inspector.inspect()
    }

    /// The rows of a look-up, each read by `row`.
    ///
    /// When a column or table turns out to be gone, or may not be read although it seemed so, the original has probably
    /// been upgraded: the tables are inspected again, and the statement is repeated once.
    func rows<Row>(
        of lookUp: LookUp, _ parameters: PostgreSQLParameter..., from table: String,
        row: (inout RowReader) throws(DirectoryError) -> Row
    ) throws(DirectoryError) -> [Row] {
        guard let found = try query(lookUp, parameters) else { return [] }
        var result: [Row] = []
        for each in found {
            var reader = RowReader(each, of: table)
            result.append(try row(&reader))
        }
        return result
    }

    /// Nil when the database has no such table, or cannot hold one of the parameters.
    private func query(
        _ lookUp: LookUp, _ parameters: [PostgreSQLParameter]
    ) throws(DirectoryError) -> PostgreSQLRows? {
        var facts = try inspector.facts()
        var isRepeated = false
        while true {
            let failure: DirectoryError
            var isProven = false
            switch facts.statement(lookUp) {
            case .absent: return nil
            case .failure(let error): failure = error
            case .sql(let sql):
                do throws(PostgreSQLError) {
                    return try connections.query(sql, parameters)
                } catch {
                    // PostgreSQL has no texts with a zero character, so no row has this one.
                    if case .invalidParameter = error { return nil }
                    guard error.isAboutTables else { throw connections.directoryError(error) }
                    failure = connections.directoryError(error)
                    isProven = true
                }
            }
            guard !isRepeated, let other = try inspector.facts(after: facts, isProven: isProven) else { throw failure }
            facts = other
            isRepeated = true
        }
    }
}

extension PostgreSQLError {
    /// Whether a statement failed because the tables are not, or may not be read, as they were when it was made.
    var isAboutTables: Bool {
        switch self {
        case .undefinedColumn, .undefinedTable, .insufficientPrivilege: true
        case .unreachable, .authentication, .tooManyConnections, .deadline, .connectionLost, .readOnly,
            .uniqueViolation, .foreignKeyViolation, .lockNotAvailable, .queryCanceled, .shutdown, .serialization,
            .other, .unexpectedValue, .invalidParameter, .unknownOutcome, .closed:
            false
        }
    }
}
