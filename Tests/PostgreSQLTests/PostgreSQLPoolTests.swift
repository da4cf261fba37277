import PostgreSQL
import System
import TestSupport
import Testing

/// The pool with a real server.
struct PostgreSQLPoolTests {
    private let database: PostgreSQLDatabase
    private let address: PostgreSQLAddress

    init() throws {
        database = try PostgreSQLDatabase()
        address = try PostgreSQLAddress(parsing: database.url)
    }

    private func sessionCount() throws -> Int {
        try database.server.connection().rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = '\(database.name)'"
        ).count
    }

    @Test func threadsShareNoMoreConnectionsThanAllowed() throws {
        let pool = PostgreSQLPool(address: address, limits: PostgreSQLPoolLimits(maximumCount: 2))
        let failures = Lock<[String]>([])

        try runThreads(count: 8) { _ in
            do {
                for _ in 0..<10 { _ = try pool.query("SELECT pg_sleep(0.001)", by: .now().adding(seconds: 60)) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }

        #expect(failures.withLock { $0 } == [])
        #expect(pool.status.counts.connections == 2)
        #expect(try sessionCount() == 2)
    }

    @Test func aThreadWaitsForAConnectionUntilItsDeadline() throws {
        let pool = PostgreSQLPool(address: address, limits: PostgreSQLPoolLimits(maximumCount: 1))
        let error = try pool.withTransaction(by: .now().adding(seconds: 20)) { (_) throws(PostgreSQLError) in
            #expect(throws: PostgreSQLError.self) {
                try pool.query("SELECT 1", by: .now().adding(.milliseconds(50)))
            }
        }

        guard case .deadline(.connection, let milliseconds) = error else { throw TestSupportError("\(error as Any)") }
        #expect(milliseconds >= 50)
        #expect(try pool.query("SELECT 1", by: .now().adding(seconds: 20)).count == 1)
    }

    @Test func waitsForTheServerAndForOtherThreadsAreAnnounced() throws {
        final class Observer: ThreadWaitObserver {
            var waits = 0
            func willWait() { waits += 1 }
            func didWait() {}
        }
        let observer = Observer()
        let pool = PostgreSQLPool(address: address, limits: PostgreSQLPoolLimits(maximumCount: 1))

        try ThreadWait.withObserver(observer) {
            _ = try pool.query("SELECT pg_sleep(0.01)", by: .now().adding(seconds: 20))
        }
        // To connect, and for the response.
        #expect(observer.waits == 2)
        try pool.withTransaction(by: .now().adding(seconds: 20)) { (_) throws(PostgreSQLError) in
            _ = try? ThreadWait.withObserver(observer) {
                _ = try pool.query("SELECT 1", by: .now().adding(.milliseconds(20)))
            }
        }
        #expect(observer.waits == 3)
    }

    @Test func idleConnectionsAreClosedAndThoseOfAClosedPool() throws {
        let pool = PostgreSQLPool(
            address: address, limits: PostgreSQLPoolLimits(maximumCount: 3, minimumIdleCount: 1))
        try pool.withTransaction(by: .now().adding(seconds: 20)) { (_) throws(PostgreSQLError) in
            _ = try pool.query("SELECT 1", by: .now().adding(seconds: 20))
        }
        #expect(pool.status.idleCount == 2)

        pool.closeIdleConnections(at: .now().adding(seconds: 59))
        #expect(pool.status.idleCount == 2)
        pool.closeIdleConnections(at: .now().adding(seconds: 61))
        #expect(pool.status.idleCount == 1)
        try waitUntil("the server has ended the session") { try sessionCount() == 1 }
        pool.close()
        try waitUntil("the server has ended all sessions") { try sessionCount() == 0 }
        #expect(throws: PostgreSQLError.closed) { try pool.query("SELECT 1", by: .now().adding(seconds: 20)) }
    }

    @Test func connectionsAreNamedInTheServersList() throws {
        var address = address
        let statement = "SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()"
        let standard = PostgreSQLPool(address: address)
        #expect(try standard.query(statement, by: .now().adding(seconds: 20))[0].text(0) == "hookline")
        address.applicationName = "other"
        let other = PostgreSQLPool(address: address)
        #expect(try other.query(statement, by: .now().adding(seconds: 20))[0].text(0) == "other")
    }

    /// Nothing listens on the port.
    @Test func whileNoServerCanBeReachedOneThreadAtATimeTries() throws {
        let port = try freePort()
        let lookUps = Lock(0)
        let pool = PostgreSQLPool(
            address: try PostgreSQLAddress(parsing: "postgres://u@db.test:\(port)/d"),
            limits: PostgreSQLPoolLimits(shortestPause: .seconds(3600), longestPause: .seconds(7200)),
            resolve: { (_, _) throws(NameResolver.Problem) in
                lookUps.withLock { $0 += 1 }
                return [IPAddress("127.0.0.1"), IPAddress("::1")].compactMap { $0 }
            })

        for _ in 0..<50 {
            let error = #expect(throws: PostgreSQLError.self) {
                try pool.query("SELECT 1", by: .now().adding(seconds: 5))
            }
            guard case .unreachable(let attempts) = error else { throw TestSupportError("\(error as Any)") }
            #expect(attempts.map(\.server) == ["db.test:\(port) (127.0.0.1)", "db.test:\(port) (::1)"])
            #expect(attempts.first?.reason == "Connection refused")
        }
        #expect(lookUps.withLock { $0 } == 1)
        #expect(pool.status.counts.connectFailures == 1)
    }
}
