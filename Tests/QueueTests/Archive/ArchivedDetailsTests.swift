import Model
import Queue
import Redis
import TestSupport
import Testing

/// Details of attempts are kept beside the payload, within the limits of the app and of all apps.
@Suite
struct ArchivedDetailsTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func archive(_ limits: ArchiveLimits = ArchiveLimits()) throws -> PayloadArchive {
        PayloadArchive(connection: try server.connection(), limits: limits)
    }

    private func details(_ attempt: Int, body count: Int = 10, second: Int64 = 0) -> AttemptDetails {
        AttemptDetails(
            attempt: attempt, date: testNow.adding(seconds: second + Int64(attempt)), url: "https://hook.test/",
            code: 200, requestHeaders: HeaderList([("Request-ID", "a")]),
            response: .init(
                status: 200, headers: HeaderList([("Server", "test")]), body: [UInt8](repeating: 7, count: count)))
    }

    private func entry(
        _ number: Int, _ details: AttemptDetails?, appID: Int64 = 7, isNew: Bool = true, payload: Int = 100,
        originalID: String? = nil
    ) -> ArchiveEntry {
        ArchiveEntry(
            event: ArchivedEvent(
                id: QueueEntry.sampleID(number), appID: appID, event: "issue.created",
                enqueuedAt: testNow.adding(seconds: Int64(number)), payload: [UInt8](repeating: 1, count: payload)),
            isError: false, isNew: isNew, originalID: originalID, details: details)
    }

    private func record(_ number: Int, in archive: PayloadArchive, appID: Int64 = 7) throws -> ArchivedRecord {
        try archive.record(id: QueueEntry.sampleID(number), appID: appID)
    }

    /// The sum that the app's hash has, after a comparison with its parts.
    private func appBytes(_ app: Int64 = 7) throws -> Int {
        let key = "hookline:{app:\(app)}:event-bytes"
        let total = try server.command("HGET", key, "total")
        let values = try server.command("HVALS", key).split(separator: "\r\n").filter { !$0.hasPrefix("$") }
            .compactMap { Int($0) }
        let sum = Int(total.split(separator: "\r\n").last ?? "") ?? 0
        #expect(values.reduce(0, +) == 2 * sum)
        return sum
    }

    @Test func detailsOfEachAttemptAreReadNewestFirst() throws {
        let archive = try archive()

        try archive.store([entry(1, details(1))], now: testNow)
        try archive.store([entry(1, details(2), isNew: false)], now: testNow)
        try archive.store([entry(1, nil, isNew: false)], now: testNow)

        let record = try record(1, in: archive)
        #expect(record.attempts == [details(2), details(1)])
        #expect(record.event == entry(1, nil).event)
        #expect(try archive.event(id: QueueEntry.sampleID(1), appID: 7) == entry(1, nil).event)
        #expect(try self.record(2, in: archive) == ArchivedRecord())
        #expect(try self.record(1, in: archive, appID: 8) == ArchivedRecord())
    }

    @Test func withoutAPayloadNoDetailsAreKept() throws {
        let archive = try archive()

        try archive.store([entry(1, details(2), isNew: false)], now: testNow)

        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(QueueEntry.sampleID(1))") == 0)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event-bytes") == 0)
        // What was counted for it in advance is taken back with the next call.
        try archive.store([entry(2, nil)], now: testNow)
        #expect(try archive.byteCount(now: testNow) == appBytes())
    }

    @Test func bothCountsAreOfWhatIsStored() throws {
        let archive = try archive()
        try archive.store([entry(1, details(1)), entry(2, nil), entry(3, details(1, body: 5000))], now: testNow)
        try archive.store([entry(1, details(2), isNew: false), entry(4, nil, appID: 8)], now: testNow)
        #expect(try archive.byteCount(now: testNow) == appBytes() + appBytes(8))

        // The same attempt again, as after a lost connection, or by another worker.
        try archive.store([entry(1, details(1)), entry(2, details(1))], now: testNow)
        try archive.store([entry(5, nil, appID: 8)], now: testNow)

        #expect(try archive.byteCount(now: testNow) == appBytes() + appBytes(8))
        #expect(try record(1, in: archive).attempts.count == 2)
        for key in ["hookline:{app:7}:event-bytes", "hookline:{app:8}:event-bytes"] {
            #expect((259_200 - 60...259_200).contains(try server.integer("TTL", key)))
        }
    }

    @Test func theOldestOfAnAppAreEvictedBeyondItsBytes() throws {
        let archive = try archive(ArchiveLimits(maximumAppBytes: 50_000))
        for number in 1...40 { try archive.store([entry(number, details(1, body: 2000))], now: testNow) }
        try archive.store([entry(1, details(1), appID: 8)], now: testNow)

        let left = try archive.events(ArchiveQuery(appID: 7), now: testNow).events.map(\.id)

        let bytes = try appBytes()
        #expect((46_000...50_000).contains(bytes))
        #expect(!left.isEmpty && left == (41 - left.count...40).map(QueueEntry.sampleID))
        #expect((13...16).contains(left.count))
        #expect(try server.command("KEYS", "hookline:{app:7}:event:*").split(separator: "$").count == left.count + 1)
        #expect(try record(1, in: archive, appID: 8).attempts.count == 1)
        #expect(try archive.byteCount(now: testNow) == bytes + appBytes(8))
    }

    /// Later attempts count, too: they may be what exceeds the limit.
    @Test func detailsOfLaterAttemptsEvictTheOldest() throws {
        let archive = try archive(ArchiveLimits(maximumAppBytes: 50_000))
        for number in 1...9 { try archive.store([entry(number, nil)], now: testNow) }

        for attempt in 2...4 {
            try archive.store([entry(9, details(attempt, body: 15_000), isNew: false)], now: testNow)
        }

        #expect(try appBytes() == 0)
        #expect(try record(9, in: archive) == ArchivedRecord())
        try archive.store([entry(10, nil)], now: testNow)
        #expect(try archive.byteCount(now: testNow) == appBytes())
    }

    @Test func aCallEvictsAtMost75() throws {
        let archive = try archive()
        for start in [0, 50, 100, 150] {
            try archive.store((start + 1...start + 50).map { entry($0, nil) }, now: testNow)
        }
        let small = try self.archive(ArchiveLimits(maximumAppBytes: 1))

        try small.store([entry(201, nil)], now: testNow)
        #expect(try server.integer("ZCARD", "hookline:{app:7}:events") == 126)
        try small.store([entry(202, nil)], now: testNow)
        #expect(try server.integer("ZCARD", "hookline:{app:7}:events") == 52)
        try small.store([entry(203, nil)], now: testNow)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:events", "hookline:{app:7}:event-bytes") == 0)
    }

    @Test func pruningTakesDetailsOffBothCounts() throws {
        let archive = try archive(ArchiveLimits(maximumBytes: 500_000))
        try archive.store((1...200).map { entry($0, details(1, body: 2000)) }, now: testNow)

        while try archive.prune(now: testNow).hasMore {}

        let bytes = try archive.byteCount(now: testNow)
        #expect((300_000...500_000).contains(bytes))
        #expect(try appBytes() == bytes)
    }

    @Test func whatHasExpiredLeavesTheCountOfTheApp() throws {
        let archive = try archive(ArchiveLimits(lifetimeSeconds: 100))
        try archive.store((1...5).map { entry($0, details(1)) }, now: testNow)
        let later = testNow.adding(seconds: 200)

        try archive.store([entry(200, nil)], now: later)

        #expect(try server.integer("HLEN", "hookline:{app:7}:event-bytes") == 2)
        let counted = try appBytes()
        #expect((1...1000).contains(counted))
    }

    /// A worker of an older version removes an event from the list alone.
    @Test func theCountBeginsAgainWhereOlderWorkersHaveEvicted() throws {
        let archive = try archive()
        try archive.store((1...5).map { entry($0, details(1)) }, now: testNow)
        try server.command("ZREM", "hookline:{app:7}:events", QueueEntry.sampleID(1))

        try archive.store([entry(6, nil)], now: testNow)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event-bytes") == 0)
        try archive.store([entry(7, nil)], now: testNow)

        #expect(try server.integer("HLEN", "hookline:{app:7}:event-bytes") == 2)
        #expect(try record(2, in: archive).attempts.count == 1)
    }

    @Test func anEventHasALimitedNumberOfDetails() throws {
        let archive = try archive()
        try archive.store([entry(1, nil)], now: testNow)

        for attempt in 1...80 { try archive.store([entry(1, details(attempt), isNew: false)], now: testNow) }
        try archive.store([entry(2, nil)], now: testNow)

        #expect(try record(1, in: archive).attempts.count == 60)
        #expect(try archive.byteCount(now: testNow) == appBytes())
    }

    @Test func damagedDetailsAreLeftOut() throws {
        let archive = try archive()
        try archive.store([entry(1, details(1))], now: testNow)
        let key = "hookline:{app:7}:event:\(QueueEntry.sampleID(1))"
        try server.command("HSET", key, "attempt:5", "{}", "attempt:6", "", "redelivery:x", "y")

        let record = try record(1, in: archive)

        #expect(record.attempts == [details(1)])
        #expect(record.redeliveries == [])
        #expect(record.event != nil)
    }

    @Test func theOriginalKnowsItsRedeliveries() throws {
        let archive = try archive()
        let original = QueueEntry.sampleID(1)
        try archive.store([entry(1, nil)], now: testNow)

        try archive.store([entry(2, nil, originalID: original), entry(3, nil, originalID: original)], now: testNow)
        try archive.store([entry(3, nil, isNew: false, originalID: original)], now: testNow)
        try archive.store([entry(4, nil, originalID: QueueEntry.sampleID(99))], now: testNow)

        let found = try record(1, in: archive).redeliveries.sorted { $0.id < $1.id }
        #expect(
            found
                == [2, 3].map { .init(id: QueueEntry.sampleID($0), date: testNow.adding(seconds: Int64($0))) })
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(QueueEntry.sampleID(99))") == 0)
        for number in 10..<100 { try archive.store([entry(number, nil, originalID: original)], now: testNow) }
        #expect(try record(1, in: archive).redeliveries.count == 61)
    }

    @Test(arguments: [10, 1000, 16_384])
    func theBytesThatAreCountedAreThoseThatRedisUses(body: Int) throws {
        let archive = try archive(ArchiveLimits(maximumEvents: 100_000))
        let before = try #require(try server.queue().memory()).usedBytes

        for start in stride(from: 0, to: 1000, by: 50) {
            try archive.store(
                (start..<start + 50).map { entry($0, details(1, body: body), payload: 500) }, now: testNow)
        }

        let used = Double(try #require(try server.queue().memory()).usedBytes - before)
        let counted = Double(try archive.byteCount(now: testNow))
        #expect(abs(counted / used - 1) < 0.2, "\(counted / 1000) counted, \(used / 1000) used for each event")
    }
}
