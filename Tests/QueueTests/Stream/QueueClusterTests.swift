import Model
import Queue
import TestSupport
import Testing

/// A node of a Redis Cluster refuses commands and scripts whose keys are not in one slot.
/// Every call is accepted by a node of a Redis Cluster.
@Suite
struct QueueClusterTests {
    private let settings = DeliveryQueueSettings(shardCount: 5, maximumPayloadBytes: 1000)

    /// A cluster of one node.
    private let server: RedisServer

    init() throws {
        let server = try RedisServer(
            port: try freePort(),
            extraArguments: ["--cluster-enabled", "yes", "--cluster-port", String(try freePort())])
        try server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        try waitUntil("the cluster is up") { try server.command("CLUSTER", "INFO").contains("cluster_state:ok") }
        self.server = server
    }

    @Test func theNodeDoesRefuseKeysOfTwoSlots() throws {
        let reply = try server.command("EVAL", "return 1", "2", "{a}", "{b}")

        #expect(reply.hasPrefix("-CROSSSLOT"))
    }

    @Test func everyCallOfAQueueIsAboutOneShard() throws {
        let queue = try server.queue(settings)
        for number in 0..<60 {
            let due = number < 50 ? nil : testNow.adding(seconds: 5)
            _ = try queue.enqueue(
                .sample(number, appID: Int64(number), dueAt: due), idempotencyKey: "key \(number)")
        }

        var deliveries = try queue.receive(consumer: "a", count: 100)
        #expect(deliveries.count == 50)
        deliveries = try queue.claim(consumer: "b", idleLongerThan: .zero, count: 100)
        #expect(deliveries.count == 50)
        let isRenewed = try queue.renew(deliveries[0])
        var settlements = deliveries[..<20].map { Settlement.acknowledge($0) }
        settlements += deliveries[20..<35].map { .deadLetter($0, reason: "gone", at: testNow) }
        settlements += deliveries[35...].map { .retry($0, at: testNow, attempt: 2) }
        let outcomes = queue.settle(settlements)
        let promotion = try queue.promoteDue(leeway: .seconds(5))
        let again = try queue.receive(consumer: "a", count: 100, wait: .milliseconds(50))

        #expect(isRenewed)
        #expect(outcomes.allSatisfy { $0 == .settled })
        #expect(promotion == Promotion(count: 25))
        #expect(again.count == 25)
        #expect(try queue.removeConsumers(idleLongerThan: .zero) > 0)
        #expect(try queue.statistics().dead == 15)
    }

    @Test func aWaitEndsInTimeAndSeesWhatAnyShardHas() throws {
        let queue = try server.queue(settings)

        let nothing = try queue.receive(consumer: "a", count: 9, wait: .milliseconds(1))
        var found: [String] = []
        for number in 0..<10 {
            try queue.fill([.sample(number, appID: Int64(number))])
            found += try queue.receive(consumer: "a", count: 9, wait: .seconds(20)).map(\.entry.id)
        }

        #expect(nothing.isEmpty)
        #expect(found == (0..<10).map(QueueEntry.sampleID))
        #expect(try queue.receive(consumer: "a", count: 9, wait: .milliseconds(1)).isEmpty)
    }

    @Test func deadLettersAreFoundInEveryShard() throws {
        let queue = try server.queue(settings)
        try queue.fill((0..<30).map { .sample($0, appID: Int64($0 % 10)) })
        let deliveries = try queue.receive(consumer: "a", count: 100)
        _ = queue.settle(deliveries.map { .deadLetter($0, reason: "gone", at: testNow) })

        var ids = Set<String>()
        var cursor: DeadLetterPage.Cursor?
        repeat {
            let page = try queue.deadLetters(after: cursor, count: 4)
            ids.formUnion(page.letters.map(\.entry.id))
            cursor = page.next
        } while cursor != nil
        let one = try queue.deadLetter(id: QueueEntry.sampleID(17))
        let deleted = try queue.deleteDeadLetters(ids: [0, 1, 2].map(QueueEntry.sampleID))
        let ofApp = try queue.redriveAll(appID: 9, now: testNow)
        let some = try queue.redrive(ids: [3, 4, 13].map(QueueEntry.sampleID), now: testNow)
        let rest = try queue.deleteAllDeadLetters(now: testNow)

        #expect(ids == Set((0..<30).map(QueueEntry.sampleID)))
        #expect(one?.entry.appID == 7)
        #expect(deleted == 3)
        #expect(ofApp == Redrive(count: 3, isFull: false))
        #expect(some == Redrive(count: 3, isFull: false))
        #expect(rest == 21)
    }

    @Test func anEventIsErasedFromItsShardAndItsArchive() throws {
        let queue = try server.queue(settings)
        let archive = PayloadArchive(connection: try server.connection())
        try queue.fill((0..<10).map { .sample($0, appID: Int64($0)) })
        for number in 0..<10 {
            let id = QueueEntry.sampleID(number)
            let event = ArchivedEvent(
                id: id, appID: Int64(number), event: "issue.created", enqueuedAt: testNow, payload: [1])
            try archive.store(event, now: testNow)

            #expect(try queue.erase(id: id, appID: Int64(number)) == .places([.waiting]))
            #expect(try archive.erase(id: id, appID: Int64(number)) != nil)
        }
        #expect(try queue.statistics().depth == 0)
        #expect(try archive.byteCount(now: testNow) == 0)
    }

    @Test func entriesOfOneAppStayTogetherAndAppsSpread() throws {
        let queue = try server.queue(settings)
        try queue.fill((0..<100).map { .sample($0, appID: Int64($0 % 20)) })

        let lengths = try (0..<5).map { try server.integer("XLEN", "hookline:{queue:events:\($0)}:stream") }
        var shards: [Int64: Set<Int>] = [:]
        for shard in 0..<5 {
            let part = try server.queue(
                DeliveryQueueSettings(shardCount: 5, servedShards: shard..<shard + 1))
            for delivery in try part.receive(consumer: "a", count: 100) {
                shards[delivery.entry.appID, default: []].insert(shard)
            }
        }

        #expect(lengths.reduce(0, +) == 100)
        #expect(lengths.filter { $0 > 0 }.count > 2)
        #expect(shards.count == 20)
        #expect(shards.values.allSatisfy { $0.count == 1 })
    }

    @Test func aRepetitionIsKnownInThePartitionOfTheFirst() throws {
        let queue = try server.queue(settings)

        let first = try queue.enqueue(.sample(1, appID: 1), idempotencyKey: "k", partition: "someone@example.org")
        let second = try queue.enqueue(.sample(2, appID: 2), idempotencyKey: "k", partition: "someone@example.org")

        #expect(first == .accepted(QueueEntry.sampleID(1)))
        #expect(second == .duplicate(of: QueueEntry.sampleID(1)))
    }

    @Test func everyCallOfTheOtherStoresIsAboutOneSlot() throws {
        let connection = try server.connection()
        let failureCounts = FailureCounts(connection: connection)
        let transitions = StateTransitions(connection: connection)
        let archive = PayloadArchive(connection: connection, limits: ArchiveLimits(maximumEvents: 1))
        let integration = FailureCountKey(appID: 1, organizationID: 2)
        let transition = StateTransition(appID: 1, kind: "disabled", id: "2")

        try failureCounts.record(.error, of: integration, at: testNow)
        let days = try failureCounts.days(of: integration, upTo: testNow)
        try failureCounts.clear(integration, at: testNow)
        let isClaimed = try transitions.claim(transition, owner: "a")
        let isReleased = try transitions.release(transition, owner: "a")
        for number in 1...2 {
            try archive.store(ArchivedEvent(.sample(number)), isError: true, now: testNow)
        }
        let page = try archive.events(ArchiveQuery(appID: 7, errorsOnly: true), now: testNow)

        #expect(days[0] == DailyOutcomes(errors: 1))
        #expect(isClaimed && isReleased)
        #expect(page.events.map(\.id) == [QueueEntry.sampleID(2)])
    }
}

extension ArchivedEvent {
    /// The event of a queue's entry.
    init(_ entry: QueueEntry) {
        self.init(
            id: entry.id, appID: entry.appID, event: entry.event, enqueuedAt: entry.enqueuedAt,
            payload: entry.payload)
    }
}
