import Model
import Queue
import Redis
import TestSupport
import Testing

/// Dead letters are kept, shown, sent back and deleted.
@Suite
struct QueueDeadLetterTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// A queue whose entries 1 to `count` are dead: odd ones of app 7, even ones of app 17.
    private func queueWithDeadLetters(
        _ count: Int, settings: DeliveryQueueSettings = DeliveryQueueSettings(), on server: RedisServer
    ) throws -> DeliveryQueue {
        let queue = try server.queue(settings)
        for number in 1...count {
            try queue.fill([.sample(number, appID: number % 2 == 1 ? 7 : 17, payload: [UInt8(number), 0, 255])])
            let outcome = try queue.deadLetter(
                queue.receiveOne(), reason: "reason \(number)", at: testNow.adding(seconds: Int64(number / 3)))
            #expect(outcome == .settled)
        }
        return queue
    }

    /// The others have none of the app.
    @Test func onlyTheShardOfAnAppIsAsked() throws {
        let proxy = try RedisProxy(server)
        let settings = DeliveryQueueSettings(shardCount: 64)
        _ = try queueWithDeadLetters(4, settings: settings, on: server)
        let queue = DeliveryQueue(
            connection: RedisConnection(endpoint: try RedisEndpoint(parsing: proxy.url), commandTimeout: .seconds(20)),
            settings: settings)

        #expect(try queue.deadLetterSummary(appID: 17).count == 2)
        #expect(try queue.deadLetter(id: QueueEntry.sampleID(2), appID: 17)?.reason == "reason 2")
        #expect(try queue.deadLetter(id: QueueEntry.sampleID(2), appID: 7) == nil)
        #expect(try queue.deadLetters(appID: 17).letters.map(\.entry.id) == [2, 4].map(QueueEntry.sampleID))
        let page = try queue.deadLetters(appID: 17, count: 1)
        #expect(try queue.deadLetters(appID: 17, after: page.next).letters.map(\.entry.id) == [QueueEntry.sampleID(4)])
        #expect(try queue.redrive(appID: 17, limit: 1, now: testNow).redrive.count == 1)
        #expect(try queue.deleteAllDeadLetters(appID: 17, now: testNow.adding(seconds: 100)) == 1)
        #expect(try queue.deleteDeadLetters(ids: [QueueEntry.sampleID(1)], appID: 7) == 1)

        #expect(proxy.roundTripCount < 40)
        #expect(try queue.deadLetters().letters.map(\.entry.id) == [QueueEntry.sampleID(3)])
    }

    @Test func aNumberOfAnAppsOldestDeadLettersIsSentBackAndTheOthersStay() throws {
        let queue = try queueWithDeadLetters(6, on: server)

        let first = try queue.redrive(appID: 7, limit: 2, now: testNow)
        let second = try queue.redrive(appID: 7, limit: 2, now: testNow)

        #expect(first.redrive == Redrive(count: 2, isFull: false) && first.hasMore)
        #expect(second.redrive == Redrive(count: 1, isFull: false) && !second.hasMore)
        #expect(try queue.receive(consumer: "c", count: 9).map(\.entry.id) == [1, 3, 5].map(QueueEntry.sampleID))
        #expect(try queue.deadLetters().letters.map(\.entry.appID) == [17, 17, 17])
    }

    @Test func aDeadLetterKeepsItsPayloadAndItsReason() throws {
        let queue = try queueWithDeadLetters(2, on: server)

        let letter = try #require(try queue.deadLetter(id: QueueEntry.sampleID(2)))

        #expect(letter.entry == .sample(2, appID: 17, payload: [2, 0, 255]))
        #expect(letter.reason == "reason 2")
        #expect(letter.deadLetteredAt == testNow)
        #expect(letter.payloadByteCount == 3)
        #expect(try queue.deadLetter(id: QueueEntry.sampleID(3)) == nil)
    }

    @Test(arguments: [1, 2, 3, 10, 11])
    func theListComesInPiecesOfAnySize(size: Int) throws {
        let queue = try queueWithDeadLetters(10, on: server)

        var letters: [DeadLetter] = []
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let page = try queue.deadLetters(after: cursor, count: size)
            #expect(page.letters.count <= size)
            letters += page.letters
            cursor = page.next
        } while cursor != nil

        #expect(letters.map(\.entry.id) == (1...10).map(QueueEntry.sampleID))
        #expect(letters.allSatisfy { $0.entry.payload.isEmpty && $0.payloadByteCount == 3 })
    }

    @Test func aCursorIsValidAfterItsDeadLetterIsDeleted() throws {
        let queue = try queueWithDeadLetters(6, on: server)
        let first = try queue.deadLetters(count: 3)

        _ = try queue.deleteDeadLetters(ids: [1, 2, 3].map(QueueEntry.sampleID))
        let second = try queue.deadLetters(after: first.next, count: 9)

        #expect(second.letters.map(\.entry.id) == [4, 5, 6].map(QueueEntry.sampleID))
    }

    @Test func theListOfOneAppHoldsNoOthers() throws {
        let queue = try queueWithDeadLetters(6, on: server)

        let letters = try queue.deadLetters(appID: 7).letters

        #expect(letters.map(\.entry.id) == [1, 3, 5].map(QueueEntry.sampleID))
    }

    @Test func aRedrivenEntryKeepsItsIDAndStartsWithTheFirstAttempt() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        _ = try queue.retry(queue.receiveOne(), at: testNow, attempt: 4)
        _ = try queue.promoteDue()
        _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        let later = testNow.adding(seconds: 60)

        let redrive = try queue.redrive(ids: [QueueEntry.sampleID(1), QueueEntry.sampleID(2)], now: later)
        let delivery = try queue.receiveOne()

        #expect(redrive == Redrive(count: 1, isFull: false))
        var expected = QueueEntry.sample(1)
        expected.dueAt = later
        #expect(delivery.entry == expected)
        _ = try queue.acknowledge(delivery)
        // The stream and the counters of what it takes.
        #expect(try server.integer("DBSIZE") == 2)
    }

    @Test func allOfOneAppAreRedrivenAndTheOthersStay() throws {
        let queue = try queueWithDeadLetters(250, on: server)

        let redrive = try queue.redriveAll(appID: 17, now: testNow.adding(seconds: 100))

        #expect(redrive == Redrive(count: 125, isFull: false))
        #expect(try queue.deadLetters(appID: 17).letters.isEmpty)
        let statistics = try queue.statistics()
        #expect(statistics.waiting == 125)
        #expect(statistics.dead == 125)
    }

    @Test func redrivingStopsAtTheLimit() throws {
        let queue = try queueWithDeadLetters(5, settings: DeliveryQueueSettings(maximumDepth: 3), on: server)
        try queue.fill([.sample(100)])

        let redrive = try queue.redriveAll(now: testNow.adding(seconds: 100))

        #expect(redrive == Redrive(count: 2, isFull: true))
        let statistics = try queue.statistics()
        #expect([statistics.depth, statistics.dead] == [3, 3])
    }

    @Test func deadLettersAddedAfterTheCallAreNotRedriven() throws {
        let queue = try queueWithDeadLetters(9, on: server)

        let redrive = try queue.redriveAll(now: testNow.adding(seconds: 1))

        #expect(redrive.count == 5)
        #expect(try queue.statistics().dead == 4)
    }

    @Test func deletedDeadLettersAreGone() throws {
        let queue = try queueWithDeadLetters(6, on: server)

        let one = try queue.deleteDeadLetters(ids: [QueueEntry.sampleID(1), QueueEntry.sampleID(99)])
        let ofApp = try queue.deleteAllDeadLetters(appID: 7, now: testNow.adding(seconds: 100))
        let rest = try queue.deleteAllDeadLetters(now: testNow.adding(seconds: 100))

        #expect([one, ofApp, rest] == [1, 2, 3])
        // The stream and the counters of what it takes.
        #expect(try server.integer("DBSIZE") == 2)
    }

    @Test func theOldestDeadLettersAreDroppedAndCounted() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDeadLetters: 3))
        for number in 1...5 {
            try queue.fill([.sample(number, appID: Int64(number))])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        }

        let letters = try queue.deadLetters().letters

        #expect(letters.map(\.entry.id) == [3, 4, 5].map(QueueEntry.sampleID))
        #expect(try queue.statistics().discarded == 2)
        #expect(try server.integer("HLEN", "hookline:{queue:events:0}:dead-entries") == 3)
    }

    @Test func anAppWithManyDeadLettersDisplacesItsOwnAndNotThoseOfOthers() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDeadLetters: 20))
        for number in 1...18 {
            try queue.fill([.sample(number, appID: number <= 3 ? 17 : 7)])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow.adding(seconds: Int64(number)))
        }

        #expect(try queue.deadLetters(appID: 17).letters.map(\.entry.id) == (1...3).map(QueueEntry.sampleID))
        #expect(try queue.deadLetters(appID: 7).letters.map(\.entry.id) == (12...18).map(QueueEntry.sampleID))
        #expect(try queue.statistics().discarded == 8)
    }

    /// A dead letter of another id could not be named to be redriven or deleted.
    @Test(arguments: ["ABCDEF", "xyz", String(repeating: "a", count: 65), ""])
    func anIDThatNoneCanHaveIsReplaced(id: String) throws {
        let queue = try server.queue()
        let key = "hookline:{queue:events:0}:"
        try server.command("XADD", key + "stream", "5-1", "id", id, "app", "7", "payload", "{}")

        _ = try queue.deadLetter(queue.receiveOne(), reason: "malformed", at: testNow)

        #expect(try server.integer("HEXISTS", key + "dead-entries", "5-1") == 1)
        #expect(DeadLetter.isID("5-1") && !DeadLetter.isID(id))
        #expect(try queue.deleteDeadLetters(ids: ["5-1"]) == 1)
    }

    @Test func aLongReasonIsCut() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])

        _ = try queue.deadLetter(queue.receiveOne(), reason: String(repeating: "x", count: 5000), at: testNow)

        #expect(try queue.deadLetter(id: QueueEntry.sampleID(1))?.reason == String(repeating: "x", count: 1024))
    }
}
