import Directory
import Model

/// The statements for a database whose tables are known.
struct PreparedTables: Sendable {
    enum Statement: Sendable {
        case sql(String)
        /// The database has no such table, and so no such rows.
        case absent
        /// Every call of the look-up fails with this.
        case failure(DirectoryError)
    }

    let facts: TableFacts
    /// See `TableFacts.releases`.
    let releases: ClosedRange<ProtocolRelease>?
    /// Increases with each inspection.
    let number: Int
    private let statements: [Statement]

    /// - Parameter location: for messages.
    init(_ facts: TableFacts, number: Int, location: String) {
        self.facts = facts
        releases = facts.releases
        self.number = number
        statements = LookUp.allCases.map { Self.statement($0, facts, location: location) }
    }

    func statement(_ lookUp: LookUp) -> Statement { statements[lookUp.rawValue] }

    private static func statement(_ lookUp: LookUp, _ facts: TableFacts, location: String) -> Statement {
        let columns = lookUp.columns(facts)
        if lookUp.isOptional(facts), columns.contains(where: { !facts.has($0.table) }) { return .absent }
        if lookUp == .sessionUser, facts.isStandalone { return .absent }
        if let missing = facts.missing(columns, location: location) { return .failure(missing) }
        return .sql(lookUp.sql(facts))
    }
}

extension TableFacts {
    /// Why statements with these columns cannot be executed; nil when they can.
    func missing(_ columns: [TableColumns], location: String) -> DirectoryError? {
        for entry in columns where entry.table.hasPrefix("hookline.") && mayUseHookline == false {
            return .missingRight(
                location: location, object: entry.table, grant: "GRANT USAGE ON SCHEMA hookline TO \(quotedRole)")
        }
        for entry in columns {
            guard let table = tables[entry.table] else {
                return .unopened(location: location, reason: absence(of: "table \(entry.table)"))
            }
            let names = entry.names(in: self)
            if let absent = names.first(where: { table.columns[$0] == nil }) {
                return .unopened(location: location, reason: absence(of: "column \(entry.table).\(absent)"))
            }
            let unreadable = names.filter { table.columns[$0]?.isReadable != true }
            if let first = unreadable.first {
                return .missingRight(
                    location: location, object: "\(entry.table).\(first)",
                    grant: readGrant(entry.table, columns: unreadable))
            }
        }
        return nil
    }

    /// The statement that lets this role read the columns; all of a table that is Hookline's.
    func readGrant(_ table: String, columns: [String]) -> String {
        let list = table.hasPrefix("hookline.") ? "" : " (\(columns.joined(separator: ", ")))"
        return "GRANT SELECT\(list) ON \(table) TO \(quotedRole)"
    }

    var quotedRole: String {
        "\"" + role.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func absence(of what: String) -> String {
        what.hasSuffix("hookline.directory") || what.contains(" hookline.")
            ? "it has no \(what); run 'hookline directory migrate'"
            : "it has no \(what): the address must lead to the database of Sentry (23.7 or later), or to one that "
                + "'hookline directory migrate --standalone' has prepared"
    }
}
