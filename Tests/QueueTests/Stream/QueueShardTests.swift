import Foundation
import Queue
import Redis
import System
import TestSupport
import Testing

/// Many shards are served as one queue.
@Suite
struct QueueShardTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    /// How often Redis has executed a command.
    private func calls(of command: String) throws -> Int {
        let line = try server.command("INFO", "commandstats").split(separator: "\r\n")
            .first { $0.hasPrefix("cmdstat_\(command):calls=") }
        return line.flatMap { Int($0.split(separator: "=")[1].prefix { $0.isNumber }) } ?? 0
    }

    @Test(arguments: [64, 256])
    func anEntryOfAnyShardEndsTheWait(shardCount: Int) throws {
        let settings = DeliveryQueueSettings(shardCount: shardCount)
        let (server, queue) = (server, try server.queue(settings))
        for number in 0..<8 {
            let waiting = Thread {
                try? waitUntil("the consumer waits") {
                    try server.command("INFO", "clients").contains("blocked_clients:1")
                }
                _ = try? server.queue(settings).enqueue(.sample(number, appID: Int64(number * 31)))
            }
            waiting.start()
            let start = MonotonicTime.now()

            let deliveries = try queue.receive(consumer: "a", count: 10, wait: .seconds(100))

            #expect(deliveries.map(\.entry.id) == [QueueEntry.sampleID(number)])
            // In turn, each would be waited for during a part of it.
            #expect(start.microsecondsUntilNow < 20_000_000)
        }
    }

    @Test func aWaitIsOneCommandHoweverManyShardsThereAre() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 64))
        _ = try queue.receive(consumer: "a", count: 64)
        try server.command("CONFIG", "RESETSTAT")

        let nothing = try queue.receive(consumer: "a", count: 64, wait: .milliseconds(20))

        #expect(nothing.isEmpty)
        // A look at each, and then the wait.
        #expect(try calls(of: "xreadgroup") == 65)
    }

    @Test func aBatchIsFilledFromFewShardsAndFromMany() throws {
        let settings = DeliveryQueueSettings(shardCount: 64)
        let queue = try server.queue(settings)
        try queue.fill((0..<100).map { .sample($0, appID: 7) } + (100..<200).map { .sample($0, appID: Int64($0)) })

        var counts: [Int] = []
        var ids: [String] = []
        while ids.count < 200 {
            let part = try queue.receive(consumer: "a", count: 40)
            guard !part.isEmpty else { break }
            counts.append(part.count)
            ids += part.map(\.entry.id)
        }

        #expect(counts == [40, 40, 40, 40, 40])
        #expect(Set(ids) == Set((0..<200).map(QueueEntry.sampleID)))
    }

    @Test func aShardThatCannotBeReadHoldsUpNoOther() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 4))
        try queue.fill((0..<40).map { .sample($0, appID: Int64($0)) })
        let key = "hookline:{queue:events:2}:stream"
        let lost = try server.integer("XLEN", key)
        try server.command("SET", key, "no stream")

        let deliveries = try queue.receive(consumer: "a", count: 60)
        let error = #expect(throws: RedisError.self) { try queue.receive(consumer: "a", count: 60) }

        #expect(lost > 0)
        #expect(deliveries.count == 40 - lost)
        #expect("\(String(describing: error))".contains("WRONGTYPE"))
    }

    @Test func aConnectionThatEndsInTheMiddleIsReportedAndWhatCameBeforeItIsReturned() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 64))
        _ = try queue.receive(consumer: "a", count: 64)
        try queue.fill((0..<10).map { .sample($0, appID: Int64($0)) })
        var rounds = 0
        queue.isInterrupted = {
            rounds += 1
            if rounds == 2 { try? server.crash() }
            return false
        }

        // The first round trip looks at 50 shards.
        let deliveries = try queue.receive(consumer: "a", count: 50)
        let next = try RedisServer(directory: server.directory)
        let error = #expect(throws: RedisError.self) { try queue.receive(consumer: "a", count: 50) }

        #expect(!deliveries.isEmpty && deliveries.count <= 10)
        // That of the second round trip: the next one would wait before it connects, or reach the new server.
        #expect("\(String(describing: error))".hasSuffix("Connection refused)"))
        withExtendedLifetime(next) {}
    }

    @Test func whatTakesACallForEachShardCanBeInterrupted() throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 64))
        try queue.fill((0..<64).map { .sample($0, appID: Int64($0)) })
        _ = try queue.receive(consumer: "lost", count: 1000)
        queue.isInterrupted = { true }
        try server.command("CONFIG", "RESETSTAT")

        let received = try queue.receive(consumer: "a", count: 10, wait: .seconds(100))
        let claimed = try queue.claim(consumer: "a", idleLongerThan: .zero, count: 10)
        let alone = try queue.claimAlone(consumer: "a", idleLongerThan: .zero)
        let back = try queue.takeBack(consumer: "lost", held: [], count: 10)

        #expect(received.isEmpty && claimed.isEmpty && alone == nil && back.isEmpty)
        for command in ["xreadgroup", "evalsha", "xpending"] { #expect(try calls(of: command) == 0) }
    }
}
