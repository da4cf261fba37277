import Model
import Queue
import Redis
import TestSupport
import Testing
import WebhookRules

@testable import Delivery

/// A Redis without free memory refuses new events; those it has are delivered, which frees memory.
@Suite
struct FullRedisTests {
    @Test func aFullRedisIsWorkedOffAndEachEventIsSentOnce() throws {
        let fixture = try WorkerFixture()
        for app: Int64 in 1...3 { fixture.addApp(app, app == 3 ? "/status/404" : "/") }
        let used = try fixture.server.usedMemory()
        try fixture.server.command("CONFIG", "SET", "maxmemory", String(used + (4 << 20)))
        var ids: [String] = []
        while let id = try enqueueUnlessFull(fixture, app: Int64(ids.count % 3 + 1)) { ids.append(id) }
        #expect(ids.count > 1000)

        let worker = try fixture.worker()
        try fixture.waitUntilEmpty(seconds: 60)

        #expect(fixture.receiver.received.compactMap { $0.header("Request-ID") }.sorted() == ids.sorted())
        for app: Int64 in 1...3 { #expect(try fixture.rows(app: app).count == 100) }
        #expect(try fixture.rows(app: 3, errorsOnly: true).count == 100)
        try waitUntil("new events are accepted") { try enqueueUnlessFull(fixture, app: 1) != nil }
        try fixture.waitUntilEmpty()
        #expect(fixture.log.count("sending paused: outcomes cannot be recorded") == 0)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRedisThatStaysFullTakesEveryOutcome() throws {
        let fixture = try WorkerFixture()
        for (app, path) in zip(1..., ["/", "/status/500", "/status/404", "/hang"]) {
            fixture.addApp(Int64(app), path, timeoutMilliseconds: 100)
        }
        let ids = try (1...4).map { try fixture.enqueue(app: $0) }
        try fixture.server.command("CONFIG", "SET", "maxmemory", "1")

        let worker = try fixture.worker {
            $0.policy.retry = RetryPolicy(delays: [.milliseconds(10)], jitterPercent: 0)
        }
        try fixture.waitUntilEmpty()

        let counts = [1, 2, 1, 2]
        for (index, id) in ids.enumerated() {
            #expect(fixture.receiver.received.count { $0.header("Request-ID") == id } == counts[index])
            #expect(try fixture.rows(app: Int64(index + 1)).count == counts[index])
        }
        #expect(try fixture.queue.statistics().dead == 2)
        #expect(try fixture.server.command("SET", "x", "y").contains("OOM"))
        #expect(fixture.log.count("sending paused: outcomes cannot be recorded") == 0)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// The event's id; nil when Redis refused it for lack of memory.
    private func enqueueUnlessFull(_ fixture: WorkerFixture, app: Int64) throws -> String? {
        do {
            return try fixture.enqueue(app: app, text: String(repeating: "x", count: 2000))
        } catch RedisError.refused(_, let message) where message.hasPrefix("OOM") {
            return nil
        }
    }
}

extension RedisServer {
    /// What its data takes, in bytes.
    func usedMemory() throws -> Int {
        let line = try command("INFO", "memory").split(separator: "\r\n").first { $0.hasPrefix("used_memory:") }
        return try #require(line.flatMap { Int($0.dropFirst("used_memory:".count)) })
    }
}
