import Directory
import Model
import WireJSON

/// The directory's rows in the form of a document.
struct StoredRows {
    private let rows: [RowKey: AnyHashable]

    init(_ present: DirectoryDocument) {
        rows = present.rows
    }

    /// The row that `row` of a document stands for; nil when there is none.
    func row(like row: JSONValue, _ kind: RowKind) throws(DirectoryError) -> JSONValue? {
        guard let key = Self.key(of: row, kind), let stored = rows[key] else { return nil }
        return try DirectoryDocumentWriter.json(row: stored)
    }

    /// Whether the directory's row has the value that `row` of a document gives to a field.
    func hasValue(of field: String, in row: JSONValue, _ kind: RowKind) throws(DirectoryError) -> Bool {
        guard let given = row[field], let stored = try self.row(like: row, kind)?[field] else { return false }
        return Self.withoutIDs(given) == Self.withoutIDs(stored)
    }

    /// The elements of a list without their ids, which documents need not give: those of components.
    private static func withoutIDs(_ value: JSONValue) -> JSONValue {
        guard case .array(let elements) = value else { return value }
        return .array(
            elements.map { element in
                guard case .object(let members) = element else { return element }
                return .object(members.filter { $0.name != "id" })
            })
    }

    /// Nil when the row has not the fields that identify it.
    private static func key(of row: JSONValue, _ kind: RowKind) -> RowKey? {
        func joined(_ first: String?, _ second: String?) -> RowKey? {
            guard let first, let second else { return nil }
            return RowKey(kind, "\(first)/\(second)")
        }
        func number(_ name: String) -> String? { row[name]?.integer.map(String.init) }
        switch kind {
        case .memberships: return joined(number("user_id"), number("organization_id"))
        case .issueEvents:
            return joined(number("project_id"), row["event_id"]?.string.flatMap(ObjectReader.eventID))
        case .tokens:
            let digest = row["token"]?.string.map { TokenDigest(hashing: $0).rawValue }
            return (digest ?? row["token_sha256"]?.string).map { RowKey(kind, $0) }
        case .organizations, .users, .apps, .installations, .serviceHooks, .projects, .auditEntries:
            return number("id").map { RowKey(kind, $0) }
        }
    }
}
