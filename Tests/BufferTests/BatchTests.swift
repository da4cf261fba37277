import Buffer
import Model
import TestSupport
import Testing

@Suite("Batches do in one round trip what single calls do")
struct BatchTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func record(_ number: Int, app: Int64 = 1, code: Int = 200, event: EventType = "issue.created")
        -> WebhookRequestRecord
    {
        WebhookRequestRecord(
            date: testNow.adding(seconds: Int64(number)), event: event, appID: app, responseCode: code,
            webhookURL: "https://example.com/\(number)")
    }

    private func numbers(_ key: String) throws -> [Int] {
        try server.list(key).compactMap { row in
            row.firstRange(of: "example.com/").flatMap { Int(row[$0.upperBound...].prefix { $0.isNumber }) }
        }
    }

    @Test func recordsOfSeveralAppsAndEventsGoToTheirListsInOrder() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record([
            record(1), record(2, code: 500), record(3, app: 2), record(4, event: "x.y"), record(5, code: 0),
            record(6, event: "issue.resolved"),
        ])

        #expect(outcomes == [.stored, .stored, .stored, .unknownEvent, .stored, .stored])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [5, 2, 1])
        #expect(try numbers("sentry-app-webhook-error:{1}:issue.created") == [5, 2])
        #expect(try numbers("sentry-app-webhook-request:{2}:issue.created") == [3])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.resolved") == [6])
        #expect(try server.integer("EXISTS", "sentry-app-webhook-error:{2}:issue.created") == 0)
        #expect(try server.integer("TTL", "sentry-app-webhook-request:{2}:issue.created") > 2_591_000)
    }

    @Test func aHundredRowsStayOfALargerBatch() throws {
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record((1...250).map { record($0, code: 500) })

        #expect(outcomes.allSatisfy { $0 == .stored })
        for kind in ["request", "error"] {
            #expect(try numbers("sentry-app-webhook-\(kind):{1}:issue.created") == Array((151...250).reversed()))
        }
    }

    @Test func whatRedisRefusesDoesNotTouchTheRecordsOfOtherLists() throws {
        try server.command("SET", "sentry-app-webhook-error:{1}:issue.created", "no list")
        let buffer = WebhookRequestBuffer(connection: try server.connection())

        let outcomes = try buffer.record([record(1, code: 500), record(2, app: 2), record(3)])

        guard case .refused(let key, let message) = outcomes[0] else {
            Issue.record("\(outcomes[0])")
            return
        }
        #expect(key == "sentry-app-webhook-error:{1}:issue.created")
        #expect(message.hasPrefix("WRONGTYPE"))
        #expect(outcomes[1] == .stored)
        // One transaction: what it could do is done.
        #expect(outcomes[2] == outcomes[0])
        #expect(try numbers("sentry-app-webhook-request:{1}:issue.created") == [3, 1])
        #expect(try buffer.record([]) == [])
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

    @Test func payloadsAndOutcomesOfSeveralAppsAreKept() throws {
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

    @Test func theOldestPayloadsMakeWay() throws {
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
        #expect(try queue.settle(deliveries.map { .acknowledge($0) }) == [.leaseLost, .settled, .settled])
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
