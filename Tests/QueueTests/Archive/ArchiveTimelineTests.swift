import Model
import Queue
import TestSupport
import Testing

/// The archived events of several apps in one order.
@Suite struct ArchiveTimelineTests {
    private let server: RedisServer
    private let archive: PayloadArchive

    init() throws {
        server = try RedisServer()
        archive = PayloadArchive(connection: try server.connection(), limits: ArchiveLimits(lifetimeSeconds: 100_000))
    }

    /// Archives events, at most as many of one app as one call stores.
    private func store(_ events: [(number: Int, appID: Int64, second: Int64)], failed: Bool = false) throws {
        for start in stride(from: 0, to: events.count, by: 100) {
            let entries = events[start..<min(start + 100, events.count)].map { event in
                ArchiveEntry(
                    event: ArchivedEvent(
                        id: QueueEntry.sampleID(event.number), appID: event.appID, event: "issue.created",
                        enqueuedAt: testNow.adding(seconds: event.second), payload: [1]),
                    isError: failed, isNew: true)
            }
            try archive.store(entries, now: testNow)
        }
    }

    private func items(
        _ order: ArchiveTimeline.Order, _ range: ArchiveTimeline.Range = ArchiveTimeline.Range(), apps: [Int64]? = nil
    ) throws -> [ArchiveTimeline.Item] {
        let timeline = archive.timeline(
            appIDs: try apps ?? archive.appIDs(), range, order: order, now: testNow.adding(seconds: 5000))
        var items: [ArchiveTimeline.Item] = []
        while let item = try timeline.next() { items.append(item) }
        return items
    }

    @Test(arguments: [ArchiveTimeline.Order.oldestFirst, .newestFirst])
    func theEventsOfManyAppsComeInTheOrderOfTheirTimesEachOnce(order: ArchiveTimeline.Order) throws {
        var random = SeededGenerator(seed: 5)
        // Several pages of some apps, none of others, and many of the same second.
        let events = (0..<1500).map { number in
            (
                number: number, appID: Int64([1, 2, 2, 2, 7, 250].randomElement(using: &random) ?? 1),
                second: Int64.random(in: 0..<40, using: &random)
            )
        }
        try store(events)

        let found = try items(order)

        let times = found.map(\.enqueuedAt)
        #expect(times == times.sorted { order == .oldestFirst ? $0 < $1 : $0 > $1 })
        #expect(found.map(\.id).sorted() == events.map { QueueEntry.sampleID($0.number) }.sorted())
        let apps = Dictionary(uniqueKeysWithValues: events.map { (QueueEntry.sampleID($0.number), $0.appID) })
        #expect(found.allSatisfy { apps[$0.id] == $0.appID })
    }

    @Test(arguments: [ArchiveTimeline.Order.oldestFirst, .newestFirst])
    func moreEventsOfOneTimeThanAPageAreAllThere(order: ArchiveTimeline.Order) throws {
        try store((0..<350).map { (number: $0, appID: 3, second: 1) })
        try store([(number: 900, appID: 3, second: 0), (number: 901, appID: 3, second: 2)])

        let found = try items(order).map(\.id)

        #expect(found.count == 352 && Set(found).count == 352)
        let ends = [QueueEntry.sampleID(900), QueueEntry.sampleID(901)]
        #expect([found[0], found[351]] == (order == .oldestFirst ? ends : ends.reversed()))
    }

    @Test(arguments: [ArchiveTimeline.Order.oldestFirst, .newestFirst])
    func aRangeIncludesItsStartAndNotItsEndAndErrorsAloneWhereAskedFor(order: ArchiveTimeline.Order) throws {
        try store((0..<10).map { (number: $0, appID: Int64($0 % 2), second: Int64($0)) })
        try store((10..<20).map { (number: $0, appID: Int64($0 % 2), second: Int64($0)) }, failed: true)
        let since = testNow.adding(seconds: 8)
        let until = testNow.adding(seconds: 13)

        let all = try items(order, ArchiveTimeline.Range(since: since, until: until))
        let errors = try items(order, ArchiveTimeline.Range(since: since, until: until, errorsOnly: true))
        let one = try items(order, ArchiveTimeline.Range(since: since, until: until), apps: [1])

        #expect(Set(all.map(\.id)) == Set((8...12).map(QueueEntry.sampleID)))
        #expect(Set(errors.map(\.id)) == Set((10...12).map(QueueEntry.sampleID)))
        #expect(Set(one.map(\.id)) == Set([9, 11].map(QueueEntry.sampleID)))
    }

    @Test func eventsAreReadWithTheirPayloadsAndOutcomesOrAreNilWhenTheyHaveExpired() throws {
        try store([(number: 1, appID: 1, second: 1)])
        try store([(number: 2, appID: 2, second: 2), (number: 3, appID: 2, second: 3)], failed: true)
        try server.command("DEL", "hookline:{app:2}:event:\(QueueEntry.sampleID(3))")

        let items = try items(.oldestFirst)
        let events = try archive.events(items)

        #expect(events.map { $0?.event.id } == [QueueEntry.sampleID(1), QueueEntry.sampleID(2), nil])
        #expect(events.map { $0?.hasFailed } == [false, true, nil])
        #expect(try archive.eventTypes(items) == ["issue.created", "issue.created", nil])
        #expect(try archive.events([]).isEmpty && archive.eventTypes([]).isEmpty)
    }
}
