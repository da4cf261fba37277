import Model
import TestSupport
import Testing

@testable import Queue

/// Stored entries that no script can decode stop no others.
@Suite
struct DamagedEntryTests {
    private static let damages: [[UInt8]] = [
        [], [0x92, 0xA2], [0x05], [0x80], [0x90], [0x91, 0xA1, 0x61], [0x92, 0xA1, 0x61, 0x90], [0xC1],
    ]
    private static let damagedID = QueueEntry.sampleID(2)

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func damage(_ hash: String, _ bytes: [UInt8]) throws {
        let words = ["HSET", "hookline:{queue:events:0}:\(hash)", Self.damagedID].map { Array($0.utf8) }
        try RedisTestConnection(socketPath: server.socketPath).command(words + [bytes])
    }

    /// A queue with the dead letters 1 to 3 of app 7, of which 2 is damaged.
    private func queueWithDeadLetters(_ damage: [UInt8]) throws -> DeliveryQueue {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0) })
        for delivery in try queue.receive(consumer: "a", count: 3) {
            #expect(try queue.deadLetter(delivery, reason: "gone", at: testNow) == .settled)
        }
        try self.damage("dead-entries", damage)
        return queue
    }

    @Test(arguments: damages)
    func aScheduledOneComesWithAProblemAndTheOthersAsTheyAre(_ damage: [UInt8]) throws {
        let queue = try server.queue()
        try queue.fill((1...3).map { .sample($0, dueAt: testNow.adding(seconds: 10)) })
        try self.damage("scheduled-entries", damage)

        try queue.checkAllIndexes()
        let promotion = try queue.promoteDue(leeway: .seconds(60))
        let deliveries = try queue.receive(consumer: "a", count: 9)

        #expect(promotion == Promotion(count: 3))
        #expect(deliveries.map(\.entry.id) == (1...3).map(QueueEntry.sampleID))
        let problem = "malformed entry: what Redis had of it cannot be decoded"
        #expect(deliveries.map(\.problem) == [nil, problem, nil])
        try queue.checkAllIndexes()
        #expect(try server.integer("ZCARD", "hookline:{queue:events:0}:scheduled-by-app") == 0)

        #expect(try queue.deadLetter(deliveries[1], reason: problem, at: testNow) == .settled)
        let letter = try #require(try queue.deadLetter(id: Self.damagedID))
        #expect(letter.reason == problem)
        #expect(letter.entry.payload == damage)
        #expect(try queue.redrive(ids: [Self.damagedID], now: testNow).damagedCount == 1)
    }

    @Test(arguments: damages)
    func aDeadLetterIsListedAndDeletedAndTheOthersAreRedriven(_ damage: [UInt8]) throws {
        let queue = try queueWithDeadLetters(damage)

        let listed = try queue.deadLetters(appID: 7).letters
        let summary = try queue.deadLetterSummary(appID: 7)
        let redrive = try queue.redriveAll(now: testNow)

        #expect(listed.map(\.entry.id) == (1...3).map(QueueEntry.sampleID))
        #expect(listed.map(\.reason) == ["gone", "damaged: what Redis has cannot be decoded", "gone"])
        #expect(summary.count == 3)
        #expect(redrive.count == 2)
        #expect(redrive.damagedCount == 1)
        #expect(try queue.receive(consumer: "a", count: 9).map(\.entry.id) == [1, 3].map(QueueEntry.sampleID))

        #expect(try queue.deleteDeadLetters(ids: [Self.damagedID]) == 1)
        try queue.checkAllIndexes()
        #expect(try queue.statistics().dead == 0)
        #expect(try queue.deadLetterSummary(appID: 7).count == 0)
    }
}
