import Model
import Queue
import TestSupport
import Testing

/// Workers of a version without the indexes share the queue with those that have them.
@Suite
struct QueueIndexTests {
    private static let shard = "hookline:{queue:events:0}:"

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// A queue with dead letters 1 to `count` of app 7 and as many scheduled entries, without the indexes.
    private func queueOfAnOlderVersion(_ count: Int) throws -> DeliveryQueue {
        let queue = try server.queue()
        for number in 1...count {
            try queue.fill([.sample(number)])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow.adding(seconds: Int64(number)))
            try queue.fill([.sample(1000 + number, dueAt: testNow.adding(seconds: Int64(number)))])
        }
        try server.command("DEL", Self.shard + "dead-by-app", Self.shard + "scheduled-by-app")
        return queue
    }

    private func members(_ name: String) throws -> Int { try server.integer("ZCARD", Self.shard + name) }

    @Test func housekeepingAddsWhatAnOlderVersionLeft() throws {
        let queue = try queueOfAnOlderVersion(700)
        let before = try queue.deadLetterSummary(appID: 7).count

        var steps = 0
        var changes = 0
        while true {
            let step = try queue.checkIndexes()
            steps += 1
            changes += step.changes
            if step.isOver { break }
        }

        #expect(before == 0)
        #expect(changes == 1400)
        // Four pages of each of four parts, and nine to count what the entries take.
        #expect(steps == 25)
        #expect(try queue.deadLetterSummary(appID: 7).count == 700)
        #expect(try queue.deadLetters(appID: 7, count: 2).letters.map(\.entry.id) == [1, 2].map(QueueEntry.sampleID))
        #expect(try members("scheduled-by-app") == 700)
        #expect(try queue.checkIndexes().changes == 0)
    }

    @Test func membersOfEntriesThatAnOlderVersionMovedAreRemoved() throws {
        let queue = try queueOfAnOlderVersion(3)
        try queue.checkAllIndexes()
        // What its scripts do, one dead letter and one scheduled entry.
        try server.command("ZREM", Self.shard + "dead", QueueEntry.sampleID(3) + ":7")
        try server.command("HDEL", Self.shard + "dead-entries", QueueEntry.sampleID(3))
        try server.command("ZADD", Self.shard + "scheduled", "5", QueueEntry.sampleID(1002))
        let stale = try queue.deadLetters(appID: 7).letters.map(\.entry.id)

        try queue.checkAllIndexes()

        #expect(stale == [1, 2].map(QueueEntry.sampleID))
        #expect(try members("dead-by-app") == 2)
        #expect(try members("scheduled-by-app") == 3)
        #expect(try queue.promoteDue(leeway: .seconds(99)).count == 3)
        #expect(try members("scheduled-by-app") == 0)
    }

    @Test func anEntryThatBecomesADeadLetterAgainIsListedOnce() throws {
        let queue = try server.queue()
        for second: Int64 in [1, 2] {
            try queue.fill([.sample(1)])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow.adding(seconds: second))
        }

        #expect(try queue.deadLetters(appID: 7).letters.count == 1)
        #expect(try queue.deadLetterSummary(appID: 7).count == 1)
    }

    @Test func appsWhoseNumbersBeginAlikeAreKeptApart() throws {
        let queue = try server.queue()
        for (number, app) in [(1, 7), (2, 70), (3, 77), (4, -7)] as [(Int, Int64)] {
            try queue.fill([.sample(number, appID: app)])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        }

        for (number, app) in [(1, 7), (2, 70), (3, 77), (4, -7)] as [(Int, Int64)] {
            #expect(try queue.deadLetters(appID: app).letters.map(\.entry.id) == [QueueEntry.sampleID(number)])
        }
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808"])
    func deadLettersOfExtremeTimesAreListedAndMoved(time: String) throws {
        let queue = try queueOfAnOlderVersion(1)
        try server.command("ZADD", Self.shard + "dead", time, QueueEntry.sampleID(1) + ":7")

        try queue.checkAllIndexes()

        #expect(try queue.deadLetters().letters.count == 1)
        #expect(try queue.deadLetters(appID: 7).letters.count == 1)
        #expect(try queue.redrive(ids: [QueueEntry.sampleID(1)], now: testNow).count == 1)
        #expect(try members("dead-by-app") == 0)
    }
}
