import CPostgreSQL
package import Model

/// The result of a statement: its rows, all received.
package struct PostgreSQLRows: RandomAccessCollection, Sendable {
    /// Frees the result. Unchecked: a complete result is never changed.
    final class Storage: @unchecked Sendable {
        let result: OpaquePointer

        init(_ result: OpaquePointer) {
            self.result = result
        }

        deinit {
            PQclear(result)
        }
    }

    private let storage: Storage
    package let endIndex: Int
    package var startIndex: Int { 0 }

    init(_ storage: Storage) {
        self.storage = storage
        endIndex = Int(PQntuples(storage.result))
    }

    package subscript(position: Int) -> PostgreSQLRow {
        precondition(position >= 0 && position < endIndex, "there are \(endIndex) rows")
        return PostgreSQLRow(storage: storage, index: Int32(position))
    }

    package var columnCount: Int { Int(PQnfields(storage.result)) }

    /// How many rows INSERT, UPDATE, DELETE or MERGE changed, or SELECT returned; 0 for other statements.
    package var affectedCount: Int { Int(String(cString: PQcmdTuples(storage.result))) ?? 0 }

    /// What the server says it did: `COMMIT`, `ROLLBACK`, `INSERT 0 1`.
    var commandTag: String { String(cString: PQcmdStatus(storage.result)) }
}

/// One row. Columns are numbered from 0; a number beyond the statement's columns is a programmer's error.
///
/// Values arrive as text, so that integers of every width and `text`, `varchar`, `uuid` and the like are read alike.
package struct PostgreSQLRow: Sendable {
    private let storage: PostgreSQLRows.Storage
    private let index: Int32

    init(storage: PostgreSQLRows.Storage, index: Int32) {
        self.storage = storage
        self.index = index
    }

    /// A text; bytes that are not UTF-8 become U+FFFD (a database in `SQL_ASCII` may hold any).
    package func text(_ column: Int) throws(PostgreSQLError) -> String {
        try required(optionalText(column), column)
    }

    package func optionalText(_ column: Int) -> String? {
        precondition(column >= 0 && column < Int(PQnfields(storage.result)), "there is no column \(column)")
        guard PQgetisnull(storage.result, index, Int32(column)) == 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(storage.result, index, Int32(column)),
            count: Int(PQgetlength(storage.result, index, Int32(column))))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A `smallint`, `integer`, `bigint`, or `numeric` without fraction.
    package func integer(_ column: Int) throws(PostgreSQLError) -> Int64 {
        try required(optionalInteger(column), column)
    }

    package func optionalInteger(_ column: Int) throws(PostgreSQLError) -> Int64? {
        guard let text = optionalText(column) else { return nil }
        guard let number = Int64(text) else { throw unexpected(column, "not an integer of 64 bits") }
        return number
    }

    package func boolean(_ column: Int) throws(PostgreSQLError) -> Bool {
        try required(optionalBoolean(column), column)
    }

    package func optionalBoolean(_ column: Int) throws(PostgreSQLError) -> Bool? {
        switch optionalText(column) {
        case nil: nil
        case "t": true
        case "f": false
        default: throw unexpected(column, "not a boolean")
        }
    }

    /// A time. Select `extract(epoch FROM column)`, whose text depends on no setting; `TimestampText` says what else is
    /// read.
    package func timestamp(_ column: Int) throws(PostgreSQLError) -> Timestamp {
        try required(optionalTimestamp(column), column)
    }

    package func optionalTimestamp(_ column: Int) throws(PostgreSQLError) -> Timestamp? {
        guard let text = optionalText(column) else { return nil }
        guard let timestamp = TimestampText.timestamp(of: text) else { throw unexpected(column, "not a time") }
        return timestamp
    }

    /// An array without NULL elements.
    package func textArray(_ column: Int) throws(PostgreSQLError) -> [String] {
        try required(optionalTextArray(column), column)
    }

    package func optionalTextArray(_ column: Int) throws(PostgreSQLError) -> [String]? {
        guard let elements = try optionalNullableTextArray(column) else { return nil }
        var texts: [String] = []
        for element in elements {
            guard let element else { throw unexpected(column, "an element of the array is NULL") }
            texts.append(element)
        }
        return texts
    }

    /// An array whose elements may be NULL; nil if the array itself is NULL.
    package func optionalNullableTextArray(_ column: Int) throws(PostgreSQLError) -> [String?]? {
        guard let text = optionalText(column) else { return nil }
        guard let elements = TextArray.elements(of: text) else {
            throw unexpected(column, "not an array of one dimension")
        }
        return elements
    }

    package func isNull(_ column: Int) -> Bool { optionalText(column) == nil }

    /// For values that a caller cannot use; names the column. `reason` must not contain the value of a secret.
    package func unexpected(_ column: Int, _ reason: String) -> PostgreSQLError {
        let name = PQfname(storage.result, Int32(column)).map { String(cString: $0) } ?? String(column)
        return .unexpectedValue(column: PostgreSQLServerMessage.bounded(name), reason: reason)
    }

    private func required<Value>(_ value: Value?, _ column: Int) throws(PostgreSQLError) -> Value {
        guard let value else { throw unexpected(column, "NULL") }
        return value
    }
}
