import PostgreSQL
import System
import TestSupport
import Testing

/// A server that stops, hangs, restarts or is full.
struct PostgreSQLAvailabilityTests {
    private let server: PostgreSQLServer
    private let pool: PostgreSQLPool

    init() throws {
        server = try PostgreSQLServer()
        pool = try Self.pool(server)
    }

    private static func pool(
        _ server: PostgreSQLServer, maximumCount: Int = 4, longestWait: Duration = .seconds(1)
    ) throws -> PostgreSQLPool {
        PostgreSQLPool(
            address: try PostgreSQLAddress(parsing: server.url()),
            limits: PostgreSQLPoolLimits(
                maximumCount: maximumCount, longestWait: longestWait, shortestPause: .milliseconds(20),
                longestPause: .milliseconds(100)))
    }

    private func query(_ statement: String = "SELECT 1") throws(PostgreSQLError) -> PostgreSQLRows {
        try pool.query(statement, by: .now().adding(seconds: 20))
    }

    @Test func aStoppedServerIsUnreachableUntilItIsStartedAgain() throws {
        _ = try query()
        try server.stop()

        let first = #expect(throws: PostgreSQLError.self) { try query() }
        guard case .unreachable(let attempts) = first else { throw TestSupportError("\(first as Any)") }
        #expect(attempts.map(\.server) == ["\(server.folder)/.s.PGSQL.5432"])
        #expect(first?.description.contains("No such file or directory") ?? false)
        // At once, with the same reason.
        let start = MonotonicTime.now()
        #expect(throws: PostgreSQLError.self) { try query() }
        #expect(start.millisecondsUntilNow < 5000)
        #expect(pool.status.lastFailure != nil)

        try server.start()
        try waitUntil("the pool has connected again") { (try? query()) != nil }
        #expect(pool.status.lastFailure == nil)
    }

    @Test func aRestartIsNotNoticedByTheNextRead() throws {
        _ = try query()
        try server.restart()

        #expect(try query().count == 1)
        #expect(pool.status.counts.foundClosed == 1)
        #expect(pool.status.counts.repeats == 0)
    }

    @Test func connectionsKilledWhileIdleFailNoRead() throws {
        try runThreads(count: 3) { [pool] _ in
            _ = try? pool.query("SELECT pg_sleep(0.1)", by: .now().adding(seconds: 20))
        }
        #expect(try server.terminateConnections() == pool.status.idleCount)

        #expect(try query().count == 1)
        #expect(try pool.execute("SELECT 1", by: .now().adding(seconds: 20)).count == 1)
    }

    /// Nothing looks whether it is alive before; writing to it must not end the process with SIGPIPE.
    @Test func aStatementOnADeadConnectionIsAnErrorAndClosesIt() throws {
        let deadline = MonotonicTime.now().adding(seconds: 20)
        let connection = try PostgreSQLConnection.connect(to: pool.address, by: deadline)
        #expect(connection.isAlive)
        try server.terminateConnections()
        #expect(!connection.isAlive)

        let error = #expect(throws: PostgreSQLError.self) { try connection.query("SELECT 1", by: deadline) }
        guard case .connectionLost = error else { throw TestSupportError("\(error as Any)") }
        #expect(!connection.isOpen)
        #expect(throws: PostgreSQLError.self) { try connection.query("SELECT 1", by: deadline) }
    }

    @Test func aReadWhoseConnectionIsKilledAtThatMomentIsRepeatedOnce() throws {
        _ = try pool.execute("CREATE SEQUENCE attempts", by: .now().adding(seconds: 20))
        let suicide = """
            SELECT CASE WHEN nextval('attempts') < $1::text::int
            THEN (SELECT pg_sleep(10)::text FROM pg_terminate_backend(pg_backend_pid())) ELSE 'alive' END
            """

        let rows = try pool.query(suicide, ["2"], by: .now().adding(seconds: 20))
        #expect(try rows[0].text(0) == "alive")
        #expect(pool.status.counts.repeats == 1)

        // Not more than once.
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.query(suicide, ["9"], by: .now().adding(seconds: 20))
        }
        guard case .shutdown = error else { throw TestSupportError("\(error as Any)") }
        #expect(pool.status.acquiredCount == 0)
    }

    @Test func aServerThatHangsCostsOneDeadlineAndItsConnection() throws {
        _ = try query()
        server.suspend()
        defer { server.resume() }

        let error = #expect(throws: PostgreSQLError.self) {
            try pool.query("SELECT 1", by: .now().adding(.milliseconds(100)))
        }
        guard case .deadline(.response, let milliseconds) = error else { throw TestSupportError("\(error as Any)") }
        #expect((100..<10_000).contains(milliseconds))
        #expect(pool.status.idleCount == 0)
        // The next has no connection, and the server does not respond to a new one.
        let second = #expect(throws: PostgreSQLError.self) {
            try pool.query("SELECT 1", by: .now().adding(.milliseconds(300)))
        }
        #expect(second?.description.contains("no response within") ?? false)
        server.resume()

        try waitUntil("the pool has connected again") { (try? query()) != nil }
    }

    /// The threads that have the connections wait for a locked table, and nothing ends that but their deadline.
    @Test func aThreadIsNotKeptWaitingWhereAllConnectionsWaitForALock() throws {
        let pool = try Self.pool(server, maximumCount: 2, longestWait: .seconds(3600))
        let locker = try server.connection()
        try locker.execute("CREATE TABLE apps (id int)")
        try locker.execute("BEGIN")
        try locker.execute("LOCK TABLE apps IN ACCESS EXCLUSIVE MODE")
        let holders = try (0..<2).map { _ in
            try PosixThread { _ = try? pool.query("SELECT id FROM apps", by: .now().adding(seconds: 60)) }
        }
        try waitUntil("both connections are in use") { pool.status.acquiredCount == 2 }

        let first = #expect(throws: PostgreSQLError.self) { try pool.query("SELECT 1", by: .now().adding(seconds: 50)) }
        let second = #expect(throws: PostgreSQLError.self) {
            try pool.query("SELECT 1", by: .now().adding(seconds: 50))
        }
        try locker.execute("COMMIT")
        for thread in holders { thread.join() }

        for error in [first, second] {
            guard case .deadline(.otherResponses, let milliseconds) = error else {
                throw TestSupportError("\(error as Any)")
            }
            #expect((500..<30_000).contains(milliseconds))
        }
        #expect(try pool.query("SELECT 1", by: .now().adding(seconds: 20)).count == 1)
    }

    @Test func aThreadIsNotKeptWaitingWhereTheServerHangs() throws {
        let pool = try Self.pool(server, maximumCount: 1, longestWait: .seconds(3600))
        _ = try pool.query("SELECT 1", by: .now().adding(seconds: 20))
        server.suspend()
        defer { server.resume() }
        let holder = try PosixThread { _ = try? pool.query("SELECT 1", by: .now().adding(seconds: 60)) }
        try waitUntil("the connection is in use") { pool.status.acquiredCount == 1 }

        let error = #expect(throws: PostgreSQLError.self) { try pool.query("SELECT 1", by: .now().adding(seconds: 50)) }
        server.resume()
        holder.join()

        guard case .deadline(.otherResponses, _) = error else { throw TestSupportError("\(error as Any)") }
    }

    /// A transaction of many statements takes longer than any of them.
    @Test func aThreadWaitsForATransactionThatGoesOn() throws {
        let pool = try Self.pool(server, maximumCount: 1, longestWait: .seconds(3600))
        let isBegun = ThreadFlag()
        let holder = try PosixThread {
            try? pool.withTransaction(by: .now().adding(seconds: 60)) { (transaction) throws(PostgreSQLError) in
                for _ in 0..<8 {
                    try transaction.query("SELECT pg_sleep(0.1)")
                    isBegun.set()
                }
            }
        }
        #expect(isBegun.wait(until: .now().adding(seconds: 20)))

        #expect(try pool.query("SELECT 1", by: .now().adding(seconds: 50)).count == 1)

        holder.join()
    }

    @Test func aServerThatReadsNothingEndsTheSendingOfALargeStatement() throws {
        _ = try query()
        server.suspend()
        defer { server.resume() }

        let error = #expect(throws: PostgreSQLError.self) {
            let text = String(repeating: "x", count: 8 << 20)
            return try pool.query("SELECT length($1::text)", [.text(text)], by: .now().adding(.milliseconds(200)))
        }
        guard case .deadline(.response, _) = error else { throw TestSupportError("\(error as Any)") }
        #expect(pool.status.idleCount == 0)
    }

    @Test func theOutcomeIsUnknownWhenTheServerHangsDuringCommit() throws {
        defer { server.resume() }
        let server = server
        let error = #expect(throws: PostgreSQLError.self) {
            try pool.withTransaction(by: .now().adding(seconds: 1)) { (transaction) throws(PostgreSQLError) in
                try transaction.query("CREATE TABLE made (id int)")
                server.suspend()
            }
        }

        guard case .unknownOutcome(let reason) = error else { throw TestSupportError("\(error as Any)") }
        #expect(reason.contains("did not respond"))
    }

    @Test func aReadOnlyServerRefusesChangesAndTheConnectionIsReplacedWhereOneMustAcceptThem() throws {
        var address = pool.address
        address.sessionTarget = .readWrite
        let writer = PostgreSQLPool(address: address)
        let deadline = MonotonicTime.now().adding(seconds: 20)
        try pool.execute("CREATE TABLE notes (id int)", by: deadline)
        try writer.execute("INSERT INTO notes VALUES (1)", by: deadline)
        try server.setReadOnly(true)

        for (pool, idleCount) in [(pool, 1), (writer, 0)] {
            // A session learns of the new setting a moment later.
            try waitUntil("a change is refused") {
                do {
                    try pool.execute("INSERT INTO notes VALUES (1)", by: deadline)
                    return false
                } catch PostgreSQLError.readOnly {
                    return true
                }
            }
            #expect(pool.status.idleCount == idleCount)
        }
        let refused = #expect(throws: PostgreSQLError.self) { try writer.query("SELECT 1", by: deadline) }
        #expect(refused?.description.contains("session is read-only") ?? false)
        #expect(try query("SELECT id FROM notes").isEmpty == false)
    }
}

/// The server's own limit of connections.
struct PostgreSQLConnectionLimitTests {
    private let server: PostgreSQLServer
    private let deadline = MonotonicTime.now().adding(seconds: 20)

    init() throws {
        var options = PostgreSQLServer.Options()
        options.maximumConnections = 6
        options.settings = ["superuser_reserved_connections = 3"]
        server = try PostgreSQLServer(options)
        try server.connection().execute("CREATE ROLE plain LOGIN")
    }

    private func pool(maximumCount: Int) throws -> PostgreSQLPool {
        PostgreSQLPool(
            address: try PostgreSQLAddress(parsing: server.url(user: "plain")),
            limits: PostgreSQLPoolLimits(
                maximumCount: maximumCount, shortestPause: .milliseconds(20), longestPause: .milliseconds(100)))
    }

    @Test func aFullServerIsNamedAsSuch() throws {
        let address = try PostgreSQLAddress(parsing: server.url(user: "plain"))
        var held: [PostgreSQLConnection] = []
        for _ in 0..<3 { held.append(try PostgreSQLConnection.connect(to: address, by: deadline)) }
        let pool = try pool(maximumCount: 1)

        let error = #expect(throws: PostgreSQLError.self) { try pool.query("SELECT 1", by: deadline) }
        guard case .tooManyConnections(let message) = error else { throw TestSupportError("\(error as Any)") }
        #expect(message.sqlstate == "53300")
        #expect(message.text.hasPrefix("remaining connection slots are reserved"))
        held[0].close()

        try waitUntil("there is a connection again") { (try? pool.query("SELECT 1", by: deadline)) != nil }
    }

    @Test func threadsOfAFullServerShareTheConnectionsThatThereAre() throws {
        let pool = try pool(maximumCount: 8)
        let failures = Lock<[String]>([])

        try runThreads(count: 8) { _ in
            do {
                for _ in 0..<5 { _ = try pool.query("SELECT pg_sleep(0.01)", by: .now().adding(seconds: 60)) }
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }

        #expect(failures.withLock { $0 } == [])
        #expect(pool.status.counts.connectFailures > 0)
        #expect(pool.status.idleCount <= 3)
    }
}
