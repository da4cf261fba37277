import Model
import Queue
import TestSupport
import Testing

/// The time of the queue's tests.
let testNow = Timestamp(seconds: 1_700_000_000)

extension QueueEntry {
    /// An entry whose id is `number` in hexadecimal.
    static func sample(
        _ number: Int, appID: Int64 = 7, payload: [UInt8] = Array("payload".utf8), dueAt: Timestamp? = nil
    ) -> QueueEntry {
        QueueEntry(
            id: sampleID(number), appID: appID, event: "issue.created", enqueuedAt: testNow, payload: payload,
            dueAt: dueAt)
    }

    static func sampleID(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension RedisServer {
    /// A queue on a connection of its own, for a caller whose clock stands still at `testNow`.
    func queue(
        _ settings: DeliveryQueueSettings = DeliveryQueueSettings(), commandTimeout: Duration = .seconds(20),
        clock: WallClock = .frozen(at: testNow)
    ) throws -> DeliveryQueue {
        DeliveryQueue(connection: try connection(commandTimeout: commandTimeout), settings: settings, clock: clock)
    }

    /// A redis-server that writes everything to disk before it replies, and survives its own end.
    static func durable(directory: TemporaryDirectory? = nil) throws -> RedisServer {
        try RedisServer(
            directory: directory, extraArguments: ["--appendonly", "yes", "--appendfsync", "always"])
    }

    /// Ends the server as a crash would.
    func crash() throws {
        process.send(signal: 9)
        _ = try process.waitForExit()
    }
}

extension QueueStatistics {
    /// Without what depends on when they are read.
    var counts: QueueStatistics {
        var counts = self
        counts.readAt = nil
        counts.readers = 0
        return counts
    }
}

extension DeliveryQueue {
    /// Receives all that wait.
    func receiveAll(consumer: String = "a") throws -> [QueueDelivery] {
        var deliveries: [QueueDelivery] = []
        while true {
            let part = try receive(consumer: consumer, count: 1000)
            if part.isEmpty { return deliveries }
            deliveries += part
        }
    }

    /// Receives exactly one entry.
    func receiveOne(consumer: String = "a") throws -> QueueDelivery {
        let deliveries = try receive(consumer: consumer, count: 1)
        return try #require(deliveries.first)
    }

    /// Enqueues entries and checks that they were accepted.
    func fill(_ entries: [QueueEntry]) throws {
        for entry in entries {
            let result = try enqueue(entry)
            #expect(result == .accepted(entry.id))
        }
    }
}

extension PayloadArchive {
    /// Stores one event, or the outcome of another attempt to deliver it.
    func store(_ event: ArchivedEvent, isError: Bool = false, isNew: Bool = true, now: Timestamp) throws {
        try store([ArchiveEntry(event: event, isError: isError, isNew: isNew)], now: now)
    }
}
