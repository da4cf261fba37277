import Model
import Queue
import TestSupport
import Testing

/// Payloads are kept for sending again.
@Suite
struct HealthArchiveTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// Event `number`, enqueued so many seconds after the tests' moment.
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

        let outcome = try archive.store(event(1), now: testNow)

        #expect(outcome == .stored)
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

        let kept = try archive.store(event(1, payload: [UInt8](repeating: 1, count: 100)), now: testNow)
        let refused = try archive.store(event(2, payload: [UInt8](repeating: 1, count: 101)), now: testNow)

        #expect(kept == .stored)
        #expect(refused == .tooLarge(bytes: 101, limit: 100))
        #expect(try server.integer("ZCARD", "hookline:{app:7}:events") == 1)
    }

    @Test func aWindowHoldsItsBeginningAndNotItsEnd() throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...9 { _ = try archive.store(event(number), now: testNow) }

        let window = ArchiveQuery(
            appID: 7, since: testNow.adding(seconds: 3), until: testNow.adding(seconds: 6))
        let page = try archive.events(window, now: testNow)

        #expect(page.events.map(\.id) == ids(3...5))
        #expect(page.events.map(\.enqueuedAt) == (3...5).map { testNow.adding(seconds: $0) })
        #expect(page.next == nil)
    }

    @Test(arguments: [1, 2, 7, 20, 21])
    func theListComesInPiecesOfAnySize(size: Int) throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...20 {
            // Four of them at a time at one moment.
            var event = event(number)
            event.enqueuedAt = testNow.adding(seconds: Int64(number / 4))
            _ = try archive.store(event, now: testNow)
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

    @Test func errorsAreThoseWhoseLastAttemptFailed() throws {
        let archive = PayloadArchive(connection: try server.connection())
        for number in 1...4 { _ = try archive.store(event(number), now: testNow) }
        for (number, isError) in [(1, true), (2, true), (2, false), (3, false), (4, true), (99, true)] {
            try archive.recordOutcome(of: QueueEntry.sampleID(number), appID: 7, isError: isError)
        }

        let errors = try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow)
        let window = ArchiveQuery(appID: 7, since: testNow.adding(seconds: 2), errorsOnly: true)
        let late = try archive.events(window, now: testNow)

        #expect(errors.events.map(\.id) == ids([1, 4]))
        #expect(late.events.map(\.id) == ids([4]))
    }

    @Test func theOldestMakeWay() throws {
        let archive = PayloadArchive(connection: try server.connection(), limits: ArchiveLimits(maximumEvents: 3))
        for number in 1...5 {
            _ = try archive.store(event(number), now: testNow)
            try archive.recordOutcome(of: QueueEntry.sampleID(number), appID: 7, isError: true)
        }
        _ = try archive.store(event(9, appID: 8), now: testNow)

        let all = try archive.events(ArchiveQuery(appID: 7), now: testNow)
        let errors = try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow)

        #expect(all.events.map(\.id) == ids(3...5))
        #expect(errors.events.map(\.id) == ids(3...5))
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7) == nil)
        #expect(try server.integer("DBSIZE") == 3 + 2 + 2)
    }

    @Test func whatIsOlderThanTheLifetimeIsNotListed() throws {
        let archive = PayloadArchive(
            connection: try server.connection(), limits: ArchiveLimits(lifetimeSeconds: 100))
        for number in [1, 2, 150] { _ = try archive.store(event(number), now: testNow) }
        try archive.recordOutcome(of: QueueEntry.sampleID(1), appID: 7, isError: true)
        let now = testNow.adding(seconds: 102)

        let listed = try archive.events(ArchiveQuery(appID: 7, since: testNow), now: now)
        _ = try archive.store(event(151), now: now)

        #expect(listed.events.map(\.id) == ids([2, 150]))
        #expect(try server.integer("ZCARD", "hookline:{app:7}:events") == 2)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event-errors") == 0)
    }

    @Test func storingTwiceKeepsOne() throws {
        let archive = PayloadArchive(connection: try server.connection())

        for _ in 1...2 { _ = try archive.store(event(1), now: testNow) }

        #expect(try archive.events(ArchiveQuery(appID: 7), now: testNow).events.map(\.id) == ids([1]))
        #expect(try server.integer("DBSIZE") == 2)
    }
}
