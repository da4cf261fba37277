import Model
import Queue
import Redis
import TestSupport
import Testing

/// The limits of a queue for entries and for memory, and the share of one app.
@Suite
struct QueueLimitTests {
    private static let usage = "hookline:{queue:events:0}:usage"
    /// What an entry with `payload` takes in the stream.
    private static let entryBytes = 8 * 1000 + 1000 + 150
    private static let payload = [UInt8](repeating: 120, count: 8000)

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// Adds entries of an app until one is refused; returns how many were accepted, and why the next was not.
    private func fill(
        _ queue: DeliveryQueue, appID: Int64, from first: Int, upTo limit: Int = 2000, payload: [UInt8] = payload
    ) throws -> (count: Int, limit: QueueLimit?) {
        for number in 0..<limit {
            let result = try queue.enqueue(.sample(first + number, appID: appID, payload: payload))
            if case .full(let reached) = result { return (number, reached) }
        }
        return (limit, nil)
    }

    @Test(arguments: [1024, 262_144], [1, 3])
    func withTheLeastLimitTheLargestEventCanBeScheduledRetriedAndBecomeADeadLetter(
        eventBytes: Int, shardCount: Int
    ) throws {
        var settings = DeliveryQueueSettings(
            shardCount: shardCount,
            maximumPayloadBytes: DeliveryQueueSettings.maximumPayloadBytes(forEventBytes: eventBytes))
        settings.maximumBytes = settings.leastMaximumBytes
        let largest = [UInt8](repeating: 120, count: settings.maximumPayloadBytes)
        let queue = try server.queue(settings)
        let due = testNow.adding(seconds: 5)

        try queue.fill([.sample(1, payload: largest, dueAt: due)])
        _ = try queue.promoteDue(leeway: .seconds(5))
        let retried = try queue.retry(try queue.receiveOne(), at: testNow)
        _ = try queue.promoteDue(leeway: .seconds(5))
        let buried = try queue.deadLetter(
            try queue.receiveOne(), reason: String(repeating: "r", count: 1000), at: testNow)

        #expect(retried == .settled && buried == .settled)
        #expect(queue.takeDisplaced().isEmpty)
        #expect(try queue.statistics().dead == 1)
        // It is not much more than needed.
        settings.maximumBytes = settings.leastMaximumBytes - shardCount * 8192
        let result = try server.queue(settings).enqueue(.sample(2, appID: 7000, payload: largest, dueAt: due))
        guard case .full = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test func theDepthCountsWaitingEntriesAndThoseInProgress() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 3))
        try queue.fill((1...5).map { .sample($0, dueAt: testNow.adding(seconds: 5)) } + (6...8).map { .sample($0) })
        let first = try queue.receiveOne()

        #expect(try queue.enqueue(.sample(9)) == .full(depth: 3, bound: 3))
        #expect(try queue.deadLetter(first, reason: "gone", at: testNow) == .settled)
        #expect(try queue.enqueue(.sample(9)) == .accepted(QueueEntry.sampleID(9)))
        #expect(try queue.statistics().limitedCount == 3)
    }

    @Test func anAppHasATenthOfTheEntriesWhileMoreThanHalfIsUsed() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 2000))

        let first = try fill(queue, appID: 1, from: 1, payload: [1])
        let second = try fill(queue, appID: 2, from: 3001, payload: [1])
        let others = try (3...6).map { try fill(queue, appID: $0, from: Int($0) * 10_000, payload: [1]).count }

        #expect(first.count == 1000)
        #expect(first.limit == QueueLimit(used: 1000, bound: 200, isAppShare: true))
        #expect(second.count == 200)
        #expect(second.limit == QueueLimit(used: 200, bound: 200, isAppShare: true))
        #expect(others == [200, 200, 200, 200])
        #expect(try queue.enqueue(.sample(1, appID: 9)) == .full(depth: 2000, bound: 2000))
    }

    @Test func anAppHasATenthOfTheMemoryWhileMoreThanHalfIsUsed() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumBytes: 2_000_000))

        let first = try fill(queue, appID: 1, from: 1)
        let second = try fill(queue, appID: 2, from: 3001)
        var limits: [QueueLimit?] = []
        for app: Int64 in 3...9 { limits.append(try fill(queue, appID: app, from: Int(app) * 10_000).limit) }

        #expect(first.count == 1_000_000 / Self.entryBytes)
        let held = first.count * Self.entryBytes
        #expect(first.limit == QueueLimit(used: held, bound: 200_000, measure: .bytes, isAppShare: true))
        #expect(second.count == 200_000 / Self.entryBytes)
        #expect(limits.last == .some(.some(QueueLimit(used: 1_994_700, bound: 2_000_000, measure: .bytes))))
        #expect(try queue.statistics().byteCount == 1_994_700)
    }

    @Test func retriesBeyondTheShareOfAnAppBecomeDeadLettersAndItsOldestAreDeleted() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumBytes: 1_000_000))
        let roomy = try server.queue()
        try roomy.fill((1...5).map { .sample($0, appID: 2, payload: Self.payload) })
        for delivery in try queue.receive(consumer: "a", count: 5) {
            _ = try queue.deadLetter(delivery, reason: "gone", at: testNow)
        }
        try roomy.fill((11...90).map { .sample($0, appID: 1, payload: Self.payload) })

        let outcomes = queue.settle(
            try queue.receiveAll().map { .retry($0, at: testNow.adding(seconds: 9), attempt: 2) })

        #expect(outcomes.allSatisfy { $0 == .settled })
        let statistics = try queue.statistics()
        #expect(statistics.keptBytes <= 500_000 + 9500)
        #expect(statistics.waiting + statistics.pending == 0)
        let displaced = queue.takeDisplaced()
        let buried = displaced.filter { $0.consequence == .deadLetter }.count
        let deleted = displaced.filter { $0.consequence == .discarded }.map(\.id)
        #expect(statistics.scheduled == 80 - buried)
        #expect(buried > 20)
        #expect(!deleted.isEmpty)
        #expect(statistics.discarded == deleted.count)
        #expect(deleted.allSatisfy { $0 > QueueEntry.sampleID(10) })
        #expect(try queue.deadLetters(appID: 2).letters.count == 5)
        let reasons = try queue.deadLetters(appID: 1).letters.map(\.reason)
        #expect(reasons.allSatisfy { $0.hasPrefix("no room to schedule a retry: the app has a tenth of ") })
        #expect(try queue.deadLetters(appID: 1).letters.allSatisfy { $0.entry.attempt == 1 })
        #expect(queue.takeDisplaced().isEmpty)
    }

    @Test func whatIsPutBackIsAlwaysScheduled() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumBytes: 20_000))
        try server.queue().fill((1...9).map { .sample($0, payload: Self.payload) })

        for delivery in try queue.receive(consumer: "a", count: 9) {
            #expect(try queue.retry(delivery, at: testNow.adding(seconds: 9), attempt: 1) == .settled)
        }

        #expect(try queue.statistics().scheduled == 9)
        #expect(queue.takeDisplaced().isEmpty)
    }

    @Test func deadLettersOfManyAppsLeaveHalfOfTheMemoryToNewEvents() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumBytes: 1_000_000))
        for app: Int64 in 1...100 {
            try queue.fill([.sample(Int(app), appID: app, payload: Self.payload)])
            _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        }

        let kept = try queue.statistics().keptBytes
        #expect((480_000...500_000).contains(kept))
        #expect(try queue.deadLetterSummary(appID: 1).count == 0)
        #expect(try queue.deadLetterSummary(appID: 100).count == 1)
        var accepted = 0
        for app: Int64 in 1...60 where try fill(queue, appID: app, from: 1000 + Int(app), upTo: 1).count == 1 {
            accepted += 1
        }
        #expect(accepted >= 500_000 / Self.entryBytes)
    }

    @Test func countersAreExactAfterEveryKindOfMove() throws {
        let queue = try server.queue()
        try queue.fill(
            (1...40).map { .sample($0, appID: Int64($0 % 5), payload: [UInt8](repeating: 1, count: $0 * 9)) })
        try queue.fill((41...50).map { .sample($0, appID: 3, dueAt: testNow.adding(seconds: 5)) })
        for (index, delivery) in try queue.receive(consumer: "a", count: 30).enumerated() {
            switch index % 3 {
            case 0: _ = try queue.acknowledge(delivery)
            case 1: _ = try queue.retry(delivery, at: testNow.adding(seconds: 5))
            default: _ = try queue.deadLetter(delivery, reason: "gone", at: testNow)
            }
        }
        _ = try queue.promoteDue(leeway: .seconds(60), limit: 7)
        _ = try queue.redrive(ids: [3, 6].map(QueueEntry.sampleID), now: testNow)
        _ = try queue.deleteDeadLetters(ids: [9, 12].map(QueueEntry.sampleID))
        for _ in 0..<13 { _ = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 100) }
        let before = try server.command("HGETALL", Self.usage)

        var changes = 0
        while true {
            let step = try queue.checkIndexes()
            changes += step.changes
            if step.isOver { break }
        }

        #expect(changes == 0)
        #expect(try server.command("HGETALL", Self.usage) == before)
        #expect(try queue.statistics().byteCount > 10_000)
    }

    @Test func anEmptyQueueHasNoAppsInItsCounters() throws {
        let queue = try server.queue()
        try queue.fill((1...200).map { .sample($0, appID: Int64($0)) })
        _ = try queue.acknowledge(queue.receiveAll())

        #expect(try queue.statistics().byteCount == 0)
        #expect(try server.integer("HLEN", Self.usage) == 2)
    }

    @Test func whatOlderWorkersLeftIsCounted() throws {
        let queue = try server.queue()
        try queue.fill((1...400).map { .sample($0, appID: Int64($0 % 3)) })
        try queue.fill((401...700).map { .sample($0, dueAt: testNow.adding(seconds: 5)) })
        for delivery in try queue.receive(consumer: "a", count: 50) {
            _ = try queue.deadLetter(delivery, reason: "gone", at: testNow)
        }
        let counted = try queue.statistics()
        let fields = try Set(server.command("HKEYS", Self.usage).split(separator: "\r\n").filter { $0.contains(":") })

        try server.command("DEL", Self.usage)
        #expect(try queue.statistics().byteCount == 0)
        try queue.checkAllIndexes()
        #expect(try queue.statistics().byteCount == counted.byteCount)
        #expect(
            try Set(server.command("HKEYS", Self.usage).split(separator: "\r\n").filter { $0.contains(":") }) == fields)

        for field in ["live-in", "kept-out", "2:entries", "99:bytes"] {
            try server.command("HINCRBY", Self.usage, field, "123456")
        }
        try queue.checkAllIndexes()
        #expect(try queue.statistics().liveBytes == counted.liveBytes)
        #expect(try queue.statistics().keptBytes == counted.keptBytes)
        #expect(try server.integer("HEXISTS", Self.usage, "99:bytes") == 0)
    }

    @Test(arguments: [Int64.min, .max, -(1 << 53) - 1])
    func countersThatNoScriptCanHaveWrittenAreCountedAgain(value: Int64) throws {
        let queue = try server.queue()
        try queue.fill((1...20).map { .sample($0, appID: 1) })
        let counted = try queue.statistics().byteCount
        for field in ["live-in", "live-out", "kept-in", "kept-out", "1:bytes", "1:entries", "9001:bytes"] {
            try server.command("HSET", Self.usage, field, String(value))
        }

        for _ in 0..<2 { try queue.checkAllIndexes() }

        #expect(try queue.statistics().byteCount == counted)
        #expect(try server.command("HGET", Self.usage, "1:entries") == "$2\r\n20\r\n")
        #expect(try server.integer("HEXISTS", Self.usage, "9001:bytes") == 0)
    }

    @Test func entriesWithIDsAheadOfRedisClockAreCounted() throws {
        let queue = try server.queue()
        let stream = "hookline:{queue:events:0}:stream"
        try server.command("XADD", stream, "9999999999999-0", "id", "x")
        try server.command("XDEL", stream, "9999999999999-0")
        try queue.fill((1...10).map { .sample($0, appID: 1) })
        let counted = try queue.statistics().byteCount

        try queue.checkAllIndexes()

        #expect(try queue.statistics().byteCount == counted)
        #expect(try server.command("HGET", Self.usage, "1:entries") == "$2\r\n10\r\n")
    }

    @Test func aRedisThatIsEmptiedDuringAPassLeavesNoCounters() throws {
        let queue = try server.queue()
        try queue.fill((1...1000).map { .sample($0) })
        for _ in 0..<3 { _ = try queue.checkIndexes() }
        try server.command("FLUSHALL")
        try queue.checkAllIndexes()

        try queue.checkAllIndexes()

        #expect(try queue.statistics().byteCount == 0)
        #expect(try server.integer("EXISTS", Self.usage) == 0)
    }

    @Test func aRedriveLeavesTheOtherAppsTheirPartOfTheQueue() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 400))
        for first in [1, 196] {
            try queue.fill((first..<first + 195).map { .sample($0, appID: 1) })
            for delivery in try queue.receiveAll() { _ = try queue.deadLetter(delivery, reason: "gone", at: testNow) }
        }

        let redrive = try queue.redriveAll(appID: 1, now: testNow.adding(seconds: 5))
        let again = try queue.redriveAll(now: testNow.adding(seconds: 5))

        #expect(redrive.count == 200 && !redrive.isFull && redrive.heldCount > 0)
        #expect(again.count == 0 && again.heldCount == 190)
        #expect(try queue.statistics().dead == 190)
        #expect(try queue.enqueue(.sample(1, appID: 2)) == .accepted(QueueEntry.sampleID(1)))
    }

    @Test(arguments: ["waiting", "scheduled", "dead"], [100, 321, 1000, 5000, 60_000])
    func theBytesThatAreCountedAreThoseThatRedisUses(state: String, payload: Int) throws {
        let queue = try server.queue()
        let before = try #require(try queue.memory()).usedBytes
        let due = state == "scheduled" ? testNow.adding(seconds: 5) : testNow
        try queue.fill((1...1000).map { .sample($0, payload: [UInt8](repeating: 120, count: payload), dueAt: due) })
        while state == "dead", let delivery = try queue.receive(consumer: "a", count: 1).first {
            _ = try queue.deadLetter(delivery, reason: "attempt 4 of 4 failed: 503", at: testNow)
        }

        let used = Double(try #require(try queue.memory()).usedBytes - before)
        let counted = Double(try queue.statistics().byteCount)
        // Small entries take less than is counted.
        #expect(
            abs(counted / used - 1) < (payload < 1000 ? 0.45 : 0.25),
            "\(counted / 1000) counted, \(used / 1000) used for each entry")
    }
}
