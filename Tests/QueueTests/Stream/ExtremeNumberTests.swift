import Model
import Queue
import TestSupport
import Testing

/// Redis holds what others wrote: no number ends the program that reads it.
@Suite
struct ExtremeNumberTests {
    private static let extremes = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775", "253402300800000000",
    ]
    private static let shard = "hookline:{queue:events:0}:"

    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func add(_ number: Int, _ changes: [String: String]) throws {
        var fields = [
            "id": QueueEntry.sampleID(number), "app": "7", "event": "issue.created", "attempt": "1",
            "enqueued": String(testNow.microseconds), "due": String(testNow.microseconds), "payload": "{}",
        ]
        fields.merge(changes) { $1 }
        try RedisTestConnection(socketPath: server.socketPath).command(
            ["XADD", Self.shard + "stream", "*"] + fields.flatMap { [$0.key, $0.value] })
    }

    @Test(arguments: ["enqueued", "due", "attempt"], extremes)
    func anEntryWithAnImpossibleNumberIsMalformedAndItsNeighboursGoOn(field: String, value: String) throws {
        let queue = try server.queue()
        try add(1, [field: value])
        try queue.fill([.sample(2)])

        let statistics = try queue.statistics()
        let deliveries = try queue.receive(consumer: "a", count: 9)
        let isAccepted = field != "attempt" && value == "9223372036854775"
        let outcomes = queue.settle(
            deliveries.compactMap { delivery in
                delivery.problem.map { .deadLetter(delivery, reason: $0, at: testNow) }
            })
        let letters = try queue.deadLetters().letters

        #expect(statistics.oldestAgeMicroseconds(at: testNow) >= 0)
        #expect(deliveries.map { $0.problem == nil } == [isAccepted, true])
        #expect(outcomes == (isAccepted ? [] : [.settled]))
        #expect(letters.map(\.entry.id) == (isAccepted ? [] : [QueueEntry.sampleID(1)]))
        #expect(letters.allSatisfy { $0.reason.hasPrefix("malformed entry: field \(field) is not") })
        #expect(letters.allSatisfy { Timestamp.calendarRange.contains($0.entry.enqueuedAt) })
    }

    @Test(arguments: extremes)
    func countsOfTheQueueAreBounded(value: String) throws {
        let queue = try server.queue(DeliveryQueueSettings(shardCount: 2))
        for shard in 0..<2 {
            try server.command("HSET", "hookline:{queue:events:\(shard)}:counters", "discarded", value)
            try server.command("ZADD", "hookline:{queue:events:\(shard)}:scheduled", value, "x")
        }

        let statistics = try queue.statistics()

        #expect((0...2 * (1 << 53)).contains(statistics.discarded))
        #expect(statistics.nextDueAt.map { Timestamp.calendarRange.contains($0) } ?? true)
        #expect(try queue.promoteDue().count <= 2)
    }

    @Test(arguments: extremes)
    func dailyCountsAreBoundedAndAFullOneAffectsNoOther(value: String) throws {
        let counts = FailureCounts(connection: try server.connection())
        let (bad, good) = (FailureCountKey(appID: 1, organizationID: 2), FailureCountKey(appID: 2, organizationID: 2))
        for day in 0..<7 {
            let date = CivilDate(testNow.adding(seconds: -86400 * Int64(day)))
            let month = date.month < 10 ? "0\(date.month)" : "\(date.month)"
            let name = "\(date.year)-\(month)-\(date.day < 10 ? "0" : "")\(date.day)"
            try server.command(
                "HSET", "sentry-app-error:1:2:\(name)", "error_count", value, "timeout_count", value, "success_count",
                value)
        }

        let days = try counts.days(of: bad, upTo: testNow, count: 7)
        let results = try counts.record([
            FailureCount(bad, .error, at: testNow), FailureCount(good, .error, at: testNow),
        ])

        #expect(days.count == 7)
        #expect(days.allSatisfy { (0...1 << 53).contains($0.errors) && (0...1 << 53).contains($0.timeouts) })
        #expect(results.count == 2)
        let tally = try results[1].get()
        #expect(tally.total(.error) == 1)
        let total = try? results[0].get().total(.error)
        #expect((total == nil) == (value == "9223372036854775807"), "Redis refuses to add to the largest number only")
        #expect((0...1 << 53).contains(total ?? 0))
    }

    @Test(arguments: extremes)
    func heartbeatsAreBounded(value: String) throws {
        let store = MetricStore(connection: try server.connection())
        let report = "9223372036854775807 \(value) started=\(value) in_flight=\(value) version=1"
        try server.command("HSET", "hookline:workers", "w", report)

        let worker = try #require(try store.workers().first)

        #expect(Timestamp.calendarRange.contains(worker.startedAt))
        #expect(Timestamp.calendarRange.contains(worker.lastSeenAt))
        #expect((0...1 << 53).contains(worker.inFlight))
        #expect(Age(from: worker.startedAt, to: testNow).microseconds >= 0)
    }
}
