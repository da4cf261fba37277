import PostgreSQL
import System
import TestSupport
import Testing

/// Through pgbouncer with transaction pooling: consecutive statements may be executed by different sessions.
struct PgbouncerTests {
    private let server: PostgreSQLServer
    private let bouncer: Pgbouncer
    private let pool: PostgreSQLPool

    init() throws {
        server = try PostgreSQLServer()
        bouncer = try Pgbouncer(server, poolSize: 2)
        pool = PostgreSQLPool(
            address: try PostgreSQLAddress(parsing: bouncer.url()), limits: PostgreSQLPoolLimits(maximumCount: 6))
        try server.connection().execute("CREATE TABLE counters (id int PRIMARY KEY, value int)")
        try server.connection().execute("INSERT INTO counters VALUES (1, 0)")
    }

    @Test func manyConnectionsShareAFewSessions() throws {
        let failures = Lock<[String]>([])
        let pool = pool

        try runThreads(count: 6) { number in
            do {
                for _ in 0..<20 {
                    let deadline = MonotonicTime.now().adding(seconds: 60)
                    let row = try pool.query(
                        "SELECT $1::int, $2::text[]", [.integer(Int64(number)), .textArray(["a"])], by: deadline)[0]
                    guard try row.integer(0) == Int64(number) else { throw TestSupportError("another's row") }
                    try pool.withTransaction(by: deadline) { (transaction) throws(PostgreSQLError) in
                        try transaction.query("SELECT pg_advisory_xact_lock(1)")
                        let value = try transaction.query("SELECT value FROM counters WHERE id = 1")[0].integer(0)
                        try transaction.query(
                            "UPDATE counters SET value = $1 WHERE id = 1", [.integer(value + 1)])
                    }
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }

        #expect(failures.withLock { $0 } == [])
        #expect(try server.connection().rows("SELECT value FROM counters") == [["120"]])
        #expect(try server.clientCount() <= 2)
    }

    /// libpq reads a part of such a record where its buffer holds a part of a row already; the rest is not visible to
    /// `poll`. Whether the last record of a response is one of those depends on its size: so many sizes, each on a new
    /// connection with a small buffer.
    @Test func theLargestRecordsOfTLSAreReadWhole() throws {
        let encrypted = try Pgbouncer(server, poolSize: 2, certificates: TestCertificates())
        let address = try PostgreSQLAddress(parsing: encrypted.networkURL())

        for count in 2...60 {
            let deadline = MonotonicTime.now().adding(seconds: 5)
            let connection = try PostgreSQLConnection.connect(to: address, by: deadline)
            #expect(connection.isEncrypted)
            let rows = try connection.query(
                "SELECT repeat('x', 7000) FROM generate_series(1, $1)", [.integer(Int64(count))], by: deadline)
            #expect(rows.count == count)
        }
    }

    @Test func aServerThatRestartsBehindItIsReachedAgain() throws {
        _ = try pool.query("SELECT 1", by: .now().adding(seconds: 20))
        try server.restart()

        try waitUntil("statements are executed again", seconds: 30) {
            (try? pool.query("SELECT 1", by: .now().adding(seconds: 20))) != nil
        }
    }
}
