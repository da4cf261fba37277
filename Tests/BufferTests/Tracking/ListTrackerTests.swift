import Foundation
import Model
import Redis
import System
import TestSupport
import Testing

@testable import Buffer

/// Watched lists.
@Suite
struct ListTrackerTests {
    private static let key = "sentry-app-webhook-request:{1}:issue.created"
    private static let list = WebhookRequestKey(appID: 1, event: "issue.created", isErrors: false)
    private static let query = WebhookRequestQuery(appID: 1, events: ["issue.created", "issue.resolved"])

    private let server: RedisServer
    private let seen = Lock<[ListChange]>([])
    private let refusals = Lock<[String]>([])

    init() throws {
        server = try RedisServer()
    }

    /// Changes of a list; each is a series of commands on one connection. The list has one element before.
    private static let changes: [(String, [[String]])] = [
        ("LPUSH", [["LPUSH", key, "x"]]),
        (
            "the original's pipeline",
            [["LPUSH", key, "x"], ["LTRIM", key, "0", "99"], ["EXPIRE", key, "2592000"]]
        ),
        ("a transaction", [["MULTI"], ["LPUSH", key, "x"], ["LTRIM", key, "0", "99"], ["EXEC"]]),
        ("a script", [["EVAL", "redis.call('LPUSH', KEYS[1], 'x')", "1", key]]),
        ("DEL", [["DEL", key]]),
        ("UNLINK", [["UNLINK", key]]),
        ("RENAME", [["RENAME", key, "elsewhere"]]),
        ("SET", [["SET", key, "no list"]]),
        ("MOVE", [["MOVE", key, "5"]]),
        ("an expiry now", [["PEXPIRE", key, "-1"]]),
    ]

    @Test(arguments: changes.indices)
    func everyKindOfChangeOfAListIsReportedOnceByTheNextBarrier(index: Int) throws {
        let (name, commands) = Self.changes[index]
        let tracker = try tracker()
        try server.command("LPUSH", Self.key, "first")
        try server.command("EXPIRE", Self.key, "2592000")
        #expect(tracker.watch([Self.query]) != nil)
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 }.isEmpty)

        let writer = try RedisTestConnection(socketPath: server.socketPath)
        for command in commands { try writer.command(command) }

        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.list(Self.list)], "\(name)")
        try writer.command(["LPUSH", "sentry-app-webhook-request:{2}:issue.created", "x"])
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 }.count == 1)
    }

    @Test func aListThatIsNotThereYetIsWatchedToo() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        try server.command("LPUSH", Self.key, "first")
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.list(Self.list)])
    }

    @Test(arguments: ["FLUSHDB", "FLUSHALL"])
    func emptyingTheDatabaseChangesEverything(command: String) throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        try server.command(command)
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything])
    }

    @Test func aListThatExpiresEndsTheLeaseAtTheLatestThenAndIsReported() throws {
        let tracker = try tracker()
        // Connected first: what follows takes little of the list's time.
        #expect(tracker.watch([Self.query]) != nil)
        try server.command("LPUSH", Self.key, "first")
        try server.command("PEXPIRE", Self.key, "30000")
        #expect(tracker.reportChanges(of: Self.query))
        let lease = try #require(tracker.watch([Self.query]))
        #expect(lease.end <= MonotonicTime.now().adding(.seconds(30)))

        seen.withLock { $0 = [] }
        try server.command("PEXPIREAT", Self.key, "1")
        #expect(try server.command("EXISTS", Self.key) == ":0\r\n")
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.list(Self.list)])
    }

    @Test func anEvictedKeyIsReported() throws {
        let tracker = try tracker()
        try server.command("LPUSH", Self.key, "first")
        #expect(tracker.watch([Self.query]) != nil)
        try server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        try server.command("CONFIG", "SET", "maxmemory", "1")
        try waitUntil("Redis evicts the key", seconds: 10) {
            try server.command("EXISTS", Self.key) == ":0\r\n"
        }
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 }.contains(.list(Self.list)))
    }

    @Test func aKilledConnectionInvalidatesEverythingAndTheNextWatchMakesAnother() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        try killTracker()

        #expect(!tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything])
        #expect(!tracker.isTracking && !tracker.reportChanges(of: Self.query))
        try waitUntil("it tracks again") { tracker.watch([Self.query]) != nil }
        try server.command("LPUSH", Self.key, "x")
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything, .list(Self.list)])
        #expect(refusals.withLock { $0 }.isEmpty)
    }

    @Test func aSuspendedRedisIsNotWaitedForLongerThanTheDeadline() throws {
        let tracker = try tracker(replyTimeout: .milliseconds(200))
        #expect(tracker.watch([Self.query]) != nil)
        kill(server.process.pid, SIGSTOP)
        defer { kill(server.process.pid, SIGCONT) }

        #expect(!tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything])
        #expect(!tracker.isTracking)
    }

    @Test func aUserWhoMayNotTrackIsReportedOnce() throws {
        try server.command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-client|tracking")
        let tracker = try tracker(query: "?user=reader&password=secret")
        for _ in 0..<3 { #expect(tracker.watch([Self.query]) == nil) }
        #expect(!tracker.isTracking && !tracker.reportChanges(of: Self.query))
        let reported = refusals.withLock { $0 }
        #expect(reported.count == 1 && reported[0].hasPrefix("NOPERM"), "\(reported)")
    }

    @Test(arguments: ["", "&db=3"])
    func aUserWithAPasswordAndAnotherDatabaseIsTracked(database: String) throws {
        try server.command("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all")
        let tracker = try tracker(query: "?user=reader&password=secret" + database)
        #expect(tracker.watch([Self.query]) != nil)
        let writer = try RedisTestConnection(socketPath: server.socketPath)
        try writer.command(["SELECT", database.isEmpty ? "0" : "3"])
        try writer.command(["LPUSH", Self.key, "x"])
        #expect(tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.list(Self.list)])
    }

    @Test(arguments: ["-ERR unknown command 'HELLO'\r\n-ERR unknown subcommand\r\n", "-NOPROTO sorry\r\n-ERR no\r\n"])
    func aServerWithoutTrackingIsReportedOnce(reply: String) throws {
        let server = try ScriptedServer([[.send(reply), .stall]])
        let tracker = tracker(RedisEndpoint(address: .unix(path: server.socketPath)))
        for _ in 0..<3 { #expect(tracker.watch([Self.query]) == nil) }
        #expect(refusals.withLock { $0.count } == 1)
        #expect(server.connectionCount == 1)
    }

    @Test func aServerThatHasNothingToSayAboutTheListIsNoSignOfLifeAlthoughItRespondsToPing() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        // The list cannot be read any more, as on a node of a cluster that has handed it over; PING is answered.
        let connection = try RedisTestConnection(socketPath: server.socketPath)
        try connection.command(["ACL", "SETUSER", "default", "resetkeys", "~elsewhere:*"])
        #expect(try connection.command(["PING"]) == "+PONG\r\n")

        #expect(!tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything])
        #expect(!tracker.isTracking)
    }

    @Test func whatAnEarlierServerSaidIsForgottenWhenAllConnectionsAreMadeAnew() throws {
        let state = RedisServerState()
        let tracker = tracker(try RedisEndpoint(parsing: server.url), state: state)
        #expect(tracker.watch([Self.query]) != nil)
        #expect(tracker.reportChanges(of: Self.query))

        state.closeConnections()

        #expect(!tracker.reportChanges(of: Self.query))
        #expect(seen.withLock { $0 } == [.everything])
        try waitUntil("it tracks again") { tracker.watch([Self.query]) != nil }
        #expect(tracker.reportChanges(of: Self.query))
    }

    @Test func threadsThatAskAtTheSameTimeShareBarriers() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        let before = try existsCount()
        let problems = Lock<[String]>([])
        kill(server.process.pid, SIGSTOP)
        defer { kill(server.process.pid, SIGCONT) }
        let server = server
        try runThreads(count: 9) { number in
            guard number == 8 else {
                if !tracker.reportChanges(of: Self.query) { problems.withLock { $0.append("thread \(number) failed") } }
                return
            }
            // One leads, and the others have joined the next barrier.
            do {
                try waitUntil("seven threads wait") { tracker.waitingCount == 7 }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
            kill(server.process.pid, SIGCONT)
        }
        #expect(problems.withLock { $0 }.isEmpty)
        #expect(try existsCount() - before <= 2)
        #expect(tracker.waitingCount == 0)
        #expect(seen.withLock { $0 }.isEmpty)
    }

    @Test func eachThreadThatSharesABarrierSeesTheChangesMadeBefore() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        let problems = Lock<[String]>([])
        let (seen, path) = (seen, server.socketPath)
        try runThreads(count: 8) { number in
            do {
                let writer = try RedisTestConnection(socketPath: path)
                let query = WebhookRequestQuery(appID: Int64(number), events: ["issue.created"])
                let list = WebhookRequestKey(appID: Int64(number), event: "issue.created", isErrors: false)
                for round in 1...50 {
                    // While another thread makes the connection there is none to watch on.
                    try waitUntil("thread \(number) watches") { tracker.watch([query]) != nil }
                    try writer.command(["LPUSH", list.text, "x"])
                    let isKnown = tracker.reportChanges(of: Self.query)
                    let count = seen.withLock { $0.count { $0 == .list(list) } }
                    guard isKnown, count == round else {
                        return problems.withLock { $0.append("thread \(number), round \(round): \(count) seen") }
                    }
                }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
        }
        #expect(problems.withLock { $0 }.isEmpty)
    }

    @Test func oneBarrierServesAllRequestsBeforeItBeganAndNoneAfter() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        let (first, second) = (MonotonicTime.now(), MonotonicTime.now())
        try server.command("LPUSH", Self.key, "x")
        let before = try existsCount()

        #expect(tracker.reportChanges(of: Self.query, before: first))
        #expect(seen.withLock { $0 } == [.list(Self.list)])
        #expect(tracker.reportChanges(of: Self.query, before: second))
        #expect(try existsCount() == before + 1)

        let third = MonotonicTime.now()
        #expect(tracker.reportChanges(of: Self.query, before: third))
        #expect(try existsCount() == before + 2)
    }

    @Test func aRequestFromBeforeTheConnectionWasLostIsNotServedByABarrierOnIt() throws {
        let tracker = try tracker()
        #expect(tracker.watch([Self.query]) != nil)
        let instant = MonotonicTime.now()
        try killTracker()
        #expect(!tracker.reportChanges(of: Self.query, before: instant))
        #expect(seen.withLock { $0 } == [.everything])
        #expect(!tracker.reportChanges(of: Self.query, before: instant))
    }

    @Test func aRedisWhoseRepliesAreNeverUsableIsReportedOnceAfterSomeAttempts() throws {
        let server = try ScriptedServer([[.send("%0\r\n+OK\r\n"), .receive, .send("+what\r\n+what\r\n"), .stall]])
        let tracker = tracker(RedisEndpoint(address: .unix(path: server.socketPath)))
        try waitUntil("it is reported") {
            #expect(tracker.watch([Self.query]) == nil)
            return refusals.withLock { !$0.isEmpty }
        }
        #expect(server.connectionCount == 3)
        try waitUntil("two more attempts are made") {
            #expect(tracker.watch([Self.query]) == nil)
            return server.connectionCount == 5
        }
        #expect(refusals.withLock { $0 } == ["PTTL returned no integer"])
    }

    @Test(
        arguments: [
            [.send("%0\r\n+O"), .stall], [.send("%0\r\n+OK\r\n"), .receive, .send(":-2\r\n:"), .stall],
        ] as [[ScriptedServer.Step]])
    func theFirstCommandsShareOneDeadlineAlsoWhenRepliesComeInParts(script: [ScriptedServer.Step]) throws {
        let server = try ScriptedServer([script])
        // Waiting for the wrong one of the two would never end.
        let tracker = ListTracker(
            endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), connectTimeout: .milliseconds(200),
            replyTimeout: .seconds(3600), changed: { _ in })
        let lease = Lock<ListLease?>(ListLease(.zero))
        try runThreads(count: 1, seconds: 20) { _ in
            let got = tracker.watch([Self.query])
            lease.withLock { $0 = got }
        }
        #expect(lease.withLock { $0 } == nil && !tracker.isTracking)
    }

    private func tracker(query: String = "", replyTimeout: Duration = .seconds(10)) throws -> ListTracker {
        tracker(try RedisEndpoint(parsing: server.url + query), replyTimeout: replyTimeout)
    }

    private func tracker(
        _ endpoint: RedisEndpoint, replyTimeout: Duration = .seconds(10), state: RedisServerState? = nil
    ) -> ListTracker {
        let (seen, refusals) = (seen, refusals)
        return ListTracker(
            endpoint: endpoint, connectTimeout: .seconds(10), replyTimeout: replyTimeout, state: state,
            changed: { change in seen.withLock { $0.append(change) } },
            refused: { reason in refusals.withLock { $0.append(reason) } })
    }

    private func existsCount() throws -> Int {
        let statistics = try server.command("INFO", "commandstats")
        let calls = statistics.split(whereSeparator: \.isNewline).first { $0.hasPrefix("cmdstat_exists:calls=") }
            .flatMap { Int($0.dropFirst("cmdstat_exists:calls=".count).prefix { $0.isNumber }) }
        // Redis counts from the first call on.
        return calls ?? 0
    }

    private func killTracker() throws {
        let clients = try server.command("CLIENT", "LIST")
        let line = try #require(clients.split(separator: "\n").first { $0.contains("name=hookline-cache") })
        let id = try #require(line.split(separator: " ").first { $0.contains("id=") }?.split(separator: "=").last)
        try server.command("CLIENT", "KILL", "ID", String(id))
    }
}
