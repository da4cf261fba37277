import Directory
import Model
import PostgreSQL

/// Reads the columns of a row one after the other; a value that cannot be is `DirectoryError.corrupt`.
struct RowReader {
    let row: PostgreSQLRow
    /// What the row is of, for messages.
    let table: String
    /// The next column.
    private var column = 0

    init(_ row: PostgreSQLRow, of table: String) {
        self.row = row
        self.table = table
    }

    mutating func text() throws(DirectoryError) -> String {
        try read { (row, column) throws(PostgreSQLError) in try row.text(column) }
    }

    mutating func optionalText() throws(DirectoryError) -> String? {
        try read { (row, column) throws(PostgreSQLError) in row.optionalText(column) }
    }

    mutating func integer() throws(DirectoryError) -> Int64 {
        try read { (row, column) throws(PostgreSQLError) in try row.integer(column) }
    }

    mutating func optionalInteger() throws(DirectoryError) -> Int64? {
        try read { (row, column) throws(PostgreSQLError) in try row.optionalInteger(column) }
    }

    mutating func boolean() throws(DirectoryError) -> Bool {
        try read { (row, column) throws(PostgreSQLError) in try row.boolean(column) }
    }

    mutating func timestamp() throws(DirectoryError) -> Timestamp {
        try read { (row, column) throws(PostgreSQLError) in try row.timestamp(column) }
    }

    mutating func optionalTimestamp() throws(DirectoryError) -> Timestamp? {
        try read { (row, column) throws(PostgreSQLError) in try row.optionalTimestamp(column) }
    }

    /// An array with its NULL elements; nil for an array that is NULL.
    mutating func optionalElements() throws(DirectoryError) -> [String?]? {
        try read { (row, column) throws(PostgreSQLError) in try row.optionalNullableTextArray(column) }
    }

    /// The elements of an array that are not NULL; none for an array that is NULL.
    mutating func words() throws(DirectoryError) -> [String] {
        try optionalElements()?.compactMap { $0 } ?? []
    }

    /// The same for an array whose absence means something.
    mutating func optionalWords() throws(DirectoryError) -> [String]? {
        try optionalElements()?.compactMap { $0 }
    }

    /// The rows of a flat array (`AppStatement`) with `width` columns each.
    mutating func flatRows(width: Int) throws(DirectoryError) -> [[String?]] {
        let elements = try optionalElements() ?? []
        return stride(from: 0, to: elements.count - width + 1, by: width).map { Array(elements[$0..<($0 + width)]) }
    }

    /// Texts separated by white space; nil when NULL.
    mutating func optionalLines() throws(DirectoryError) -> [String]? {
        try optionalText()?.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Columns `scope_list, scopes`: the list, or the bits where it is empty. Names that Hookline does not know are
    /// left out: newer releases have more.
    mutating func scopes() throws(DirectoryError) -> ScopeSet {
        let names = try words()
        let bits = try optionalInteger() ?? 0
        guard names.isEmpty else { return ScopeSet(names.compactMap(Scope.init(rawValue:))) }
        return ScopeSet(rawValue: UInt32(truncatingIfNeeded: bits) & Self.scopeBits)
    }

    /// The sixteen scopes that have a bit (docs/protocol.md 6.2), in the order of `Scope`.
    private static let scopeBits: UInt32 = 0xFFFF

    /// Whether the next column is NULL.
    var isNextNull: Bool { row.isNull(column) }

    mutating func skip(_ count: Int) {
        column += count
    }

    func corrupt(_ reason: String) -> DirectoryError { .corrupt(table: table, reason: reason) }

    private mutating func read<Value>(
        _ value: (PostgreSQLRow, Int) throws(PostgreSQLError) -> Value
    ) throws(DirectoryError) -> Value {
        defer { column += 1 }
        do throws(PostgreSQLError) {
            return try value(row, column)
        } catch {
            throw corrupt(error.description)
        }
    }
}
