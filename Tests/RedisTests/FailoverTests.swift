import Foundation
import System
import TestSupport
import Testing

@testable import Redis

/// A failover behind one address that keeps the connections to the demoted server.
@Suite
struct FailoverTests {
    private let first: RedisServer
    private let second: RedisServer
    private let address: RedisProxy

    init() throws {
        first = try RedisServer(port: freePort())
        second = try RedisServer(port: freePort())
        address = try RedisProxy(first)
    }

    private func failOver() throws {
        try second.takeOver(from: first)
        address.lead(to: second)
    }

    private func connection(state: RedisServerState? = nil) throws -> RedisConnection {
        RedisConnection(
            endpoint: try RedisEndpoint(parsing: address.url), connectTimeout: .seconds(5), commandTimeout: .seconds(5),
            state: state)
    }

    private func reply(_ connection: RedisConnection, _ words: String...) throws -> ReplyValue {
        var request = RedisRequest()
        request.begin(argumentCount: words.count)
        for word in words { request.appendArgument(word) }
        return try #require(try connection.values(of: request, isRepeatable: false).first)
    }

    @Test func aWriteThatTheDemotedServerRefusesMakesTheNextOneGoToTheMaster() throws {
        let connection = try connection()
        _ = try reply(connection, "SET", "key", "1")
        try failOver()

        let refused = try reply(connection, "SET", "key", "2")
        let taken = try reply(connection, "SET", "key", "3")

        #expect(refused.isError(code: "READONLY"))
        #expect(taken.string == "OK")
        #expect(try second.command("GET", "key").contains("3"))
        #expect(address.connectionCount == 2)
    }

    @Test func aScriptThatTheDemotedServerRefusesMakesTheNextOneGoToTheMaster() throws {
        let connection = try connection()
        let script = RedisScript("return redis.call('INCR', KEYS[1])")
        _ = try connection.run(ScriptCall(script, keys: ["key"]))
        try failOver()

        _ = try connection.run(ScriptCall(script, keys: ["key"]))

        #expect(try connection.run(ScriptCall(script, keys: ["key"])) == .integer(2))
    }

    @Test func aReadOnlyServerAtTheAddressIsNotConnectedToForEachWrite() throws {
        try first.command("REPLICAOF", "127.0.0.1", "1")
        let connection = try connection()
        for _ in 0..<50 { #expect(try reply(connection, "SET", "key", "1").isError(code: "READONLY")) }
        // At once, and again after pauses that grow up to a second.
        #expect(address.connectionCount < 25)
        #expect(try reply(connection, "GET", "key") == .null, "reads are served by what is there")
    }

    @Test func readsOnAKeptConnectionComeFromTheMasterOnceTheMonitorSeesTheFailover() throws {
        let state = RedisServerState()
        let events = Lock<[RedisMonitor.Event]>([])
        let connection = try connection(state: state)
        _ = try reply(connection, "SET", "key", "old")
        let endpoint = connection.endpoint
        let monitor = RedisMonitor(
            state: state, makeConnection: { RedisConnection(endpoint: endpoint) },
            report: { event in events.withLock { $0.append(event) } })
        try monitor.start()
        defer { monitor.stop() }
        try waitUntil("the monitor is connected") { address.connectionCount == 2 }
        // The old server keeps what it has.
        try second.takeOver(from: first)
        try first.command("REPLICAOF", "127.0.0.1", "1")
        try second.command("SET", "key", "new")
        #expect(try reply(connection, "GET", "key").string == "old")

        address.lead(to: second)

        try waitUntil("the master is read") { try reply(connection, "GET", "key").string == "new" }
        try waitUntil("it is reported") { events.withLock { $0.last == .masterFound } }
        #expect(events.withLock { $0 } == [.notMaster(role: "slave"), .masterFound])
    }

    @Test func aRefusedRoleIsReportedOnceAndNotAskedForAgain() throws {
        try first.command("ACL", "SETUSER", "default", "-role")
        let state = RedisServerState()
        let events = Lock<[RedisMonitor.Event]>([])
        let endpoint = try RedisEndpoint(parsing: address.url)
        let monitor = RedisMonitor(
            state: state, makeConnection: { RedisConnection(endpoint: endpoint) },
            report: { event in events.withLock { $0.append(event) } })
        try monitor.start()
        defer { monitor.stop() }
        try waitUntil("it is reported") { events.withLock { !$0.isEmpty } }

        // Each look ends the silence.
        for _ in 0..<3 {
            state.noteTimeout(since: .now(), milliseconds: 1)
            try waitUntil("it looks again") { !state.isSilent }
        }

        let reported = events.withLock { $0 }
        guard case .roleRefused(let message) = reported.first, reported.count == 1 else {
            Issue.record("\(reported)")
            return
        }
        #expect(message.hasPrefix("NOPERM"))
        #expect(try first.command("INFO", "commandstats").contains("cmdstat_role:calls=0,"))
        #expect(try first.command("INFO", "errorstats").contains("errorstat_NOPERM:count=1\r"))
    }

    @Test func aServerThatIsBusyIsAskedForItsRoleAgain() throws {
        try first.command("CONFIG", "SET", "busy-reply-threshold", "1")
        let events = Lock<[RedisMonitor.Event]>([])
        let endpoint = try RedisEndpoint(parsing: address.url)
        let state = RedisServerState(waiterLimit: 1)
        let monitor = RedisMonitor(
            state: state, makeConnection: { RedisConnection(endpoint: endpoint) },
            report: { event in events.withLock { $0.append(event) } })
        let caller = RedisConnection(endpoint: endpoint, commandTimeout: .milliseconds(200))
        #expect(throws: RedisError.self) { try reply(caller, "EVAL", "while true do end", "0") }
        state.beginWait()
        #expect(state.refusal(at: .now()) != nil, "Redis has not been heard of")
        try monitor.start()
        defer { monitor.stop() }
        try waitUntil("the monitor has got a reply") { state.refusal(at: .now()) == nil }
        try first.command("SCRIPT", "KILL")

        try waitUntil("the script has ended") { try first.command("REPLICAOF", "127.0.0.1", "1").hasPrefix("+OK") }

        try waitUntil("the role is seen") { events.withLock { !$0.isEmpty } }
        #expect(events.withLock { $0 } == [.notMaster(role: "slave")])
    }
}

/// Which replies make a connection be replaced, and how often.
@Suite
struct WrongServerTests {
    @Test(
        arguments: [
            ("READONLY You can't write against a read only replica.", true),
            ("READONLY You can't write against a read only replica. script: 9a, on @user_script:1.", true),
            ("ERR Error running script (call to f_9a): @user_script:1: @user_script: 1: -READONLY You can't", true),
            ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", true),
            ("LOADING Redis is loading the dataset in memory", true),
            ("NOREPLICAS Not enough good replicas to write.", true),
            ("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)", true),
            ("UNBLOCKED the stream key no longer exists", false),
            ("OOM command not allowed when used memory > 'maxmemory'.", false),
            ("NOPERM this user has no permissions to run the 'set' command", false),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", false),
            ("MISCONF Redis is configured to save RDB snapshots", false),
        ])
    func aReplyNamesTheWrongServer(message: String, expected: Bool) {
        #expect(WrongServer.isNamed(by: message) == expected)
    }

    @Test func refusalsInARowAreAnsweredWithGrowingPausesOfASecondAtMost() {
        var schedule = RedialSchedule()
        var redials: [Int64] = []
        for milliseconds in Int64(0)..<5000
        where schedule.noteRefusal("READONLY", at: MonotonicTime(microseconds: milliseconds * 1000)) {
            redials.append(milliseconds)
        }
        #expect(redials == [0, 50, 150, 350, 750, 1550, 2550, 3550, 4550])
    }

    @Test func aRefusalAfterALongTimeIsAnsweredAtOnce() {
        var schedule = RedialSchedule()
        let answers = [0, 1000, 2000, 20_000, 20_050].map { (milliseconds: Int64) in
            schedule.noteRefusal("READONLY", at: MonotonicTime(microseconds: milliseconds * 1000))
        }
        #expect(answers == [true, true, true, true, true])
    }

    @Test func connectionsAreClosedWhenTheRoleChangesAndNotWhileItStays() {
        var history = RoleHistory()
        var changes: [RoleHistory.Change] = []
        for role in ["master", "master", "slave", "slave", "master", "master"] {
            changes.append(history.note(.role(role)))
        }
        #expect(changes.map(\.closesConnections) == [false, false, true, false, true, false])
        #expect(changes.map(\.event) == [nil, nil, .notMaster(role: "slave"), nil, .masterFound, nil])
    }
}
