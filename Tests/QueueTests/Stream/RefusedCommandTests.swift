import Model
import Queue
import Redis
import TestSupport
import Testing

/// Redis refuses one command of a script: what was accepted is not lost, and what is called refused was not added.
@Suite
struct RefusedCommandTests {
    private let server: RedisServer
    private let queue: DeliveryQueue

    init() throws {
        server = try RedisServer()
        queue = try server.queue()
    }

    private func restrict(_ rights: String...) throws {
        for right in rights { try server.command("ACL", "SETUSER", "default", right) }
    }

    private func refuses(_ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return false
        } catch RedisError.refused {
            return true
        }
    }

    @Test(
        arguments: [
            ("-set", false), ("-get", false), ("-xlen", false), ("-xadd", false), ("-hset", true), ("-zadd", true),
            ("-time", true),
        ])
    func aRefusedEnqueueAddsNothing(right: String, isScheduled: Bool) throws {
        let entry = QueueEntry.sample(1, dueAt: isScheduled ? testNow.adding(seconds: 5) : nil)
        try restrict(right)

        let isRefused = try refuses { _ = try queue.enqueue(entry, idempotencyKey: "k") }
        try restrict("+@all")

        #expect(isRefused)
        #expect(try server.integer("DBSIZE") == 0)
        #expect(try queue.enqueue(entry, idempotencyKey: "k") == .accepted(entry.id))
        #expect(try queue.enqueue(entry, idempotencyKey: "k") == .duplicate(of: entry.id))
    }

    @Test func anEnqueueThatCannotBeUndoneIsNotKnown() throws {
        try restrict("-xadd", "-del")

        #expect {
            try queue.enqueue(.sample(1), idempotencyKey: "k")
        } throws: { error in
            if case RedisError.unexpectedReply = error { true } else { false }
        }
    }

    @Test func withoutTheTimeOfRedisNothingIsScheduledOrPromoted() throws {
        try queue.fill([.sample(1), .sample(2, dueAt: testNow.adding(seconds: 5))])
        let delivery = try queue.receiveOne()
        try restrict("-time")

        let isRetryRefused = try refuses { _ = try queue.retry(delivery, at: testNow) }
        let isPromotionRefused = try refuses { _ = try queue.promoteDue(leeway: .seconds(9)) }
        try restrict("+@all")

        #expect(isRetryRefused && isPromotionRefused)
        #expect(try queue.promoteDue(leeway: .seconds(9)).count == 1)
        #expect(try queue.retry(delivery, at: testNow) == .settled)
    }

    @Test func anEntryWithMoreFieldsThanLuaPassesOnIsMovedLikeOthers() throws {
        let id = QueueEntry.sampleID(1)
        let known = [
            "id": id, "app": "7", "event": "issue.created", "attempt": "1", "enqueued": "1700000000000000",
            "due": "1700000000000000", "payload": "{}",
        ]
        let extra = (0..<5000).flatMap { ["field-\($0)", "value"] }
        try RedisTestConnection(socketPath: server.socketPath).command(
            ["XADD", "hookline:{queue:events:0}:stream", "*"] + known.flatMap { [$0.key, $0.value] } + extra)

        let outcome = try queue.retry(queue.receiveOne(), at: testNow)
        let promoted = try queue.promoteDue(leeway: .seconds(9)).count
        let letter = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        let redriven = try queue.redrive(ids: [id], now: testNow).count

        #expect([outcome, letter] == [.settled, .settled])
        #expect([promoted, redriven] == [1, 1])
        #expect(try queue.receiveOne().entry.id == id)
    }

    @Test(arguments: ["-xadd", "-zrem", "-zscore"])
    func whatCannotBeMovedIntoTheStreamStaysWhereItIs(right: String) throws {
        try queue.fill([.sample(1)])
        _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        try queue.fill([.sample(2, dueAt: testNow.adding(seconds: 5))])
        try restrict(right)

        let isRefused = try refuses { _ = try queue.promoteDue(leeway: .seconds(9)) }
        let isRedriveRefused = try refuses { _ = try queue.redrive(ids: [QueueEntry.sampleID(1)], now: testNow) }
        try restrict("+@all")

        #expect(isRefused && isRedriveRefused)
        let statistics = try queue.statistics()
        #expect([statistics.waiting, statistics.scheduled, statistics.dead] == [0, 1, 1])
        #expect(try queue.redrive(ids: [QueueEntry.sampleID(1)], now: testNow).count == 1)
        #expect(try queue.promoteDue(leeway: .seconds(9)).count == 1)
    }
}
