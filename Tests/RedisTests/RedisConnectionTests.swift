import Buffer
import Foundation
import Model
import TestSupport
import Testing

@testable import Redis

/// A connection to Redis.
@Suite
struct RedisConnectionTests {
    @Test func aPasswordAUserAndADatabaseAreUsed() throws {
        let server = try RedisServer(extraArguments: ["--requirepass", "pass word"])
        let admin = try RedisTestConnection(socketPath: server.socketPath)
        try admin.command(["AUTH", "pass word"])
        try admin.command(["ACL", "SETUSER", "hook", "on", ">p&q", "~*", "+@all"])

        try server.connection(query: "?password=pass%20word").ping()
        let connection = try server.connection(query: "?user=hook&password=p%26q&db=5")
        let series = InteractionSeries(connection: connection)
        try series.increment(.viewed(appID: 1), at: .now())

        #expect(try admin.command(["DBSIZE"]) == ":0\r\n")
        try admin.command(["SELECT", "5"])
        #expect(try admin.command(["DBSIZE"]) == ":3\r\n")
    }

    @Test func aRefusedLoginIsReportedInRedisWordsAndWithoutSecrets() throws {
        let server = try RedisServer(extraArguments: ["--requirepass", "right"])
        let cases = [
            ("?password=wrong", "WRONGPASS"), ("?user=nobody&password=right", "WRONGPASS"), ("", "NOAUTH"),
            ("?password=right&db=99", "out of range"),
        ]

        for (query, expected) in cases {
            let error = failure { try server.connection(query: query).ping() }
            guard case .refused(_, let message) = error else {
                Issue.record("\(query): \(String(describing: error))")
                continue
            }
            #expect(message.contains(expected))
            #expect(!message.contains("wrong") && !message.contains("right"))
        }
    }

    @Test func aRefusedLoginIsARefusalAlsoWithinThePauseBeforeTheNextAttempt() throws {
        let server = try RedisServer(extraArguments: ["--requirepass", "right"])
        let connection = try server.connection(query: "?password=wrong")

        for _ in 0..<3 {
            guard case .refused(_, let message) = failure({ try connection.ping() }) else {
                Issue.record("it is not called a refusal")
                return
            }
            #expect(message.contains("WRONGPASS"))
        }
    }

    @Test func aRedisThatIsNotThereIsUnreachableAndTheNextCallsFailWithoutTrying() throws {
        let directory = try TemporaryDirectory()
        let connection = RedisConnection(endpoint: RedisEndpoint(address: .unix(path: directory.file("none"))))

        let first = failure { try connection.ping() }
        let second = failure { try connection.ping() }

        #expect(first == .unreachable(server: "unix:\(directory.file("none"))", reason: "No such file or directory"))
        guard case .unreachable(_, let reason) = second else {
            Issue.record("\(String(describing: second))")
            return
        }
        #expect(reason.hasPrefix("No such file or directory; the next attempt is due in "))
    }

    @Test(arguments: ["127.0.0.1", "[::1]", "localhost"])
    func aClosedPortIsUnreachableOverIPv4AndIPv6(host: String) throws {
        let endpoint = try RedisEndpoint(parsing: "redis://\(host):\(freePort())")

        let error = failure { try RedisConnection(endpoint: endpoint).ping() }

        guard case .unreachable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func tcpWorksAsWellAsAUnixSocket() throws {
        let server = try RedisServer(port: freePort())
        let port = try #require(server.port)

        try RedisConnection(endpoint: RedisEndpoint(parsing: "redis://localhost:\(port)/1")).ping()
    }

    @Test func theConnectionRecoversAfterARestartOfRedis() throws {
        let directory = try TemporaryDirectory()
        var server: RedisServer? = try RedisServer(directory: directory)
        let connection = try #require(try server?.connection())
        try connection.ping()
        server?.process.send(signal: SIGKILL)
        _ = try server?.process.waitForExit()
        server = nil

        let whileDown = failure { try connection.ping() }
        server = try RedisServer(directory: directory)

        guard case .unreachable = whileDown else {
            Issue.record("\(String(describing: whileDown))")
            return
        }
        try waitUntil("the connection recovers") { (try? connection.ping()) != nil }
    }

    @Test func aStoppedRedisTimesOutAtTheDeadlineAndIsUsedAgainWhenItContinues() throws {
        let server = try RedisServer()
        let connection = try server.connection(commandTimeout: .milliseconds(200))
        try connection.ping()
        server.process.send(signal: SIGSTOP)

        let start = ContinuousClock.now
        let error = failure { try connection.ping() }
        let duration = ContinuousClock.now - start
        server.process.send(signal: SIGCONT)

        #expect(error == .timedOut(server: server.url, milliseconds: 200))
        #expect(duration >= .milliseconds(199) && duration < .seconds(20))
        #expect(connection.elapsedMicroseconds >= 199_000)
        try waitUntil("the connection recovers") { (try? connection.ping()) != nil }
    }

    @Test func aNewConnectionToAStoppedRedisTimesOutAtItsOwnDeadline() throws {
        let server = try RedisServer()
        server.process.send(signal: SIGSTOP)
        defer { server.process.send(signal: SIGCONT) }

        let connection = try server.connection(query: "?db=1", connectTimeout: .milliseconds(100))
        let error = failure { try connection.ping() }

        #expect(error == .timedOut(server: server.url, milliseconds: 100))
    }

    @Test func anIdleConnectionThatTheServerClosedIsReplacedForReadsAndForWrites() throws {
        let server = try RedisServer()
        let connection = try server.connection()
        let series = InteractionSeries(connection: connection)
        try connection.ping()

        try server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try series.increment(.viewed(appID: 1), at: .now())
        try server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try connection.ping()

        #expect(try server.integer("DBSIZE") == 3)
    }

    @Test func aReadOnAConnectionThatIsLostIsRepeatedAWriteIsNot() throws {
        let breaking: [ScriptedServer.Step] = [.send("+PONG\r\n"), .receive, .close]
        let server = try ScriptedServer([breaking, breaking, [.send("+PONG\r\n"), .stall]])
        let connection = RedisConnection(
            endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), commandTimeout: .seconds(10))
        try connection.ping()

        try connection.ping()
        let error = failure { try InteractionSeries(connection: connection).increment(.viewed(appID: 1), at: .now()) }
        let connectionCount = server.connectionCount

        guard case .connectionLost = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(connectionCount == 2)
    }

    @Test func aConnectionIsNotUsedAgainAfterAnIncompleteOrInvalidReply() throws {
        let scripts: [([ScriptedServer.Step], String)] = [
            ([.send("+PO"), .close], "lost"), ([.send("hello\r\n"), .stall], "unexpected"),
            ([.send("$5\r\nabcdefgh\r\n"), .stall], "unexpected"),
            ([.send("+PONG\r\n+MORE\r\n"), .stall], "unexpected"),
            ([.send("$9999999999\r\n"), .stall], "respond"), ([.trickle], "respond"), ([.stall], "respond"),
            ([.send("-ERR max number of clients reached\r\n"), .close], "refused"), ([.close], "lost"),
        ]
        for (script, expected) in scripts {
            let server = try ScriptedServer([script, [.send("+PONG\r\n"), .stall]])
            let connection = RedisConnection(
                endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), connectTimeout: .seconds(10),
                commandTimeout: expected == "respond" ? .seconds(1) : .seconds(10))

            let error = failure { try connection.ping() }
            let text = error.map(\.description) ?? "none"
            try connection.ping()

            #expect(text.contains(expected), "\(script): \(text)")
            #expect(server.connectionCount == 2)
        }
    }

    @Test func aLateReplyIsNeverTakenForTheReplyToTheNextRequest() throws {
        let server = try RedisServer()
        let connection = try server.connection(commandTimeout: .milliseconds(100))
        let buffer = WebhookRequestBuffer(connection: connection)
        try connection.ping()
        server.process.send(signal: SIGSTOP)
        _ = failure { try connection.ping() }
        server.process.send(signal: SIGCONT)

        let query = WebhookRequestQuery(appID: 1, events: ["issue.created"])
        try waitUntil("the connection recovers") { (try? buffer.read(query)) != nil }

        #expect(try buffer.read(query).rows.isEmpty)
    }

    private func failure(_ body: () throws -> Void) -> RedisError? {
        do {
            try body()
            return nil
        } catch {
            return error as? RedisError
        }
    }
}
