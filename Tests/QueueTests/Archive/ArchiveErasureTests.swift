import Model
import Queue
import Redis
import TestSupport
import Testing

/// Removing one event from the archive.
@Suite
struct ArchiveErasureTests {
    private let server: RedisServer
    private let archive: PayloadArchive

    init() throws {
        server = try RedisServer()
        archive = PayloadArchive(connection: try server.connection())
    }

    private func store(
        _ number: Int, app: Int64 = 7, isError: Bool = true, original: Int? = nil, isNew: Bool = true, attempt: Int = 1
    ) throws {
        let details = AttemptDetails(
            attempt: attempt, date: testNow.adding(seconds: Int64(attempt)), url: "https://hook.test/", code: 503,
            requestHeaders: HeaderList([("Request-ID", "a")]),
            response: .init(status: 503, headers: HeaderList([]), body: Array("secret".utf8)))
        let event = ArchivedEvent(
            id: QueueEntry.sampleID(number), appID: app, event: "issue.created",
            enqueuedAt: testNow.adding(seconds: Int64(number)), payload: Array("payload".utf8))
        let entry = ArchiveEntry(
            event: event, isError: isError, isNew: isNew, originalID: original.map(QueueEntry.sampleID),
            details: details)
        try archive.store([entry], now: testNow)
    }

    private func erase(_ number: Int, app: Int64 = 7) throws -> ArchivedTraces? {
        try archive.erase(id: QueueEntry.sampleID(number), appID: app)
    }

    private func ids(errorsOnly: Bool = false) throws -> [String] {
        try archive.events(ArchiveQuery(appID: 7, errorsOnly: errorsOnly), now: testNow).events.map(\.id)
    }

    @Test func thePayloadTheDetailsAndThePlacesInTheListsAreRemoved() throws {
        try store(2)
        let appBytes = try server.command("HGETALL", "hookline:{app:7}:event-bytes")
        let allBytes = try archive.byteCount(now: testNow)
        try store(1)
        try store(1, isNew: false, attempt: 2)
        let id = QueueEntry.sampleID(1)

        #expect(try archive.traces(of: id, appID: 7) == ArchivedTraces(event: "issue.created", detailsCount: 2))
        #expect(try archive.event(id: id, appID: 7) != nil)
        #expect(try erase(1) == ArchivedTraces(event: "issue.created", detailsCount: 2))

        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(id)") == 0)
        #expect(try ids() == [QueueEntry.sampleID(2)])
        #expect(try ids(errorsOnly: true) == [QueueEntry.sampleID(2)])
        #expect(try server.command("HGETALL", "hookline:{app:7}:event-bytes") == appBytes)
        #expect(try archive.byteCount(now: testNow) == allBytes)
        #expect(try erase(1) == nil)
        #expect(try archive.traces(of: id, appID: 7) == nil)
    }

    @Test func theSameIdOfAnotherAppStays() throws {
        try store(1)
        try store(1, app: 8)

        #expect(try erase(1, app: 9) == nil)
        #expect(try erase(1) != nil)
        #expect(try archive.event(id: QueueEntry.sampleID(1), appID: 8) != nil)
    }

    /// A redelivery that ends later does not bring its original back.
    @Test func anErasedOriginalStaysErased() throws {
        try store(1)
        _ = try erase(1)

        try store(2, original: 1)

        #expect(try ids() == [QueueEntry.sampleID(2)])
        #expect(try ids(errorsOnly: true) == [QueueEntry.sampleID(2)])
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(QueueEntry.sampleID(1))") == 0)
    }

    @Test func whatIsLeftOfADamagedEventIsRemoved() throws {
        let id = QueueEntry.sampleID(1)
        let key = "hookline:{app:7}:event:\(id)"
        try store(1)
        try server.command("DEL", key)
        #expect(try erase(1) == ArchivedTraces())
        #expect(try ids().isEmpty)

        try server.command("SET", key, "payload")
        #expect(try erase(1) == ArchivedTraces())
        #expect(try server.integer("EXISTS", key) == 0)

        try server.command("HSET", key, "payload", "secret", "details-bytes", "x", "enqueued", "y")
        #expect(try erase(1) == ArchivedTraces())
        #expect(try server.integer("EXISTS", key) == 0)
    }

    @Test func withoutFreeMemoryAnEventIsRemovedAndNotCountedAnyMore() throws {
        try store(1)
        let bytes = try archive.byteCount(now: testNow)
        try store(2)
        try server.command("CONFIG", "SET", "maxmemory", "1")

        #expect(try erase(2) != nil)

        #expect(try archive.byteCount(now: testNow) == bytes)
        #expect(try ids() == [QueueEntry.sampleID(1)])
    }

    @Test func theLastEventTakesTheCountersWithIt() throws {
        try store(1)

        _ = try erase(1)

        #expect(try archive.byteCount(now: testNow) == 0)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event-bytes") == 0)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:events") == 0)
        #expect(try server.integer("EXISTS", "hookline:{archive}:bytes") == 0)
    }
}
