import Model
import Queue
import Redis
import TestSupport
import Testing

/// Where the queue has an event.
@Suite
struct QueueSearchTests {
    private static let shard = "hookline:{queue:events:0}:"

    private let server: RedisServer
    private let queue: DeliveryQueue

    init() throws {
        server = try RedisServer()
        queue = try server.queue()
    }

    private func place(_ number: Int, appID: Int64 = 7) throws -> QueuePlace? {
        try queue.place(of: QueueEntry.sampleID(number), appID: appID)
    }

    @Test func anEntryIsFoundWhereverItGoes() throws {
        try queue.fill([.sample(1), .sample(2)])
        guard case .waiting(let waiting, let since?) = try place(1) else {
            Issue.record("\(String(describing: try place(1)))")
            return
        }
        let delivery = try queue.receiveOne()
        let received = try place(1)
        let others = try place(2)
        _ = try queue.retry(delivery, at: testNow.adding(seconds: 60))
        let scheduled = try place(1)
        _ = try queue.promoteDue(leeway: .seconds(100))
        let promoted = try place(1)
        _ = try queue.deadLetter(queue.receiveOne(), reason: "gone", at: testNow)
        let second = try place(2)

        #expect(waiting.id == QueueEntry.sampleID(1) && waiting.attempt == 1 && waiting.payload.isEmpty)
        #expect(abs(since.seconds - Timestamp.now().seconds) < 60)
        guard case .inProgress(let entry)? = received, case .waiting? = others, case .scheduled(let later)? = scheduled,
            case .waiting(let again, _)? = promoted, case .deadLetter(let letter)? = second
        else {
            Issue.record("\([received, others, scheduled, promoted, second])")
            return
        }
        #expect([entry.attempt, later.attempt, again.attempt] == [1, 2, 2])
        #expect(abs(later.dueAt.seconds - Timestamp.now().seconds - 60) < 60)
        #expect(letter.reason == "gone" && letter.deadLetteredAt == testNow)
    }

    @Test func whatIsNotThereOrOfAnotherAppIsNotFound() throws {
        try queue.fill([.sample(1), .sample(2, dueAt: testNow.adding(seconds: 60)), .sample(3), .sample(4)])
        for delivery in try queue.receive(consumer: "a", count: 2) {
            let isFirst = delivery.entry.id == QueueEntry.sampleID(1)
            let settlement =
                isFirst
                ? Settlement.drop(delivery, reason: "disabled") : .deadLetter(delivery, reason: "gone", at: testNow)
            #expect(queue.settle([settlement]) == [.settled])
        }

        for number in 1...4 {
            #expect(try place(number) != nil)
            #expect(try place(number, appID: 8) == nil)
        }
        #expect(try place(5) == nil)
        _ = try queue.acknowledge(queue.receiveOne())
        #expect(try place(4) == nil)
        for id in ["", "abc", "*", String(repeating: "A", count: 32)] {
            #expect(try queue.search(for: id, appID: 7) == QueueSearch())
        }
    }

    /// Among more entries than one script looks at; the one in the middle is found last.
    @Test(arguments: [0, 700, 1499]) func aLongStreamIsSearchedFromBothEnds(number: Int) throws {
        try queue.fill((0..<1500).map { .sample($0) })

        guard case .waiting(let entry, _)? = try place(number) else {
            Issue.record("not found")
            return
        }
        #expect(entry.id == QueueEntry.sampleID(number))
        #expect(try place(1500) == nil)
        #expect(try queue.search(for: QueueEntry.sampleID(1500), appID: 7).isComplete)
    }

    @Test func aStreamThatIsTooLongIsNotSearchedCompletely() throws {
        try server.command(
            "EVAL",
            """
            for i = 1, 13000 do
                redis.call('XADD', KEYS[1], '*', 'id', string.format('%032x', i), 'app', '7', 'payload', '{}')
            end
            """, "1", Self.shard + "stream")

        let last = try queue.search(for: QueueEntry.sampleID(13_000), appID: 7)
        let middle = try queue.search(for: QueueEntry.sampleID(6500), appID: 7)

        #expect(last.place != nil)
        #expect(middle == QueueSearch(isComplete: false))
    }

    @Test func withoutXREVRANGETheSearchBeginsAtTheFirst() throws {
        try queue.fill((0..<700).map { .sample($0) })
        try server.command("ACL", "SETUSER", "default", "-xrevrange")

        for number in [0, 350, 699] { #expect(try place(number) != nil) }
    }

    @Test func everyShardIsSearched() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 5))
        try queue.fill((1...20).map { .sample($0, appID: Int64($0)) })

        for number in 1...20 {
            #expect(try queue.place(of: QueueEntry.sampleID(number), appID: Int64(number)) != nil)
        }
    }

    @Test func oneRoundTripIsEnoughForAShortStream() throws {
        let proxy = try RedisProxy(server)
        let queue = DeliveryQueue(
            connection: RedisConnection(
                endpoint: try RedisEndpoint(parsing: proxy.url), commandTimeout: .seconds(20)),
            settings: DeliveryQueueSettings(shardCount: 3))
        try queue.fill((1...50).map { .sample($0, appID: Int64($0)) })
        _ = try queue.place(of: QueueEntry.sampleID(1), appID: 1)
        let before = proxy.roundTripCount

        #expect(try queue.place(of: QueueEntry.sampleID(50), appID: 50) != nil)

        #expect(proxy.roundTripCount == before + 1)
    }

    // MARK: Dropped entries

    private func drop(_ numbers: [Int], reason: String = "not-subscribed") throws {
        try queue.fill(numbers.map { .sample($0) })
        let outcomes = queue.settle(try queue.receiveAll().map { .drop($0, reason: reason) })
        #expect(outcomes.allSatisfy { $0 == .settled })
    }

    @Test func aDroppedEntryLeavesANoteWithItsReason() throws {
        try drop([1])

        guard case .dropped(let note)? = try place(1) else {
            Issue.record("no note")
            return
        }
        #expect(note.reason == "not-subscribed" && note.attempt == 1)
        #expect(abs(note.date.seconds - Timestamp.now().seconds) < 60)
        for key in ["dropped", "dropped-times"] {
            #expect((604_700...604_800).contains(try server.integer("TTL", Self.shard + key)))
        }
        #expect(try server.integer("XLEN", Self.shard + "stream") == 0)
    }

    @Test func removalsAndDropsOfOneCallKeepTheirOutcomes() throws {
        try queue.fill((1...200).map { .sample($0) })
        let deliveries = try queue.receiveAll()
        _ = queue.settle([.acknowledge(deliveries[6])])

        let outcomes = queue.settle(
            deliveries.enumerated().map { $0 % 3 == 0 ? .drop($1, reason: "reason \($0)") : .acknowledge($1) })

        #expect(outcomes.indices.filter { outcomes[$0] != .settled } == [6])
        for (index, delivery) in deliveries.enumerated() {
            let note: DropNote? =
                if case .dropped(let note)? = try queue.place(of: delivery.entry.id, appID: 7) { note } else { nil }
            // The lost lease of 6 leaves none.
            #expect(note?.reason == (index % 3 == 0 && index != 6 ? "reason \(index)" : nil))
        }
    }

    @Test func aThousandNotesAreKeptForAWeek() throws {
        let old = (Timestamp.now().seconds - 8 * 86_400) * 1_000_000
        for number in 5000..<5003 {
            try server.command("ZADD", Self.shard + "dropped-times", String(old), QueueEntry.sampleID(number))
            try server.command("HSET", Self.shard + "dropped", QueueEntry.sampleID(number), "\(old) 7 1 disabled")
        }

        try drop([1])
        #expect(try place(5000) == nil)
        try drop(Array(2...1200))

        #expect(try server.integer("HLEN", Self.shard + "dropped") == 1000)
        #expect(try server.integer("ZCARD", Self.shard + "dropped-times") == 1000)
        #expect(try place(1) == nil)
        #expect(try place(1200) != nil)
    }

    @Test func longReasonsAreCut() throws {
        try drop([1], reason: String(repeating: "r", count: 300))

        guard case .dropped(let note)? = try place(1) else {
            Issue.record("no note")
            return
        }
        #expect(note.reason == String(repeating: "r", count: 256))
    }

    /// Whatever Redis refuses of a note, the entry is settled.
    @Test(arguments: [
        ["ACL", "SETUSER", "default", "-zadd"], ["ACL", "SETUSER", "default", "-hset"],
        ["ACL", "SETUSER", "default", "-zcount"], ["SET", shard + "dropped", "x"],
        ["SET", shard + "dropped-times", "x"], ["CONFIG", "SET", "maxmemory", "1"],
    ])
    func aRefusedNoteDoesNotKeepAnEntry(command: [String]) throws {
        try queue.fill([.sample(1), .sample(2)])
        let deliveries = try queue.receiveAll()
        try RedisTestConnection(socketPath: server.socketPath).command(command)

        let outcomes = queue.settle([.drop(deliveries[0], reason: "disabled"), .acknowledge(deliveries[1])])

        #expect(outcomes == [.settled, .settled])
        #expect(try server.integer("XLEN", Self.shard + "stream") == 0)
    }
}
