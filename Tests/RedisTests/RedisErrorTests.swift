import Foundation
import System
import TestSupport
import Testing

@testable import Redis

/// Errors of a connection are counted by kind.
@Suite
struct RedisCountsTests {
    private func kinds(_ connection: RedisConnection) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: connection.counts.errors.filter { $0.count > 0 }.map { ($0.kind, $0.count) })
    }

    @Test func anUnreachableRedisCountsForEachCallAlsoDuringTheBackoff() throws {
        let directory = try TemporaryDirectory()
        let connection = RedisConnection(endpoint: RedisEndpoint(address: .unix(path: directory.file("none"))))

        for _ in 0..<3 { #expect(throws: RedisError.self) { try connection.ping() } }

        #expect(kinds(connection) == ["unreachable": 3])
        #expect(connection.counts.reconnects == 0)
    }

    @Test func aRefusedCommandCountsAScriptThatIsNotKnownYetDoesNot() throws {
        let server = try RedisServer()
        try server.command("SET", "text", "x")
        let connection = try server.connection()
        var wrongType = RedisRequest()
        wrongType.append("LRANGE", "text", "0", "-1")
        var unknownScript = RedisRequest()
        unknownScript.append("EVALSHA", String(repeating: "0", count: 40), "0")

        try connection.perform(wrongType, isRepeatable: true)
        try connection.perform(unknownScript, isRepeatable: true)
        try connection.ping()

        #expect(kinds(connection) == ["refused": 1])
    }

    @Test func aConnectionThatTheServerClosedBetweenCallsCountsAsAReconnectAndNotAsAnError() throws {
        let server = try RedisServer()
        let connection = try server.connection()
        try connection.ping()
        #expect(connection.counts.reconnects == 0)

        try server.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        try connection.ping()

        #expect(connection.counts.reconnects == 1)
        #expect(kinds(connection).isEmpty)
    }

    @Test func timeoutsLostConnectionsAndInvalidRepliesAreCountedByKind() throws {
        for (script, kind) in [
            ([ScriptedServer.Step.stall], "timed_out"), ([.close], "connection_lost"),
            ([.send("?\r\n")], "unexpected_reply"),
        ] {
            let server = try ScriptedServer([script])
            let connection = RedisConnection(
                endpoint: RedisEndpoint(address: .unix(path: server.socketPath)), commandTimeout: .milliseconds(100))

            #expect(throws: RedisError.self) { try connection.ping() }

            #expect(kinds(connection) == [kind: 1])
        }
    }

    @Test func theCountsOfSeveralConnectionsAddUp() {
        var one = RedisCounts()
        one.count(.timedOut(server: "", milliseconds: 1))
        one.countReconnect()
        var sum = one
        sum.count(.unreachable(server: "", reason: ""))

        sum.add(one)

        #expect(sum.timedOut == 2)
        #expect(sum.unreachable == 1)
        #expect(sum.reconnects == 2)
    }
}

/// The backoff after a failed connection.
@Suite
struct ReconnectBackoffTests {
    @Test func theBackoffDoublesUpToItsMaximumAndASuccessEndsIt() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50), longest: .milliseconds(300))
        var waits: [Int] = []
        for _ in 0..<5 {
            backoff.recordFailure("no", at: MonotonicTime(microseconds: 1_000_000))
            waits.append(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)))
        }

        #expect(waits == [50, 100, 200, 300, 300])
        #expect(backoff.reason == "no")
        backoff.recordSuccess()
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)) == 0)
        backoff.recordFailure("again", at: MonotonicTime(microseconds: 1_000_000))
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 1_000_000)) == 50)
    }

    @Test func theRemainingBackoffIsRoundedUpToMilliseconds() {
        var backoff = ReconnectBackoff(shortest: .milliseconds(50))
        backoff.recordFailure("no", at: MonotonicTime(microseconds: 0))

        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 49_001)) == 1)
        #expect(backoff.waitMilliseconds(at: MonotonicTime(microseconds: 50_000)) == 0)
    }
}
