import Model
import Queue
import TestSupport
import Testing

/// Batches have the effect of single calls in one round trip.
@Suite
struct QueueBatchTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func entry(_ number: Int, app: Int64 = 7, isError: Bool, isNew: Bool = true, bytes: Int = 4)
        -> ArchiveEntry
    {
        ArchiveEntry(
            event: ArchivedEvent(
                id: QueueEntry.sampleID(number), appID: app, event: "issue.created",
                enqueuedAt: testNow.adding(seconds: Int64(number)), payload: [UInt8](repeating: 1, count: bytes)),
            isError: isError, isNew: isNew)
    }

    private func ids(_ archive: PayloadArchive, app: Int64 = 7, errorsOnly: Bool = false) throws -> [Int] {
        try archive.events(ArchiveQuery(appID: app, errorsOnly: errorsOnly), now: testNow).events
            .compactMap { Int($0.id, radix: 16) }
    }

    @Test func payloadsAndOutcomesOfSeveralAppsAreStored() throws {
        let archive = PayloadArchive(
            connection: try server.connection(), limits: ArchiveLimits(maximumPayloadBytes: 100))

        try archive.store(
            [
                entry(1, isError: false), entry(2, isError: true), entry(3, app: 8, isError: true),
                entry(4, isError: true, bytes: 101),
            ], now: testNow)

        #expect(try ids(archive) == [1, 2])
        #expect(try ids(archive, errorsOnly: true) == [2])
        #expect(try ids(archive, app: 8, errorsOnly: true) == [3])
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7)?.payload == [1, 1, 1, 1])
        #expect(try server.integer("TTL", "hookline:{app:7}:event-errors") > 259_000)

        try archive.store(
            [entry(2, isError: false, isNew: false), entry(9, isError: true, isNew: false)], now: testNow)

        #expect(try ids(archive, errorsOnly: true) == [])
        #expect(try ids(archive) == [1, 2])
        #expect(try archive.event(id: QueueEntry.sampleID(2), appID: 7)?.payload == [1, 1, 1, 1])
        try archive.store([], now: testNow)
    }

    @Test func theOldestPayloadsAreEvicted() throws {
        let archive = PayloadArchive(connection: try server.connection(), limits: ArchiveLimits(maximumEvents: 3))

        try archive.store((1...5).map { entry($0, isError: true) }, now: testNow)

        #expect(try ids(archive) == [3, 4, 5])
        #expect(try ids(archive, errorsOnly: true) == [3, 4, 5])
        #expect(try archive.event(id: QueueEntry.sampleID(1), appID: 7) == nil)
        #expect(try server.integer("EXISTS", "hookline:{app:7}:event:\(QueueEntry.sampleID(2))") == 0)
    }

    @Test func severalDeliveriesAreRenewedAtOnce() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2), .sample(3)])
        let deliveries = try queue.receive(consumer: "a", count: 3)
        _ = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 1)

        let held = try queue.renew(deliveries)

        #expect(held == [false, true, true])
        #expect(try queue.renew([]) == [])
        #expect(queue.settle(deliveries.map { .acknowledge($0) }) == [.leaseLost, .settled, .settled])
    }

    @Test func aConsumerIsRemovedByItsNameUnlessItHasSomething() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1), .sample(2)])
        let delivery = try queue.receiveOne(consumer: "a")
        _ = try queue.acknowledge(try queue.receiveOne(consumer: "b"))

        #expect(try queue.removeConsumers(idleLongerThan: .zero, named: "a") == 0)
        _ = try queue.acknowledge(delivery)
        #expect(try queue.removeConsumers(idleLongerThan: .zero, named: "a") == 1)
        #expect(try queue.removeConsumers(idleLongerThan: .zero, named: "a") == 0)
        #expect(try queue.removeConsumers(idleLongerThan: .zero) == 1)
    }
}
