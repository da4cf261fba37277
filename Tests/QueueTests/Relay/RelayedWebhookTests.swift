import Model
import Queue
import TestSupport
import Testing
import WireJSON

/// The payload of a relayed webhook, and its entry in the queue.
@Suite struct RelayedWebhookTests {
    private let webhook = RelayedWebhook(
        requestID: "12f6c0d43f78ba9cf808f54b8b180fb4", target: "ci", resource: "issue",
        signature: String(repeating: "a", count: 64), idempotencyKey: "k \"1\"", originalID: nil,
        body: Array("{\"action\":\"created\",\n \"x\":\"\u{FC}\"}".utf8))

    @Test func everyByteOfTheBodyComesBack() throws {
        var other = webhook
        other.originalID = QueueEntry.sampleID(3)
        other.idempotencyKey = nil
        other.body = Array("\n\n{}".utf8)
        var empty = webhook
        empty.body = []

        for webhook in [webhook, other, empty] { #expect(RelayedWebhook(bytes: webhook.bytes) == webhook) }
    }

    @Test func otherPayloadsAreNone() {
        let event = QueuedEvent(event: "issue.created", installationUUID: "u", data: JSONValue.object([]))

        #expect(RelayedWebhook(bytes: event.bytes) == nil)
        #expect(QueuedEvent(bytes: webhook.bytes) == nil)
        #expect(RelayedWebhook(bytes: []) == nil)
        #expect(RelayedWebhook(bytes: Array(#"{"relay":1,"request_id":"a"}"#.utf8)) == nil)
        #expect(RelayedWebhook(bytes: webhook.bytes.filter { $0 != 0x0A }) == nil)
    }

    /// The longest values that the relay accepts.
    @Test func theLargestHeadFits() {
        let large = RelayedWebhook(
            requestID: String(repeating: "\"", count: 128), target: String(repeating: "t", count: 64),
            resource: String(repeating: "r", count: 100), signature: String(repeating: "a", count: 64),
            idempotencyKey: String(repeating: "\\", count: 255), originalID: QueueEntry.sampleID(1),
            body: [UInt8](repeating: 0x20, count: 1 << 20))

        #expect(large.bytes.count <= RelayedWebhook.maximumPayloadBytes(forBodyBytes: 1 << 20))
        #expect(RelayedWebhook(bytes: large.bytes) == large)
        #expect(large.bytes.count <= DeliveryQueueSettings().maximumPayloadBytes)
    }

    @Test func aRedeliveryGoesToTheSameTargetAndRefersToTheFirst() throws {
        let event = ArchivedEvent(
            id: QueueEntry.sampleID(1), appID: 7, event: "issue.created", enqueuedAt: testNow, payload: webhook.bytes)

        let entry = try #require(event.redelivery(id: QueueEntry.sampleID(2), at: testNow))
        let again = ArchivedEvent(
            id: QueueEntry.sampleID(2), appID: 7, event: "issue.created", enqueuedAt: testNow, payload: entry.payload)
        let second = try #require(again.redelivery(id: QueueEntry.sampleID(3), at: testNow))

        #expect(entry.target == "ci" && entry.originalID == QueueEntry.sampleID(1))
        #expect(second.target == "ci" && second.originalID == QueueEntry.sampleID(1))
        let relayed = try #require(RelayedWebhook(bytes: second.payload))
        #expect(relayed.requestID == webhook.requestID && relayed.body == webhook.body)
    }

    @Test func theTargetStaysThroughRetriesAndDeadLetters() throws {
        let server = try RedisServer()
        let queue = try server.queue()
        var entry = QueueEntry.sample(1, payload: webhook.bytes)
        entry.target = "ci"

        #expect(try queue.enqueue([(entry, ["key"])]) == [.accepted(entry.id)])
        let first = try #require(try queue.receive(consumer: "a", count: 1).first)
        _ = queue.settle([.retry(first, at: testNow, attempt: 2)], decidedAt: testNow)
        _ = try queue.promoteDue(limit: 10)
        let second = try #require(try queue.receive(consumer: "a", count: 1).first)
        _ = queue.settle([.deadLetter(second, reason: "target disabled", at: testNow)], decidedAt: testNow)

        #expect(first.entry == entry)
        #expect(second.entry.target == "ci" && second.entry.attempt == 2)
        let page = try queue.deadLetters()
        #expect(page.letters.map(\.entry.target) == ["ci"])
        #expect(try queue.deadLetter(id: entry.id)?.entry.payload == webhook.bytes)
    }

    @Test func oneOfTwoKeysIsEnoughToRecognizeARepetition() throws {
        let server = try RedisServer()
        let queue = try server.queue()
        let accepted = try queue.enqueue([(.sample(1), ["request", "key"]), (.sample(2), ["other"])])

        let sameRequest = try queue.enqueue([(.sample(3), ["request", "new"])])
        let sameKey = try queue.enqueue([(.sample(4), ["another", "key"])])
        let other = try queue.enqueue([(.sample(5), ["another", "new"])])

        #expect(accepted == [.accepted(QueueEntry.sampleID(1)), .accepted(QueueEntry.sampleID(2))])
        #expect(sameRequest == [.duplicate(of: QueueEntry.sampleID(1))])
        #expect(sameKey == [.duplicate(of: QueueEntry.sampleID(1))])
        #expect(other == [.accepted(QueueEntry.sampleID(5))])
        #expect(try queue.statistics().waiting == 3)
    }

    @Test func aFullQueueRefusesTheRestOfABatch() throws {
        let server = try RedisServer()
        let queue = try server.queue(DeliveryQueueSettings(maximumDepth: 1))

        let results = try queue.enqueue([(.sample(1), ["a"]), (.sample(2), ["b"])])

        #expect(results.first == .accepted(QueueEntry.sampleID(1)))
        guard case .full = try #require(results.last) else {
            Issue.record("\(results)")
            return
        }
        // The key of what was refused is free: a repetition can be accepted.
        let first = try #require(try queue.receive(consumer: "a", count: 1).first)
        _ = queue.settle([.acknowledge(first)], decidedAt: testNow)
        #expect(try queue.enqueue([(.sample(2), ["b"])]) == [.accepted(QueueEntry.sampleID(2))])
    }
}
