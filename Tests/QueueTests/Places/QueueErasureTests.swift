import Model
import Redis
import TestSupport
import Testing

@testable import Queue

/// Removing one event from the queue, wherever it is.
@Suite
struct QueueErasureTests {
    private static let shard = "hookline:{queue:events:0}:"

    private let server: RedisServer
    private let queue: DeliveryQueue

    init() throws {
        server = try RedisServer()
        // Tests read dumps.
        try server.command("CONFIG", "SET", "rdbcompression", "no")
        queue = try server.queue()
    }

    private func erase(_ number: Int, appID: Int64 = 7) throws -> QueueErasure {
        try queue.erase(id: QueueEntry.sampleID(number), appID: appID)
    }

    private func erasable(_ number: Int, appID: Int64 = 7) throws -> QueueErasure {
        try queue.erasable(id: QueueEntry.sampleID(number), appID: appID)
    }

    /// Expects that indexes and counters are those of the entries there are.
    private func expectRightCounters() throws {
        var changes = 0
        while true {
            let step = try queue.checkIndexes()
            changes += step.changes
            if step.isOver { break }
        }
        #expect(changes == 0)
    }

    /// Two events of app 7 and one of app 8 in each place; the first of each place is 1, 11, 21 and 31.
    private func fillEveryPlace() throws {
        try queue.fill([
            .sample(21), .sample(22), .sample(23, appID: 8), .sample(31), .sample(32), .sample(33, appID: 8),
        ])
        for delivery in try queue.receiveAll() {
            let isDead = ["21", "22", "23"].contains { delivery.entry.id == QueueEntry.sampleID(Int($0) ?? 0) }
            let settlement =
                isDead
                ? Settlement.deadLetter(delivery, reason: "gone", at: testNow) : .drop(delivery, reason: "disabled")
            #expect(queue.settle([settlement]) == [.settled])
        }
        let due = testNow.adding(seconds: 3600)
        try queue.fill([.sample(11, dueAt: due), .sample(12, dueAt: due), .sample(13, appID: 8, dueAt: due)])
        try queue.fill([.sample(1), .sample(2), .sample(3, appID: 8)])
    }

    @Test(arguments: [
        (1, ErasedPlace.waiting), (11, .scheduled), (21, .deadLetter), (31, .dropped),
    ])
    func anEventIsRemovedFromItsPlaceAndNothingElseIs(first: Int, place: ErasedPlace) throws {
        try fillEveryPlace()
        let others = [1, 11, 21, 31].filter { $0 != first }.flatMap { [$0, $0 + 1] } + [first + 1]

        #expect(try erase(first, appID: 8) == .places([]))
        #expect(try erase(first + 2) == .places([]))
        #expect(try erasable(first) == .places([place]))
        #expect(try queue.place(of: QueueEntry.sampleID(first), appID: 7) != nil)
        #expect(try erase(first) == .places([place]))

        #expect(try erase(first) == .places([]))
        #expect(try erasable(first) == .places([]))
        #expect(try queue.place(of: QueueEntry.sampleID(first), appID: 7) == nil)
        for number in others {
            #expect(try queue.place(of: QueueEntry.sampleID(number), appID: 7) != nil, "\(number)")
        }
        for number in [3, 13, 23, 33] {
            #expect(try queue.place(of: QueueEntry.sampleID(number), appID: 8) != nil, "\(number)")
        }
        try expectRightCounters()
        // A stream keeps the bytes of a removed entry until its neighbours are removed.
        for key in try server.command("KEYS", Self.shard + "*").split(separator: "\r\n")
        where key.hasPrefix("hook") && !key.hasSuffix(":stream") {
            let kept = try server.command("DUMP", String(key))
            #expect(!kept.contains(QueueEntry.sampleID(first)), "\(key)")
        }
    }

    @Test func anEventInProgressIsNotRemoved() throws {
        try queue.fill([.sample(1), .sample(2)])
        let delivery = try queue.receiveOne()
        let before = try server.command("DUMP", Self.shard + "stream")

        #expect(try erasable(1) == .inProgress)
        #expect(try erase(1) == .inProgress)
        #expect(try server.command("DUMP", Self.shard + "stream") == before)
        // Its worker still settles it.
        #expect(try queue.acknowledge(delivery) == .settled)
        #expect(try erase(1) == .places([]))
        try expectRightCounters()
    }

    /// What a search has found can have moved when it is to be removed.
    @Test func aWorkerThatWasFasterKeepsTheEvent() throws {
        try queue.fill([.sample(1)])
        let id = QueueEntry.sampleID(1)
        let found = try queue.locate(id, appID: 7, maximumSteps: 1)
        let streamID = try #require(found.streamID)
        let delivery = try queue.receiveOne()

        #expect(try queue.erase(id, 7, streamID: streamID, removes: true) == .inProgress)
        #expect(try queue.retry(delivery, at: testNow.adding(seconds: 60)) == .settled)
        _ = try queue.promoteDue(leeway: .seconds(100))
        // It has another id in the stream now.
        #expect(try queue.erase(id, 7, streamID: streamID, removes: true) == .places([]))
        #expect(try queue.place(of: id, appID: 7) != nil)
        #expect(try erase(1) == .places([.waiting]))
        try expectRightCounters()
    }

    @Test func anIdInTheStreamThatIsAnotherEventsRemovesNothing() throws {
        try queue.fill([.sample(1), .sample(2, appID: 8)])
        let other = try #require(try queue.locate(QueueEntry.sampleID(2), appID: 8, maximumSteps: 1).streamID)

        #expect(try queue.erase(QueueEntry.sampleID(1), 7, streamID: other, removes: true) == .places([]))
        #expect(try queue.erase(QueueEntry.sampleID(2), 7, streamID: other, removes: true) == .places([]))
        #expect(try server.integer("XLEN", Self.shard + "stream") == 2)
    }

    /// Among more entries than one round trip looks at.
    @Test(arguments: [0, 700, 1499]) func anEventOfALongStreamIsRemoved(number: Int) throws {
        try queue.fill((0..<1500).map { .sample($0) })

        #expect(try erase(number) == .places([.waiting]))
        #expect(try server.integer("XLEN", Self.shard + "stream") == 1499)
        try expectRightCounters()
    }

    /// More than `search` looks at.
    @Test func theWholeStreamIsSearchedUpToTheDepthOfAQueue() throws {
        try server.command(
            "EVAL",
            """
            for i = 1, 100000 do
                redis.call('XADD', KEYS[1], '*', 'id', string.format('%032x', i), 'app', '7', 'payload', '{}')
            end
            """, "1", Self.shard + "stream")

        #expect(try erase(50_000) == .places([.waiting]))
        try server.command(
            "EVAL",
            """
            for i = 1, 60000 do redis.call('XADD', KEYS[1], '*', 'id', 'x', 'app', '7', 'payload', '{}') end
            """, "1", Self.shard + "stream")
        #expect(try erasable(80_000) == .incomplete)
        #expect(try erase(80_000) == .incomplete)
        #expect(try server.integer("XLEN", Self.shard + "stream") == 159_999)

    }

    /// The dead letter is removed before the search that is to confirm it, which finds the stream too long.
    @Test func aSearchThatEndsAfterAPartWasRemovedSaysSo() throws {
        try queue.fill([.sample(200_000)])
        let delivery = try queue.receiveOne()
        #expect(queue.settle([Settlement.deadLetter(delivery, reason: "gone", at: testNow)]) == [.settled])
        try server.command(
            "EVAL",
            """
            for i = 1, 160000 do redis.call('XADD', KEYS[1], '*', 'id', 'x', 'app', '7', 'payload', '{}') end
            """, "1", Self.shard + "stream")

        #expect(try erase(200_000) == .moving)
        #expect(try queue.deadLetter(id: QueueEntry.sampleID(200_000)) == nil)
        #expect(try erase(200_000) == .incomplete)
    }

    @Test func damagedEntriesAreRemovedForTheAppThatTheirListsName() throws {
        try fillEveryPlace()
        try server.command("HSET", Self.shard + "scheduled-entries", QueueEntry.sampleID(11), "x")
        try server.command("HSET", Self.shard + "dead-entries", QueueEntry.sampleID(21), "x")

        for number in [11, 21] {
            #expect(try erase(number, appID: 8) == .places([]))
            #expect(try erase(number) == .places([number == 11 ? .scheduled : .deadLetter]))
        }

        #expect(try server.integer("ZCARD", Self.shard + "scheduled-by-app") == 2)
        #expect(try server.integer("ZCARD", Self.shard + "dead-by-app") == 2)
        #expect(try server.integer("HLEN", Self.shard + "dead-entries") == 2)
        try queue.checkAllIndexes()
        try expectRightCounters()
    }

    @Test(arguments: ["", "abc", "*", String(repeating: "A", count: 32)])
    func whatIsNoEventIdIsNotSearchedFor(_ id: String) throws {
        try queue.fill([.sample(1)])

        #expect(try queue.erasable(id: id, appID: 7) == .places([]))
        #expect(try queue.erase(id: id, appID: 7) == .places([]))
    }

    /// A user who may not remove has removed nothing when it is refused.
    @Test(arguments: [("-xdel", 1), ("-zrem", 11), ("-hdel", 21), ("-zrem", 21), ("-hdel", 31)])
    func whatRedisRefusesChangesNothing(rule: String, number: Int) throws {
        try fillEveryPlace()
        let before = try server.command("HGETALL", Self.shard + "usage")
        try server.command("ACL", "SETUSER", "default", rule)

        #expect(throws: RedisError.self) { try erase(number) }

        try server.command("ACL", "SETUSER", "default", "+@all")
        #expect(try server.command("HGETALL", Self.shard + "usage") == before)
        guard case .places(let places) = try erase(number) else {
            Issue.record("not erased")
            return
        }
        #expect(places.count == 1)
        try expectRightCounters()
    }

    @Test func withoutFreeMemoryEventsAreRemoved() throws {
        try fillEveryPlace()
        try server.command("CONFIG", "SET", "maxmemory", "1")

        for number in [1, 11, 21, 31] {
            guard case .places(let places) = try erase(number) else {
                Issue.record("\(number)")
                continue
            }
            #expect(places.count == 1)
        }
    }
}
