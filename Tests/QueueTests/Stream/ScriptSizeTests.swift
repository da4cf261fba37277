import Model
import Queue
import Redis
import TestSupport
import Testing

/// Redis serves nobody else while a script runs: each does a bounded amount of work, however much is stored.
@Suite
struct ScriptSizeTests {
    private static let largePayload = [UInt8](repeating: 120, count: 300_000)
    private static let later = testNow.adding(seconds: 1000)

    private let server: RedisServer
    private let meter: ScriptMeter

    init() throws {
        server = try RedisServer()
        meter = try ScriptMeter(server)
    }

    private func queue(_ settings: DeliveryQueueSettings = DeliveryQueueSettings()) throws -> DeliveryQueue {
        DeliveryQueue(
            connection: RedisConnection(
                endpoint: try RedisEndpoint(parsing: meter.url), connectTimeout: .seconds(10),
                commandTimeout: .seconds(60)), settings: settings)
    }

    /// Checks the runs since the last call: no more than 1000 elements, and 1 MiB beside one entry.
    private func expectSmallRuns(atLeast minimum: Int = 1, _ location: SourceLocation = #_sourceLocation) throws {
        let runs = try meter.runs()
        #expect(runs.count >= minimum, sourceLocation: location)
        for run in runs {
            #expect(run.elements <= 1000, sourceLocation: location)
            #expect(run.bytes - run.largest <= 1 << 20, sourceLocation: location)
        }
    }

    /// Adds dead letters as a worker of the first version did: without the index.
    private func addDeadLetters(_ numbers: Range<Int>, appID: Int64) throws {
        try server.command(
            "EVAL",
            """
            for i = ARGV[1], ARGV[2] - 1 do
                local id = string.format('%032x', i)
                local fields = {'id', id, 'app', ARGV[3], 'event', 'issue.created', 'attempt', '4', 'enqueued',
                    ARGV[4], 'due', ARGV[4], 'payload', '{}', 'buried', ARGV[4], 'reason', 'gone'}
                redis.call('HSET', KEYS[2], id, cmsgpack.pack(fields))
                redis.call('ZADD', KEYS[1], ARGV[4], id .. ':' .. ARGV[3])
            end
            """, "2", "hookline:{queue:events:0}:dead", "hookline:{queue:events:0}:dead-entries",
            String(numbers.lowerBound), String(numbers.upperBound), String(appID), String(testNow.microseconds))
    }

    @Test func manyDeadLettersOfOneTime() throws {
        try addDeadLetters(0..<3000, appID: 1)
        try addDeadLetters(3000..<3002, appID: 2)
        let queue = try queue()

        try queue.checkAllIndexes()
        let summary = try queue.deadLetterSummary(appID: 2)
        let ofApp = try queue.deadLetters(appID: 2).letters
        var all: [String] = []
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let page = try queue.deadLetters(after: cursor, count: 1000)
            all += page.letters.map(\.entry.id)
            cursor = page.next
        } while cursor != nil

        #expect(summary.count == 2)
        #expect(summary.newest?.entry.id == QueueEntry.sampleID(3001))
        #expect(ofApp.map(\.entry.id) == [3000, 3001].map(QueueEntry.sampleID))
        #expect(all == (0..<3002).map(QueueEntry.sampleID))
        try expectSmallRuns(atLeast: 20)
        #expect(try queue.redriveAll(appID: 1, now: Self.later).count == 3000)
        #expect(try queue.deleteAllDeadLetters(now: Self.later) == 2)
        #expect(try server.integer("EXISTS", "hookline:{queue:events:0}:dead-by-app") == 0)
        try expectSmallRuns(atLeast: 31)
    }

    @Test func aLimitThatWasLoweredIsReachedInSteps() throws {
        try addDeadLetters(0..<1500, appID: 1)
        let queue = try queue(DeliveryQueueSettings(maximumDeadLetters: 1000))
        try queue.checkAllIndexes()

        for number in 9001...9008 {
            try queue.fill([.sample(number)])
            #expect(try queue.deadLetter(queue.receiveOne(), reason: "gone", at: Self.later) == .settled)
        }

        let statistics = try queue.statistics()
        #expect([statistics.dead, statistics.discarded] == [1000, 508])
        #expect(try server.integer("ZCARD", "hookline:{queue:events:0}:dead-by-app") == 1000)
        try expectSmallRuns()
    }

    @Test func entriesOfManyAppsAreCountedInSteps() throws {
        let queue = try queue()
        try queue.fill((1...1000).map { .sample($0, appID: Int64($0), dueAt: testNow.adding(seconds: 5)) })
        try queue.checkAllIndexes()
        while try queue.promoteDue(leeway: .seconds(1000), limit: 1000).count > 0 {}
        try queue.checkAllIndexes()
        let deliveries = try queue.receiveAll()
        _ = queue.settle(deliveries.prefix(500).map { .deadLetter($0, reason: "gone", at: testNow) })
        _ = try queue.acknowledge(Array(deliveries.dropFirst(500)))
        try queue.checkAllIndexes()
        #expect(try queue.redriveAll(now: Self.later).count == 500)
        try queue.checkAllIndexes()

        #expect(try queue.statistics().keptBytes == 0)
        try expectSmallRuns(atLeast: 50)
    }

    @Test func deadLettersMakeRoomInSteps() throws {
        let large = try queue()
        try large.fill((1...300).map { .sample($0, appID: Int64($0 % 2)) })
        _ = large.settle(
            try large.receiveAll().map { .deadLetter($0, reason: "gone", at: testNow) })
        let small = try queue(DeliveryQueueSettings(maximumBytes: 60_000, maximumDeadLetters: 100))

        for number in 1001...1012 {
            try large.fill([.sample(number)])
            #expect(try small.deadLetter(small.receiveOne(), reason: "gone", at: Self.later) == .settled)
        }

        #expect(try small.statistics().keptBytes <= 30_000)
        #expect(small.takeDisplaced().count > 200)
        try expectSmallRuns()
    }

    @Test func largeEntriesAreMovedFewAtATime() throws {
        let queue = try queue()
        try queue.fill((1...20).map { .sample($0, payload: Self.largePayload, dueAt: testNow.adding(seconds: 5)) })

        var promoted = 0
        while promoted < 20 { promoted += try queue.promoteDue(leeway: .seconds(1000), limit: 1000).count }
        while try !queue.receive(consumer: "a", count: 100).isEmpty {}
        let claimed = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 20)
        let outcomes = queue.settle(claimed.map { .deadLetter($0, reason: "gone", at: testNow) })
        let listed = try queue.deadLetters().letters
        let redrive = try queue.redriveAll(now: Self.later)
        try expectSmallRuns(atLeast: 40)

        #expect(claimed.count == 20)
        #expect(outcomes.allSatisfy { $0 == .settled })
        #expect(listed.map(\.payloadByteCount) == [Int](repeating: 300_000, count: 20))
        #expect(redrive.count == 20)
        let again = try queue.receive(consumer: "a", count: 20)
        _ = queue.settle(again.map { .deadLetter($0, reason: "gone", at: testNow) })
        #expect(try queue.deleteAllDeadLetters(now: Self.later) == 20)
        try expectSmallRuns()
    }

    @Test func lostEntriesAreTakenBackInSteps() throws {
        let queue = try queue()
        try queue.fill((1...20).map { .sample($0, payload: Self.largePayload) })
        try queue.fill((21...420).map { .sample($0) })
        while try !queue.receive(consumer: "a", count: 100).isEmpty {}
        _ = try meter.runs()

        var back: [QueueDelivery] = []
        while true {
            let step = try queue.takeBack(consumer: "a", held: back, count: 1000)
            if step.isEmpty { break }
            back += step
        }

        #expect(Set(back.map(\.entry.id)) == Set((1...420).map(QueueEntry.sampleID)))
        #expect(back.count == 420)
        try expectSmallRuns(atLeast: 11)
    }

    @Test func manyEntriesAreScheduledPromotedAndSettled() throws {
        let queue = try queue(DeliveryQueueSettings(maximumPayloadBytes: 1 << 10))
        try queue.fill((1...1100).map { .sample($0) })

        let deliveries = try queue.receive(consumer: "a", count: 1100)
        let retried = queue.settle(deliveries.map { .retry($0, at: testNow, attempt: 2) })
        var promoted = 0
        while promoted < 1100 { promoted += try queue.promoteDue(limit: 1000).count }
        let again = try queue.receive(consumer: "a", count: 1100)
        let claimed = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 1100)
        let settled = try queue.acknowledge(claimed)

        #expect([retried, settled].allSatisfy { $0.allSatisfy { $0 == .settled } })
        #expect([again.count, claimed.count] == [1100, 1100])
        #expect(try queue.statistics().counts == QueueStatistics())
        try expectSmallRuns()
    }

    @Test func manyPayloadsOfOneAppAreArchived() throws {
        let archive = PayloadArchive(
            connection: RedisConnection(endpoint: try RedisEndpoint(parsing: meter.url), commandTimeout: .seconds(60)),
            limits: ArchiveLimits(maximumEvents: 50))
        let small = (0..<600).map { number in
            ArchivedEvent(
                id: QueueEntry.sampleID(number), appID: 1, event: "issue.created", enqueuedAt: testNow, payload: [1])
        }

        try archive.store(small.map { ArchiveEntry(event: $0, isError: true, isNew: true) }, now: testNow)
        let page = try archive.events(ArchiveQuery(appID: 1, errorsOnly: true), now: testNow)

        #expect(page.events.count == 50)
        #expect(try server.integer("DBSIZE") == 56)
        try expectSmallRuns(atLeast: 6)
    }

    @Test func searchesAndDrops() throws {
        let queue = try queue()
        try queue.fill((0..<1000).map { .sample($0, appID: Int64($0)) })
        try queue.fill((2000..<2010).map { .sample($0, payload: Self.largePayload) })
        for number in [0, 500, 2009, 3000] { _ = try queue.search(for: QueueEntry.sampleID(number), appID: 1) }
        try expectSmallRuns(atLeast: 8)

        for round in 0..<2 {
            try queue.fill((0..<1000).map { .sample(10_000 + 1000 * round + $0, appID: Int64($0)) })
            _ = try meter.runs()
            let deliveries = try queue.receiveAll()
            #expect(queue.settle(deliveries.map { .drop($0, reason: "disabled") }).allSatisfy { $0 == .settled })
            try expectSmallRuns(atLeast: 15)
        }
    }
}
