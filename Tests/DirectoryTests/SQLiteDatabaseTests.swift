import TestSupport
import Testing

@testable import Directory

@Suite struct SQLiteDatabaseTests {
    private let folder: TemporaryDirectory
    private let database: SQLiteDatabase

    init() throws {
        folder = try TemporaryDirectory()
        database = try SQLiteDatabase(
            path: folder.file("x.sqlite"), mode: .writing, busyTimeoutMilliseconds: 100, statementLimit: 3)
        try database.execute("CREATE TABLE t (a INTEGER, b TEXT UNIQUE) STRICT")
    }

    @Test(
        arguments: [
            (.integer(.max), .text("plain")), (.integer(.min), .text("")), (.integer(0), .text("a\u{0}b")),
            (.null, .text("é\u{301}😀")), (.integer(-1), .null),
        ] as [(SQLiteValue, SQLiteValue)])
    func valuesComeBackAsTheyWereBound(number: SQLiteValue, text: SQLiteValue) throws {
        try database.run("INSERT INTO t VALUES (?1, ?2)", number, text)

        try database.withStatement("SELECT a, b, length(b) FROM t") { row throws(SQLiteError) in
            let hasRow = try row.step()
            #expect(hasRow)
            #expect(SQLiteValue.optional(row.optionalInteger(0)) == number)
            #expect(row.optionalText(1).map { Array($0.utf8) } == bytes(of: text))
        }
    }

    @Test func anErrorHasTheOperationAndSQLitesMessage() throws {
        try database.run("INSERT INTO t VALUES (1, 'x')")

        let refused = #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t VALUES (2, 'x')") }
        let misspelt = #expect(throws: SQLiteError.self) { try database.run("SELEKT 1") }

        #expect(refused?.isConstraint == true)
        #expect(refused?.description.contains("step INSERT INTO t VALUES (2, 'x'): UNIQUE constraint failed") == true)
        #expect(misspelt?.operation == "prepare SELEKT 1")
    }

    @Test func aStatementIsReadyAgainAfterAnErrorAndAfterAnEarlyEnd() throws {
        try database.run("INSERT INTO t VALUES (?1, ?2)", .integer(1), .text("x"))
        #expect(throws: SQLiteError.self) {
            try database.run("INSERT INTO t VALUES (?1, ?2)", .integer(2), .text("x"))
        }

        try database.run("INSERT INTO t VALUES (?1, ?2)", .integer(3), .text("y"))

        #expect(try database.integer("SELECT a FROM t ORDER BY a") == 1)
        #expect(try database.integer("SELECT a FROM t ORDER BY a") == 1)
        #expect(try database.integer("SELECT count(*) FROM t") == 2)
    }

    @Test func moreStatementsThanAreKeptAllWork() throws {
        for round in 0..<3 {
            for number in 0..<7 {
                #expect(try database.integer("SELECT \(number) + ?1", .integer(Int64(round))) == Int64(number + round))
            }
        }
    }

    @Test func aConnectionForReadingRefusesToWriteAndDoesNotMakeTheFile() throws {
        let reader = try SQLiteDatabase(path: folder.file("x.sqlite"), mode: .reading, busyTimeoutMilliseconds: 100)

        #expect(throws: SQLiteError.self) { try reader.run("INSERT INTO t VALUES (1, 'x')") }
        #expect(throws: SQLiteError.self) {
            try SQLiteDatabase(path: folder.file("none.sqlite"), mode: .reading, busyTimeoutMilliseconds: 100)
        }
    }

    private func bytes(of value: SQLiteValue) -> [UInt8]? {
        if case .text(let text) = value { Array(text.utf8) } else { nil }
    }
}
