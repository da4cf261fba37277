import Model
import WireJSON

/// Rows for one table, written by few statements: a JSON array is unpacked by the server.
struct RowBatch {
    /// A column and its type.
    typealias Column = (name: String, type: String)

    /// At most this many rows are in one statement, so that its text stays below a few megabytes.
    static let size = 1000

    let table: String
    let columns: [Column]
    private(set) var rows: [JSONValue] = []

    init(_ table: String, _ columns: [Column]) {
        self.table = table
        self.columns = columns
    }

    mutating func append(_ values: [JSONValue]) {
        precondition(values.count == columns.count, "a row has a value for each column")
        rows.append(.object(zip(columns, values).map { .init(name: $0.name, value: $1) }))
    }

    /// Parameter 1 is the JSON array.
    var sql: String {
        let names = columns.map(\.name).joined(separator: ", ")
        let types = columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
        return "INSERT INTO \(table) (\(names)) SELECT \(names) FROM json_to_recordset($1::json) AS r (\(types))"
    }

    /// The JSON arrays.
    var parts: [String] {
        stride(from: 0, to: rows.count, by: Self.size).map { start in
            JSONValue.array(Array(rows[start..<min(start + Self.size, rows.count)])).compactText
        }
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    static func optional(_ number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }
    static func date(_ time: Timestamp) -> JSONValue { .string(time.iso8601Description) }
    static func optional(_ time: Timestamp?) -> JSONValue { time.map(JSONValue.date) ?? .null }
    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
    static func scopes(_ scopes: ScopeSet) -> JSONValue { .texts(scopes.scopes.map(\.rawValue)) }
}
