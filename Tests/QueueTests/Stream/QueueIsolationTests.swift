import Model
import Queue
import TestSupport
import Testing

/// Entries that may be what ends the workers that have them.
@Suite
struct QueueIsolationTests {
    private static let stream = "hookline:{queue:events:0}:stream"

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    @Test func anEntryThatIsNeverSettledIsTakenAloneAndThenBecomesADeadLetter() throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        _ = try queue.receiveOne(consumer: "crashed")
        for _ in 0..<3 { #expect(try queue.claim(consumer: "crashed", idleLongerThan: .zero, count: 9).count == 1) }
        let early = queue.hasSuspects
        try queue.fill([.sample(2)])
        _ = try queue.receiveOne(consumer: "crashed")

        let shared = try queue.claim(consumer: "a", idleLongerThan: .zero, count: 9)
        let hasSuspects = queue.hasSuspects
        var counts: [Int] = []
        while let delivery = try queue.claimAlone(consumer: "a", idleLongerThan: .zero, now: testNow) {
            #expect(delivery.entry == .sample(1))
            counts.append(delivery.deliveryCount)
        }

        #expect(!early)
        #expect(shared.map(\.entry) == [.sample(2)])
        #expect(hasSuspects)
        #expect(counts == Array(5...12))
        let letter = try #require(try queue.deadLetter(id: QueueEntry.sampleID(1)))
        #expect(letter.entry == .sample(1))
        #expect(letter.reason == "poison: received by workers 12 times and never settled")
        #expect(letter.deadLetteredAt == testNow)
        #expect(try queue.acknowledge(shared) == [.settled])
    }

    @Test func oneConsumerAtATimeMayTakeEntriesAlone() throws {
        let queue = try server.queue()

        #expect(try queue.beginIsolation(consumer: "a", lifetime: .seconds(60)))
        #expect(try queue.beginIsolation(consumer: "a", lifetime: .seconds(60)))
        #expect(try !queue.beginIsolation(consumer: "b", lifetime: .seconds(60)))
        try queue.endIsolation(consumer: "b")
        #expect(try !queue.beginIsolation(consumer: "b", lifetime: .seconds(60)))
        try queue.endIsolation(consumer: "a")
        #expect(try queue.beginIsolation(consumer: "b", lifetime: .milliseconds(1)))
        try waitUntil("the claim expires") { try queue.beginIsolation(consumer: "c", lifetime: .seconds(60)) }
    }

    @Test(arguments: ["one field", "many fields"])
    func anEntryThatNoConsumerCanReadBecomesADeadLetterWithoutItsPayload(shape: String) throws {
        let queue = try server.queue()
        try queue.fill([.sample(1)])
        let fields = "'id', ARGV[1], 'app', '7', 'event', 'issue.created', 'attempt', '1', 'enqueued', '5', 'due', '5'"
        try server.command(
            "EVAL",
            """
            local fields = {\(fields)}
            if ARGV[2] == 'one field' then
                fields[#fields + 1] = 'payload'
                fields[#fields + 1] = string.rep('x', 67108864)
            else
                for i = 1, 70 do
                    fields[#fields + 1] = 'part' .. i
                    fields[#fields + 1] = string.rep('x', 1048000)
                end
            end
            redis.call('XADD', KEYS[1], '*', unpack(fields))
            """, "1", Self.stream, QueueEntry.sampleID(2), shape)
        try queue.fill([.sample(3)])
        _ = try? queue.receive(consumer: "a", count: 9)

        var claimed: [QueueEntry] = []
        claimed += try queue.claim(consumer: "b", idleLongerThan: .zero, count: 9, now: testNow).map(\.entry)

        #expect(Set(claimed.map(\.id)).isSubset(of: [1, 3].map(QueueEntry.sampleID)))
        let letter = try #require(try queue.deadLetters().letters.first)
        #expect(letter.entry.id == QueueEntry.sampleID(2))
        #expect(letter.entry.appID == 7)
        #expect(letter.reason == "too large: \(letter.payloadByteCount) bytes; its payload was dropped")
        #expect((67_108_864..<74_000_000).contains(letter.payloadByteCount))
        #expect(try queue.statistics().depth == 2)
        #expect(try server.integer("HSTRLEN", "hookline:{queue:events:0}:dead-entries", QueueEntry.sampleID(2)) < 1000)
    }

    @Test func anEntryLargerThanEnqueueAcceptsIsNotSentWhenItIsReceived() throws {
        let queue = try server.queue(DeliveryQueueSettings(maximumPayloadBytes: 1000))
        try server.queue().fill([.sample(1, payload: [UInt8](repeating: 0x20, count: 70_000)), .sample(2)])

        let deliveries = try queue.receive(consumer: "a", count: 9)
        _ = try queue.deadLetter(deliveries[0], reason: deliveries[0].problem ?? "", at: testNow)

        #expect(deliveries.map(\.problem) == ["too large", nil])
        let letter = try #require(try queue.deadLetters().letters.first)
        #expect(letter.reason == "too large: \(letter.payloadByteCount) bytes; its payload was dropped")
    }
}
