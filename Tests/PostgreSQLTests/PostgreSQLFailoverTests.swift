import Foundation
import PostgreSQL
import System
import TestSupport
import Testing

/// Addresses with several hosts, and names.
struct PostgreSQLFailoverTests {
    private let deadline = MonotonicTime.now().adding(seconds: 30)

    private func networkServer() throws -> PostgreSQLServer {
        var options = PostgreSQLServer.Options()
        options.hasTCP = true
        return try PostgreSQLServer(options)
    }

    private func connect(
        _ address: String, by deadline: MonotonicTime? = nil
    ) throws(PostgreSQLError) -> PostgreSQLConnection {
        let parsed: PostgreSQLAddress
        do {
            parsed = try PostgreSQLAddress(parsing: address)
        } catch {
            throw .connectionLost(reason: "\(error)")
        }
        return try PostgreSQLConnection.connect(to: parsed, by: deadline ?? self.deadline)
    }

    @Test func aHostThatDoesNotRespondLeavesTimeForTheNext() throws {
        let (silent, server) = (try SilentListener(), try networkServer())
        let start = MonotonicTime.now()

        let connection = try connect(
            "postgres://postgres@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)/postgres",
            by: start.adding(seconds: 6))

        #expect(connection.server == "127.0.0.1:\(server.port)")
        #expect((2900..<6000).contains(start.millisecondsUntilNow))
    }

    @Test func theConnectTimeoutOfTheAddressLimitsOneAttempt() throws {
        let (silent, server) = (try SilentListener(), try networkServer())
        let start = MonotonicTime.now()

        _ = try connect(
            "postgres://postgres@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)/postgres?connect_timeout=1",
            by: start.adding(seconds: 60))

        #expect((1000..<20_000).contains(start.millisecondsUntilNow))
    }

    @Test func aServerThatRefusesTheLoginEndsTheSearch() throws {
        let (first, second) = (try networkServer(), try networkServer())
        let error = #expect(throws: PostgreSQLError.self) {
            try connect("postgres://nobody@127.0.0.1:\(first.port),127.0.0.1:\(second.port)/postgres")
        }

        guard case .authentication(let message) = error else { throw TestSupportError("\(error as Any)") }
        #expect(message.sqlstate == "28000")
        #expect(message.text == "role \"nobody\" does not exist")
        let missing = #expect(throws: PostgreSQLError.self) {
            try connect("postgres://postgres@127.0.0.1:\(first.port)/nothing")
        }
        #expect(missing?.sqlstate == "3D000")
    }

    @Test func theServerWithTheWantedRoleIsFound() throws {
        let primary = try networkServer()
        let standby = try primary.standby(hasTCP: true)
        let hosts = "postgres://postgres@127.0.0.1:\(standby.port),127.0.0.1:\(primary.port)/postgres"

        for (target, expected) in [
            ("read-write", primary), ("primary", primary), ("any", standby), ("standby", standby),
            ("read-only", standby), ("prefer-standby", standby),
        ] {
            let connection = try connect(hosts + "?target_session_attrs=" + target)
            #expect(connection.server == "127.0.0.1:\(expected.port)", "\(target)")
        }
        try standby.stop()
        #expect(try connect(hosts + "?target_session_attrs=prefer-standby").server == "127.0.0.1:\(primary.port)")
        let error = #expect(throws: PostgreSQLError.self) { try connect(hosts + "?target_session_attrs=standby") }
        guard case .unreachable(let attempts) = error else { throw TestSupportError("\(error as Any)") }
        #expect(attempts.map(\.reason) == ["Connection refused", "server is not in hot standby mode"])
    }

    @Test func changesGoToTheNewPrimaryAfterAFailover() throws {
        let old = try networkServer()
        let new = try old.standby(hasTCP: true)
        let pool = PostgreSQLPool(
            address: try PostgreSQLAddress(
                parsing: "postgres://postgres@127.0.0.1:\(old.port),127.0.0.1:\(new.port)/postgres"
                    + "?target_session_attrs=read-write"),
            limits: PostgreSQLPoolLimits(shortestPause: .milliseconds(20), longestPause: .milliseconds(100)))
        try pool.execute("CREATE TABLE notes (id int)", by: deadline)
        try waitUntil("the standby server has the table", seconds: 20) {
            try new.connection().rows("SELECT to_regclass('notes') IS NOT NULL") == [["t"]]
        }
        try old.stop(signal: SIGQUIT)
        try new.connection().execute("SELECT pg_promote()")

        try waitUntil("changes are accepted", seconds: 20) {
            (try? pool.execute("INSERT INTO notes VALUES (1)", by: deadline)) != nil
        }
        #expect(try new.connection().rows("SELECT id FROM notes") == [["1"]])
    }

    @Test func everyAddressOfANameIsTried() throws {
        let server = try networkServer()
        let address = try PostgreSQLAddress(parsing: "postgres://postgres@db.test:\(server.port)/postgres")
        let connection = try PostgreSQLConnection.connect(
            to: address, by: deadline,
            resolve: { (_, _) throws(NameResolver.Problem) in
                [IPAddress("::1"), IPAddress("127.0.0.1")].compactMap { $0 }
            })

        #expect(connection.server == "db.test:\(server.port) (127.0.0.1)")
        // By the system's resolver, from the hosts file.
        #expect(try connect(server.networkURL(host: "localhost")).isOpen)
    }

    @Test func aNameThatCannotBeLookedUpLeavesTimeForTheNextHost() throws {
        let server = try networkServer()
        let address = try PostgreSQLAddress(
            parsing: "postgres://postgres@no.test:1,slow.test:2,127.0.0.1:\(server.port)/postgres")
        // A resolver that hangs: the deadline it gets is all that ends it.
        let resolve: PostgreSQLResolver = { (host, deadline) throws(NameResolver.Problem) in
            guard host == "slow.test" else { throw NameResolver.Problem(reason: "no such name", isTimeout: false) }
            _ = ThreadFlag().wait(until: deadline)
            throw NameResolver.Problem(reason: "no response", isTimeout: true)
        }
        let connection = try PostgreSQLConnection.connect(to: address, by: .now().adding(seconds: 4), resolve: resolve)
        #expect(connection.server == "127.0.0.1:\(server.port)")

        try server.stop()
        let error = #expect(throws: PostgreSQLError.self) {
            try PostgreSQLConnection.connect(to: address, by: .now().adding(.milliseconds(200)), resolve: resolve)
        }
        guard case .unreachable(let attempts) = error else { throw TestSupportError("\(error as Any)") }
        #expect(
            attempts.map(\.description) == [
                "no.test:1: cannot look up the name: no such name", "slow.test:2: cannot look up the name: no response",
                "127.0.0.1:\(server.port): Connection refused",
            ])
    }
}
