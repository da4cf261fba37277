import Model
import Queue
import TestSupport
import Testing

/// Payloads are archived for redelivery.
@Suite
struct PayloadArchiveTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// Event `number`, enqueued `number` seconds after `testNow`.
    private func event(_ number: Int, appID: Int64 = 7, payload: [UInt8] = [0, 13, 10, 255]) -> ArchivedEvent {
        ArchivedEvent(
            id: QueueEntry.sampleID(number), appID: appID, event: "issue.created",
            enqueuedAt: testNow.adding(seconds: Int64(number)), payload: payload)
    }

    private func ids(_ numbers: some Sequence<Int>) -> [String] {
        numbers.map(QueueEntry.sampleID)
    }

    @Test func aPayloadIsFoundByItsId() throws {
        let archive = PayloadArchive(connection: try server.connection())

        try archive.store(event(1), now: testNow)

        #expect(try archive.event(id: QueueEntry.sampleID(1), appID: 7) == event(1))
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7) == nil)
        #expect(try archive.event(id: QueueEntry.sampleID(1), appID: 8) == nil)
        for key in ["hookline:{app:7}:event:\(QueueEntry.sampleID(1))", "hookline:{app:7}:events"] {
            let ttl = try server.integer("TTL", key)
            #expect((259_200 - 60...259_200).contains(ttl))
        }
    }

    @Test func theLargestPayloadIsKeptAndAByteMoreIsNot() throws {
        let archive = PayloadArchive(
            connection: try server.connection(), limits: ArchiveLimits(maximumPayloadBytes: 100))

        try archive.store(event(1, payload: [UInt8](repeating: 1, count: 100)), now: testNow)
        try archive.store(event(2, payload: [UInt8](repeating: 1, count: 101)), now: testNow)

        #expect(try archive.events(ArchiveQuery(appID: 7), now: testNow).events.map(\.id) == ids([1]))
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7) == nil)
    }

    @Test func aTimeRangeIncludesItsStartAndNotItsEnd() throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...9 { try archive.store(event(number), now: testNow) }

        let window = ArchiveQuery(
            appID: 7, since: testNow.adding(seconds: 3), until: testNow.adding(seconds: 6))
        let page = try archive.events(window, now: testNow)

        #expect(page.events.map(\.id) == ids(3...5))
        #expect(page.events.map(\.enqueuedAt) == (3...5).map { testNow.adding(seconds: $0) })
        #expect(page.next == nil)
    }

    @Test(arguments: [1, 2, 7, 20, 21])
    func theListHasPagesOfAnySize(size: Int) throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...20 {
            // Four have the same time.
            var event = event(number)
            event.enqueuedAt = testNow.adding(seconds: Int64(number / 4))
            try archive.store(event, now: testNow)
        }

        var found: [String] = []
        var cursor: ArchivePage.Cursor?
        repeat {
            let page = try archive.events(ArchiveQuery(appID: 7), now: testNow, after: cursor, count: size)
            #expect(page.events.count <= size)
            found += page.events.map(\.id)
            cursor = page.next
        } while cursor != nil

        #expect(found == ids(1...20))
    }

    @Test func errorsAreTheEventsWhoseLastAttemptFailed() throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...4 { try archive.store(event(number), now: testNow) }
        for (number, isError) in [(1, true), (2, true), (2, false), (3, false), (4, true), (99, true)] {
            try archive.store(event(number), isError: isError, isNew: false, now: testNow)
        }

        let errors = try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow)
        let window = ArchiveQuery(appID: 7, since: testNow.adding(seconds: 2), errorsOnly: true)
        let late = try archive.events(window, now: testNow)

        #expect(errors.events.map(\.id) == ids([1, 4]))
        #expect(late.events.map(\.id) == ids([4]))
    }

    private func store(
        _ archive: PayloadArchive, _ number: Int, of original: Int, isError: Bool, isNew: Bool = true,
        isLast: Bool = true
    ) throws {
        let entry = ArchiveEntry(
            event: event(number), isError: isError, isNew: isNew, originalID: QueueEntry.sampleID(original),
            isLast: isLast)
        try archive.store([entry], now: testNow)
    }

    private func errors(_ archive: PayloadArchive) throws -> [String] {
        try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow).events.map(\.id)
    }

    @Test func anEventAndItsRedeliveriesAreOneErrorUntilOneSucceeds() throws {
        let archive = PayloadArchive(connection: try server.connection())
        try archive.store(event(1), isError: true, now: testNow)

        try store(archive, 2, of: 1, isError: true, isLast: false)
        let retried = (try errors(archive), try archive.event(id: QueueEntry.sampleID(1), appID: 7))
        try store(archive, 2, of: 1, isError: true, isNew: false)
        let failed = (try errors(archive), try archive.event(id: QueueEntry.sampleID(1), appID: 7))
        try store(archive, 3, of: 1, isError: false)

        #expect(retried.0 == ids([1]) && retried.1?.failedRedeliveries == 0)
        #expect(failed.0 == ids([1]) && failed.1?.failedRedeliveries == 1)
        #expect(try errors(archive) == [])
        #expect(try archive.events(ArchiveQuery(appID: 7), now: testNow).events.map(\.id) == ids(1...3))
    }

    @Test func aRedeliveryWhoseOriginalHasExpiredIsAnErrorOfItsOwn() throws {
        let archive = PayloadArchive(connection: try server.connection())

        try store(archive, 2, of: 1, isError: true)

        #expect(try errors(archive) == ids([2]))
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(QueueEntry.sampleID(1))") == 0)
    }

    @Test func theOldestAreEvicted() throws {
        let archive = PayloadArchive(connection: try server.connection(), limits: ArchiveLimits(maximumEvents: 3))
        for number in 1...5 {
            try archive.store(event(number), isError: true, now: testNow)
        }
        try archive.store(event(9, appID: 8), now: testNow)

        let all = try archive.events(ArchiveQuery(appID: 7), now: testNow)
        let errors = try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow)

        #expect(all.events.map(\.id) == ids(3...5))
        #expect(errors.events.map(\.id) == ids(3...5))
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7) == nil)
        #expect(try server.integer("DBSIZE") == 3 + 3 + 3 + 2)
    }

    @Test func expiredEventsAreNotListed() throws {
        let archive = PayloadArchive(
            connection: try server.connection(), limits: ArchiveLimits(lifetimeSeconds: 100))
        for number in [1, 2, 150] { try archive.store(event(number), now: testNow) }
        try archive.store(event(1), isError: true, isNew: false, now: testNow)
        let now = testNow.adding(seconds: 102)

        let listed = try archive.events(ArchiveQuery(appID: 7, since: testNow), now: now)
        try archive.store(event(151), now: now)

        #expect(listed.events.map(\.id) == ids([2, 150]))
        #expect(try server.integer("ZCARD", "hookline:{app:7}:events") == 2)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event-errors") == 0)
    }

    @Test func storingTwiceKeepsOne() throws {
        let archive = PayloadArchive(connection: try server.connection())

        for _ in 1...2 { try archive.store(event(1), now: testNow) }

        #expect(try archive.events(ArchiveQuery(appID: 7), now: testNow).events.map(\.id) == ids([1]))
        #expect(try server.integer("DBSIZE") == 3 + 2)
    }
}
