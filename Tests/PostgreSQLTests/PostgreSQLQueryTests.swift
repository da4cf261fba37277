import Model
import PostgreSQL
import System
import TestSupport
import Testing

/// Statements on a real server.
struct PostgreSQLQueryTests {
    private let database: PostgreSQLDatabase
    private let pool: PostgreSQLPool

    init() throws {
        database = try PostgreSQLDatabase()
        pool = PostgreSQLPool(address: try PostgreSQLAddress(parsing: database.url))
    }

    private func query(
        _ statement: String, _ parameters: PostgreSQLParameter...
    ) throws(PostgreSQLError) -> PostgreSQLRows {
        try pool.query(statement, parameters, by: .now().adding(seconds: 20))
    }

    @Test func integersOfEveryWidthAreRead() throws {
        let row = try #require(
            query("SELECT 1::smallint, -2::integer, 9223372036854775807::bigint, 4::numeric, count(*)").first)

        #expect(try row.integer(0) == 1)
        #expect(try row.integer(1) == -2)
        #expect(try row.integer(2) == .max)
        #expect(try row.integer(3) == 4)
        #expect(try row.integer(4) == 1)
    }

    @Test func textsOfEveryKindAreRead() throws {
        let uuid = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
        let row = try #require(
            query("SELECT 'ü'::text, 'b'::varchar(10), $1::uuid, ''::text, true, false", .text(uuid)).first)

        #expect(try row.text(0) == "ü")
        #expect(try row.text(1) == "b")
        #expect(try row.text(2) == uuid)
        #expect(try row.text(3) == "")
        #expect(try row.boolean(4))
        #expect(try !row.boolean(5))
    }

    @Test func nullIsNilWhereAllowedAndAnErrorThatNamesTheColumnElsewhere() throws {
        let row = try #require(query("SELECT NULL::text AS slug").first)

        #expect(row.isNull(0))
        #expect(row.optionalText(0) == nil)
        #expect(try row.optionalInteger(0) == nil)
        #expect(try row.optionalBoolean(0) == nil)
        #expect(try row.optionalTimestamp(0) == nil)
        #expect(try row.optionalTextArray(0) == nil)
        let expected = PostgreSQLError.unexpectedValue(column: "slug", reason: "NULL")
        #expect(throws: expected) { try row.text(0) }
        #expect(throws: expected) { try row.integer(0) }
        #expect(throws: expected) { try row.boolean(0) }
        #expect(throws: expected) { try row.timestamp(0) }
        #expect(throws: expected) { try row.textArray(0) }
    }

    @Test func valuesOfAnotherTypeAreErrorsThatNameTheColumn() throws {
        let row = try #require(query("SELECT 'x' AS name").first)

        for read in [
            { _ = try row.integer(0) }, { _ = try row.boolean(0) }, { _ = try row.timestamp(0) },
            { _ = try row.textArray(0) },
        ] as [() throws -> Void] {
            #expect {
                try read()
            } throws: { error in
                guard case .unexpectedValue(column: "name", _) = error as? PostgreSQLError else { return false }
                return true
            }
        }
    }

    @Test func parametersArriveAsTheyWereGiven() throws {
        let texts = ["", "a", "NULL", "b\"c", #"d\e"#, "f,g", "{h}", " i ", "ü\n"]
        let date = Timestamp(microseconds: 1_700_000_000_123_456)
        let row = try #require(
            query(
                "SELECT $1::text, $2::bigint, $3::boolean, extract(epoch FROM $4::timestamptz), $5::text[], $6::text",
                .text("it's \\ \"ü\""), .integer(.min), true, .timestamp(date), .textArray(texts), nil
            ).first)

        #expect(try row.text(0) == "it's \\ \"ü\"")
        #expect(try row.integer(1) == .min)
        #expect(try row.boolean(2))
        #expect(try row.timestamp(3) == date)
        #expect(try row.textArray(4) == texts)
        #expect(row.optionalText(5) == nil)
    }

    @Test func aParameterWithAZeroCharacterIsRefused() {
        #expect(throws: PostgreSQLError.invalidParameter(position: 2)) {
            try query("SELECT $1::text, $2::text", "a", "b\0c")
        }
    }

    @Test func aResultLargerThanAnyBufferIsReadWhole() throws {
        let rows = try query("SELECT number, repeat('x', 1000) FROM generate_series(1, 5000) AS number")

        #expect(rows.count == 5000)
        #expect(try rows.last?.integer(0) == 5000)
        #expect(try rows.allSatisfy { try $0.text(1).utf8.count == 1000 })
    }

    @Test func aParameterLargerThanAnyBufferIsSentWhole() throws {
        let text = String(repeating: "x", count: 8 << 20)

        #expect(try query("SELECT length($1::text)", .text(text)).first?.integer(0) == 8 << 20)
    }

    @Test func writesSayHowManyRowsTheyChanged() throws {
        try database.execute("CREATE TABLE notes (id int PRIMARY KEY, text text)")
        let deadline = MonotonicTime.now().adding(seconds: 20)

        #expect(try pool.execute("INSERT INTO notes VALUES (1, 'a'), (2, 'b')", by: deadline).affectedCount == 2)
        #expect(try pool.execute("DELETE FROM notes WHERE id > 5", by: deadline).affectedCount == 0)
    }
}
