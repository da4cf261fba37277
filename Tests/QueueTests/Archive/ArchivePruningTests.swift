import Model
import Queue
import Redis
import TestSupport
import Testing

/// The archives of all apps together have a limit.
@Suite
struct ArchivePruningTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func archive(_ limits: ArchiveLimits = ArchiveLimits()) throws -> PayloadArchive {
        PayloadArchive(connection: try server.connection(), limits: limits)
    }

    private func store(
        _ numbers: some Sequence<Int>, apps: Int = 1, bytes: Int = 1000, isError: Bool = false,
        in archive: PayloadArchive
    ) throws {
        let entries = numbers.map { number in
            ArchiveEntry(
                event: ArchivedEvent(
                    id: QueueEntry.sampleID(number), appID: Int64(number % apps), event: "issue.created",
                    enqueuedAt: testNow.adding(seconds: Int64(number)), payload: [UInt8](repeating: 1, count: bytes)),
                isError: isError, isNew: true)
        }
        for start in stride(from: 0, to: entries.count, by: 200) {
            try archive.store(Array(entries[start..<min(start + 200, entries.count)]), now: testNow)
        }
    }

    private func pruneAll(_ archive: PayloadArchive, now: Timestamp = testNow, isMemoryShort: Bool = false) throws
        -> Int
    {
        var count = 0
        while true {
            let step = try archive.prune(now: now, isMemoryShort: isMemoryShort)
            count += step.deletedCount
            guard step.hasMore else { return count }
        }
    }

    private func ids(app: Int64, in archive: PayloadArchive) throws -> [String] {
        try archive.events(ArchiveQuery(appID: app), now: testNow, count: 400).events.map(\.id)
    }

    @Test func theOldestOfAllAppsAreDeletedDownToTheLimit() throws {
        let archive = try archive(ArchiveLimits(lifetimeSeconds: 3600, maximumBytes: 200_000))
        try store(1...300, apps: 3, in: archive)

        let deleted = try pruneAll(archive)

        let held = try archive.byteCount(now: testNow)
        #expect((195_000...200_000).contains(held))
        #expect(deleted == 300 - held / 1975)
        let left = try (0..<3).flatMap { try ids(app: $0, in: archive) }.sorted()
        #expect(left.count == 300 - deleted)
        // Of each app, up to a period of 60 seconds more or less.
        #expect(try #require(left.first) > QueueEntry.sampleID(deleted - 62))
        #expect(try server.command("KEYS", "hookline:{app:*:event:*").split(separator: "$").count == left.count + 1)
        #expect(try pruneAll(archive) == 0)
    }

    /// Each of them is as large as dozens of others.
    @Test func fewLargePayloadsAreNotAllDeleted() throws {
        let archive = try archive(ArchiveLimits(lifetimeSeconds: 3600, maximumBytes: 500_000))
        try store(1...10, bytes: 50_000, in: archive)

        #expect(try pruneAll(archive) == 2)

        #expect(try ids(app: 0, in: archive) == (3...10).map(QueueEntry.sampleID))
        #expect(try archive.byteCount(now: testNow) == 8 * 57_100)
    }

    /// Older workers do not note the sizes.
    @Test func payloadsOfUnknownSizeAreDeletedToo() throws {
        let archive = try archive(ArchiveLimits(lifetimeSeconds: 3600, maximumBytes: 50_000))
        try store(1...50, in: archive)
        try server.command("DEL", "hookline:{app:0}:event-bytes")

        let deleted = try pruneAll(archive)

        #expect(try archive.byteCount(now: testNow) == (50 - deleted) * 1975)
        #expect((25...50).contains(deleted))
        #expect(try server.integer("EXISTS", "hookline:{app:0}:event-bytes") == 0)
    }

    @Test func aShortageOfMemoryEmptiesTheArchive() throws {
        let archive = try archive()
        try store(1...250, apps: 2, isError: true, in: archive)
        try server.command("CONFIG", "SET", "maxmemory", "1")

        #expect(try pruneAll(archive, isMemoryShort: true) == 250)

        #expect(try archive.byteCount(now: testNow) == 0)
        #expect(try server.integer("DBSIZE") == 0)
    }

    @Test func whatAnAppsLimitEvictsAndWhatHasExpiredIsNotCounted() throws {
        let archive = try archive(ArchiveLimits(lifetimeSeconds: 3600, maximumEvents: 10))
        for number in 1...30 { try store([number], in: archive) }

        #expect(try archive.byteCount(now: testNow) <= 12 * 1975)
        let later = testNow.adding(seconds: 4000)
        #expect(try archive.byteCount(now: later) == 0)
        #expect(try pruneAll(archive, now: later) == 10)
        #expect(try server.integer("EXISTS", "hookline:{archive}:bytes", "hookline:{archive}:apps") == 0)
    }

    @Test(arguments: [100, 321, 1000, 5000, 60_000])
    func theBytesThatAreCountedAreThoseThatRedisUses(payload: Int) throws {
        let archive = try archive(ArchiveLimits(maximumEvents: 100_000))
        let before = try #require(try server.queue().memory()).usedBytes

        try store(1...1000, bytes: payload, in: archive)

        let used = Double(try #require(try server.queue().memory()).usedBytes - before)
        let counted = Double(try archive.byteCount(now: testNow))
        #expect(abs(counted / used - 1) < 0.25, "\(counted / 1000) counted, \(used / 1000) used for each event")
    }

    @Test func aRefusedInfoMeansThatTheMemoryIsUnknown() throws {
        try server.command("CONFIG", "SET", "maxmemory", "100mb")
        #expect(try server.queue().memory()?.usedPercent == 0 || server.queue().memory()?.usedPercent == 1)
        try server.command("ACL", "SETUSER", "default", "-info")

        #expect(try server.queue().memory() == nil)
    }
}
