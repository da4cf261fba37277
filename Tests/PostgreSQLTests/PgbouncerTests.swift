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

    /// libpq reads a part of such a record; the rest is not visible to `poll`.
    @Test func theLargestRecordsOfTLSAreReadWhole() throws {
        let encrypted = try Pgbouncer(server, poolSize: 2, certificates: TestCertificates())
        let connection = try PostgreSQLConnection.connect(
            to: PostgreSQLAddress(parsing: encrypted.networkURL()), by: .now().adding(seconds: 20))
        #expect(connection.isEncrypted)

        for width in [100, 3000, 9000, 12_000] {
            let rows = try connection.query(
                "SELECT repeat('x', $1) FROM generate_series(1, 200)", [.integer(Int64(width))],
                by: .now().adding(seconds: 10))
            #expect(try rows.allSatisfy { try $0.text(0).utf8.count == width })
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
