import PostgreSQL
import System
import TestSupport
import Testing

struct PostgreSQLTransactionTests {
    private struct Refusal: Error, Equatable {
        var reason: String
    }

    private let database: PostgreSQLDatabase
    private let pool: PostgreSQLPool
    private let deadline = MonotonicTime.now().adding(seconds: 20)

    init() throws {
        database = try PostgreSQLDatabase()
        pool = PostgreSQLPool(address: try PostgreSQLAddress(parsing: database.url))
        try database.execute("CREATE TABLE notes (id int PRIMARY KEY)")
    }

    private func notes() throws -> [String?] {
        try database.rows("SELECT id FROM notes ORDER BY id").map { $0[0] }
    }

    @Test func whatTheBodyDidIsCommittedWhenItReturns() throws {
        let count = try pool.withTransaction(by: deadline) { (transaction) throws(PostgreSQLError) in
            try transaction.query("INSERT INTO notes VALUES (1)")
            return try transaction.query("SELECT 1 FROM notes").count
        }

        #expect(count == 1)
        #expect(try notes() == ["1"])
        #expect(pool.status.idleCount == 1)
    }

    @Test func whatTheBodyDidIsRolledBackWhenItThrows() throws {
        #expect(throws: Refusal(reason: "no")) {
            try pool.withTransaction(by: deadline, mapping: { Refusal(reason: "\($0)") }) {
                (transaction) throws(Refusal) in
                do throws(PostgreSQLError) {
                    try transaction.query("INSERT INTO notes VALUES (1)")
                } catch {
                    throw Refusal(reason: "\(error)")
                }
                throw Refusal(reason: "no")
            }
        }

        #expect(try notes() == [])
        // The connection is used again, outside the transaction.
        #expect(try pool.query("SELECT 1", by: deadline).count == 1)
        #expect(pool.status.counts.connections == 1)
    }

    @Test func aTransactionInWhichAStatementFailedUnnoticedIsNotTakenForCommitted() throws {
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.withTransaction(by: deadline) { (transaction) throws(PostgreSQLError) in
                try transaction.query("INSERT INTO notes VALUES (1)")
                _ = try? transaction.query("INSERT INTO notes VALUES (1)")
            }
        }

        #expect(error?.sqlstate == "25P02")
        #expect(try notes() == [])
    }

    @Test func aSnapshotSeesOneStateAndRefusesChanges() throws {
        let database = database
        try pool.withTransaction(by: deadline, mode: .snapshot) { (transaction) throws(PostgreSQLError) in
            let before = try transaction.query("SELECT count(*) FROM notes")[0].integer(0)
            #expect(throws: Never.self) { try database.execute("INSERT INTO notes VALUES (1)") }
            #expect(try transaction.query("SELECT count(*) FROM notes")[0].integer(0) == before)
        }
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.withTransaction(by: deadline, mode: .snapshot) { (transaction) throws(PostgreSQLError) in
                try transaction.query("INSERT INTO notes VALUES (2)")
            }
        }
        guard case .readOnly = error else { throw TestSupportError("\(error as Any)") }
    }

    @Test func theOutcomeIsUnknownWhenTheConnectionEndsDuringCommit() throws {
        try database.execute(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NULL; END$$;
            CREATE CONSTRAINT TRIGGER die AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION die()
            """)
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.execute("INSERT INTO notes VALUES (1)", by: deadline)
        }

        guard case .unknownOutcome = error else { throw TestSupportError("\(error as Any)") }
        #expect(pool.status.idleCount == 0)
        #expect(pool.status.acquiredCount == 0)
    }

    @Test func aDeferredConstraintThatFailsAtCommitIsKnownToHaveFailed() throws {
        try database.execute(
            "CREATE TABLE lines (note int REFERENCES notes DEFERRABLE INITIALLY DEFERRED)")
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.execute("INSERT INTO lines VALUES (7)", by: deadline)
        }

        guard case .foreignKeyViolation = error else { throw TestSupportError("\(error as Any)") }
    }

    @Test func advisoryLocksOfATransactionExcludeEachOther() throws {
        try pool.withTransaction(by: deadline) { (transaction) throws(PostgreSQLError) in
            try transaction.query("SELECT pg_advisory_xact_lock($1)", [7])
            let other = try pool.query("SELECT pg_try_advisory_xact_lock(7)", by: deadline)
            #expect(try !other[0].boolean(0))
        }
        #expect(try pool.query("SELECT pg_try_advisory_xact_lock(7)", by: deadline)[0].boolean(0))
    }

    @Test func theCallersOwnErrorIsMadeOfTheConnections() throws {
        pool.close()

        #expect(throws: Refusal(reason: "\(PostgreSQLError.closed)")) {
            try pool.withTransaction(by: deadline, mapping: { Refusal(reason: "\($0)") }) { (_) throws(Refusal) in }
        }
    }
}
