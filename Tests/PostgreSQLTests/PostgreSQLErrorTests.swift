import Model
import PostgreSQL
import System
import TestSupport
import Testing

/// Errors of a real server, by their SQLSTATE.
struct PostgreSQLErrorTests {
    private let database: PostgreSQLDatabase
    private let pool: PostgreSQLPool
    private let deadline = MonotonicTime.now().adding(seconds: 20)

    init() throws {
        database = try PostgreSQLDatabase()
        pool = PostgreSQLPool(address: try PostgreSQLAddress(parsing: database.url))
        try database.execute(
            """
            CREATE TABLE apps (id int PRIMARY KEY, slug text UNIQUE);
            CREATE TABLE hooks (id int PRIMARY KEY, app int REFERENCES apps);
            INSERT INTO apps VALUES (1, 'a')
            """)
    }

    private func error(_ statement: String) -> PostgreSQLError? {
        #expect(throws: PostgreSQLError.self) { try pool.query(statement, by: deadline) }
    }

    @Test func aRoleWithoutTheRightIsToldWhichTable() throws {
        let role = "reader_\(database.name)"
        try database.execute("CREATE ROLE \(role) LOGIN; GRANT SELECT (id) ON apps TO \(role)")
        defer { try? database.execute("DROP OWNED BY \(role); DROP ROLE \(role)") }
        var address = pool.address
        address.user = role
        let reader = PostgreSQLPool(address: address)

        #expect(try reader.query("SELECT id FROM apps", by: deadline).count == 1)
        let error = #expect(throws: PostgreSQLError.self) { try reader.query("SELECT slug FROM apps", by: deadline) }
        guard case .insufficientPrivilege(let message) = error else { throw TestSupportError("\(error as Any)") }
        #expect(message.text == "permission denied for table apps")
        #expect("\(PostgreSQLError.insufficientPrivilege(message))".contains("42501"))
    }

    @Test func whatDoesNotExistIsNamed() {
        guard case .undefinedColumn(let column) = error("SELECT no_such FROM apps"),
            case .undefinedTable(let table) = error("SELECT 1 FROM nothing.here")
        else { return #expect(Bool(false)) }
        #expect(column.text.contains("no_such"))
        #expect(table.text.contains("nothing.here"))
    }

    @Test func violatedConstraintsAreNamedWithoutTheValues() {
        guard case .uniqueViolation(let unique) = error("INSERT INTO apps VALUES (2, 'a')"),
            case .foreignKeyViolation(let key) = error("INSERT INTO hooks VALUES (1, 7)")
        else { return #expect(Bool(false)) }
        #expect(unique.constraint == "apps_slug_key")
        #expect(unique.table == "apps")
        #expect(key.constraint == "hooks_app_fkey")
        #expect(!"\(unique)\(key)".contains("=("))
    }

    @Test(arguments: [
        ("25006", "BEGIN READ ONLY"), ("40001", ""), ("40P01", ""), ("57014", ""), ("55P03", ""), ("53300", ""),
        ("57P01", ""), ("57P03", ""), ("28P01", ""), ("08006", ""), ("P0001", ""),
    ])
    func theServersCodeDecides(code: String, _: String) {
        // RAISE gives any code, also those of states that are hard to reach.
        let error = error("DO $$BEGIN RAISE EXCEPTION 'made by the test' USING ERRCODE = '\(code)'; END$$")
        let expected: Bool
        switch (code, error) {
        case ("25006", .readOnly), ("40001", .serialization), ("40P01", .serialization), ("57014", .queryCanceled),
            ("55P03", .lockNotAvailable), ("53300", .tooManyConnections), ("57P01", .shutdown), ("57P03", .shutdown),
            ("28P01", .authentication), ("08006", .connectionLost), ("P0001", .other):
            expected = true
        default: expected = false
        }
        #expect(expected, "\(error as Any)")
        #expect(error?.description.contains("made by the test (SQLSTATE \(code))") ?? false)
    }

    @Test func aStatementTimeoutOfTheRoleIsACancelledQuery() throws {
        let role = "slow_\(database.name)"
        try database.execute("CREATE ROLE \(role) LOGIN; ALTER ROLE \(role) SET statement_timeout = '20ms'")
        defer { try? database.execute("DROP ROLE \(role)") }
        var address = pool.address
        address.user = role
        let slow = PostgreSQLPool(address: address)

        let error = #expect(throws: PostgreSQLError.self) { try slow.query("SELECT pg_sleep(30)", by: deadline) }
        guard case .queryCanceled = error else { throw TestSupportError("\(error as Any)") }
        // The connection is still good.
        #expect(try slow.query("SELECT 1", by: deadline).count == 1)
        #expect(slow.status.counts.connections == 1)
    }

    @Test func settingsOfTheRoleDoNotChangeWhatTimesMean() throws {
        let role = "german_\(database.name)"
        try database.execute(
            """
            CREATE ROLE \(role) LOGIN; ALTER ROLE \(role) SET DateStyle = 'German';
            ALTER ROLE \(role) SET TimeZone = 'Asia/Kolkata'
            """)
        defer { try? database.execute("DROP ROLE \(role)") }
        var address = pool.address
        address.user = role
        let date = Timestamp(microseconds: 1_700_000_000_123_456)
        let german = PostgreSQLPool(address: address)
        let row = try german.query(
            "SELECT extract(epoch FROM $1::timestamptz), ($1::timestamptz)::text", [.timestamp(date)], by: deadline)[0]

        #expect(try row.timestamp(0) == date)
        #expect(try row.text(1).hasPrefix("15.11.2023 03:43:20.123456"))
    }

    @Test func aLockThatIsHeldLongerThanTheDeadlineEndsTheConnection() throws {
        let holder = try database.connection()
        _ = try pool.query("SELECT 1", by: deadline)
        try holder.execute("BEGIN; LOCK TABLE apps IN ACCESS EXCLUSIVE MODE")
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.query("SELECT id FROM apps", by: .now().adding(.milliseconds(100)))
        }
        guard case .deadline(.response, let milliseconds) = error else { throw TestSupportError("\(error as Any)") }
        #expect(milliseconds >= 100)
        #expect(pool.status.idleCount == 0)
        #expect(pool.status.counts.timedOut == 1)
        try holder.execute("COMMIT")

        #expect(try pool.query("SELECT id FROM apps", by: deadline).count == 1)
        #expect(pool.status.counts.connections == 2)
    }

    @Test func aCallWhoseDeadlineHasPassedDoesNothing() throws {
        _ = try pool.query("SELECT 1", by: deadline)

        #expect(throws: PostgreSQLError.deadline(.connection, milliseconds: 0)) {
            try pool.query("SELECT 1", by: .now())
        }
        #expect(pool.status.idleCount == 1)
    }
}
