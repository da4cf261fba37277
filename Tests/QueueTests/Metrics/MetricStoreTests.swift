import Foundation
import Model
import Queue
import Redis
import System
import TestSupport
import Testing

/// The fleet's counts in Redis.
@Suite
struct MetricStoreTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func store(seriesLimit: Int = MetricCounts.defaultSeriesLimit) throws -> MetricStore {
        MetricStore(connection: try server.connection(), seriesLimit: seriesLimit)
    }

    private func response(_ status: String, _ integration: String = "app") -> MetricSeries {
        MetricSeries(.responses, tags: [status, integration, "issue.created"])
    }

    private func counts(_ series: [MetricSeries: Int64]) -> MetricCounts {
        var counts = MetricCounts()
        for (series, count) in series { counts.add(count, to: series) }
        return counts
    }

    @Test func batchesOfSeveralWorkersAddUp() throws {
        var batch = counts([
            response("200"): 3, response("timeout"): 1, MetricSeries(.processed, tags: ["comment.created"]): 9,
            MetricSeries(.retries): 2, MetricSeries(.deadLetters): 4, MetricSeries(.appsDisabled): 5,
        ])
        for (latency, milliseconds) in [(DeliveryLatency.duration, [0, 5, 6, 40_000]), (.delay, [11, 3_600_001])] {
            var times = LatencyCounts(latency)
            for time in milliseconds { times.record(milliseconds: Int64(time)) }
            batch.add(times)
        }

        let isFirst = try store().add(batch, from: "a", sequence: 1)
        let isSecond = try store().add(batch, from: "b", sequence: 1)
        let isThird = try store().add(batch, from: "a", sequence: 2)

        var expected = batch
        expected.add(batch)
        expected.add(batch)
        #expect([isFirst, isSecond, isThird] == [true, true, true])
        #expect(try store().counts() == expected)
        #expect(expected.latencies[.duration]?.counts.prefix(3) == [6, 3, 0])
        #expect(expected.latencies[.duration]?.counts.last == 3)
        #expect(expected.latencies[.duration]?.sumMilliseconds == Int64(120_033))
    }

    @Test func nothingIsThereBeforeTheFirstBatch() throws {
        #expect(try store().counts().isEmpty)
        #expect(try store().workers().isEmpty)
    }

    @Test func aBatchThatIsSentAgainCountsOnce() throws {
        let batch = counts([response("200"): 3])
        _ = try store().add(batch, from: "a", sequence: 7)

        let repeated = try store().add(batch, from: "a", sequence: 7)
        let older = try store().add(batch, from: "a", sequence: 6)

        #expect([repeated, older] == [false, false])
        #expect(try store().counts() == batch)
        let ttl = try server.integer("TTL", "hookline:{metrics}:batch:a")
        #expect((86400 - 60...86400).contains(ttl))
    }

    @Test func noTwoSeriesShareAField() throws {
        let series = [
            ["a|b", "c", "d"], ["a", "b|c", "d"], ["a", "b", "c|d"], ["a%7Cb", "c", "d"], ["", "", ""],
            [" ", "\n", "\u{0}"], ["ä\u{301}", "\u{301}", "=%"], ["%", "%%", "%25"],
        ].map { MetricSeries(.responses, tags: $0) }
        let batch = counts(Dictionary(uniqueKeysWithValues: series.enumerated().map { ($1, Int64($0 + 1)) }))

        _ = try store().add(batch, from: "a", sequence: 1)

        #expect(batch.counters.count == 8)
        #expect(try server.integer("HLEN", "hookline:{metrics}") == 8)
        #expect(try store().counts() == batch)
    }

    @Test func seriesBeyondTheLimitAreCountedAsOther() throws {
        let store = try store(seriesLimit: 3)
        _ = try store.add(counts([response("200", "a"): 1, response("200", "b"): 1]), from: "a", sequence: 1)
        _ = try store.add(counts([response("200", "c"): 1]), from: "a", sequence: 2)

        _ = try store.add(
            counts([response("200", "a"): 5, response("200", "d"): 6, MetricSeries(.retries): 7]), from: "a",
            sequence: 3)
        _ = try store.add(counts([response("500", "e"): 8]), from: "a", sequence: 4)

        let other = MetricSeries(.responses, tags: ["other", "other", "other"])
        #expect(
            try store.counts()
                == counts([
                    response("200", "a"): 6, response("200", "b"): 1, response("200", "c"): 1, other: 14,
                    MetricSeries(.retries): 7,
                ]))
    }

    @Test func fieldsOfOtherReleasesAreLeftAlone() throws {
        try server.command(
            "HSET", "hookline:{metrics}", "nonsense", "1", "http_response|200", "2", "retries", "many",
            "duration|7|count", "4", "duration|x|count", "5", "duration|5|other", "6", "processed|%zz", "7")

        _ = try store().add(counts([MetricSeries(.retries): 1, MetricSeries(.deadLetters): 2]), from: "a", sequence: 1)
        let read = try store().counts()

        #expect(read.counters == [MetricSeries(.deadLetters): 2])
        #expect(try server.command("HGET", "hookline:{metrics}", "retries").contains("many"))
        // A bound of 7 ms is unknown: what lies below it lies below 10 ms.
        #expect(read.latencies[.duration]?.counts.prefix(3) == [0, 4, 0])
    }

    @Test func aBatchIsRefusedAsAWhole() throws {
        let batch = counts([response("200"): 3, MetricSeries(.retries): 2])
        try server.command("SET", "hookline:{metrics}", "something else")
        #expect(throws: RedisError.self) { try store().add(batch, from: "a", sequence: 1) }
        try server.command("DEL", "hookline:{metrics}")
        #expect(try server.integer("DBSIZE") == 0)

        let isAdded = try store().add(batch, from: "a", sequence: 1)

        #expect(isAdded)
        #expect(try store().counts() == batch)
    }

    @Test func aRedisWithoutFreeMemoryTakesCountsAndReports() throws {
        let batch = counts([response("200"): 3, MetricSeries(.retries): 2])
        let report = WorkerReport(consumer: "a", version: "1", startedAt: testNow, inFlight: 0)
        try server.command("CONFIG", "SET", "maxmemory", "1")
        #expect(try server.command("SET", "x", "y").contains("OOM"))

        #expect(try store().add(batch, from: "a", sequence: 1))
        #expect(try store().report(report, lifetime: .seconds(60)))

        #expect(try store().counts() == batch)
        #expect(try store().workers().map(\.consumer) == ["a"])
    }

    @Test func publishersAtTheSameTimeLoseNothing() throws {
        let batch = counts([response("200"): 1, MetricSeries(.retries): 2])
        let failures = Lock(0)

        DispatchQueue.concurrentPerform(iterations: 4) { index in
            do {
                let store = try store()
                for sequence in 1...50 { _ = try store.add(batch, from: "run-\(index)", sequence: Int64(sequence)) }
            } catch {
                failures.withLock { $0 += 1 }
            }
        }

        #expect(failures.withLock { $0 } == 0)
        #expect(try store().counts() == counts([response("200"): 200, MetricSeries(.retries): 400]))
    }

    @Test func aTagIsCutBetweenCharacters() {
        let series = MetricSeries(.processed, tags: [String(repeating: "ä", count: 70)])
        let exact = MetricSeries(.processed, tags: [String(repeating: "a", count: 128)])
        let longer = MetricSeries(.processed, tags: ["a" + String(repeating: "ä", count: 70)])

        #expect(series.tags == [String(repeating: "ä", count: 64)])
        #expect(exact.tags[0].utf8.count == 128)
        #expect(longer.tags == ["a" + String(repeating: "ä", count: 63)])
    }
}

/// The live workers.
@Suite
struct WorkerReportTests {
    private let server: RedisServer

    init() throws {
        server = try RedisServer()
    }

    private func store() throws -> MetricStore { MetricStore(connection: try server.connection()) }

    private func worker(_ consumer: String, inFlight: Int = 0) -> WorkerReport {
        WorkerReport(
            consumer: consumer, version: "1.2 | beta=3", policy: consumer == "b" ? "" : "standard",
            startedAt: Timestamp(microseconds: 1_700_000_000_123_456),
            inFlight: inFlight)
    }

    @Test func aWorkerIsListedWithItsLastReport() throws {
        let store = try store()
        _ = try store.report(worker("b"), lifetime: .seconds(60))
        _ = try store.report(worker("a host:17", inFlight: 3), lifetime: .seconds(60))
        _ = try store.report(worker("b", inFlight: 9), lifetime: .seconds(60))

        let workers = try store.workers()

        #expect(workers.map(\.consumer) == ["a host:17", "b"])
        #expect(workers.map(\.inFlight) == [3, 9])
        #expect(workers.map(\.policy) == ["standard", ""])
        #expect(workers.allSatisfy { $0.version == "1.2 | beta=3" })
        #expect(workers.allSatisfy { $0.startedAt.microseconds == 1_700_000_000_123_456 })
        let age = Timestamp.now().microseconds - (workers.first?.lastSeenAt.microseconds ?? 0)
        #expect((-1_000_000..<60_000_000).contains(age))
    }

    @Test func aWorkerReportsWhyItSendsNothing() throws {
        let store = try store()
        var paused = worker("a")
        paused.pauseReason = "Redis refused a command: NOPERM a=b | 50% \(String(repeating: "x", count: 400))"
        _ = try store.report(paused, lifetime: .seconds(60))
        _ = try store.report(worker("b"), lifetime: .seconds(60))

        let reasons = try store.workers().map(\.pauseReason)

        #expect(reasons == [paused.pauseReason.map { String($0.prefix(300)) }, nil])
    }

    @Test func aWorkerThatIsSilentForTooLongIsForgotten() throws {
        let store = try store()
        _ = try store.report(worker("silent"), lifetime: .milliseconds(100))
        _ = try store.report(worker("alive"), lifetime: .seconds(60))

        try waitUntil("the silent worker is not listed") { try store.workers().map(\.consumer) == ["alive"] }
        #expect(try server.integer("HLEN", "hookline:workers") == 2)
        _ = try store.report(worker("alive"), lifetime: .seconds(60))

        #expect(try server.integer("HLEN", "hookline:workers") == 1)
        #expect(try server.integer("PTTL", "hookline:workers") > 30_000)
    }

    @Test func aWorkerThatStopsIsNotListed() throws {
        let store = try store()
        _ = try store.report(worker("a"), lifetime: .seconds(60))

        try store.withdraw(consumer: "a")
        try store.withdraw(consumer: "a")

        #expect(try store.workers().isEmpty)
    }

    @Test func theListOfWorkersIsLimited() throws {
        let store = try store()
        for number in 1...1000 { _ = try store.report(worker("w\(number)"), lifetime: .seconds(60)) }

        let isListed = try store.report(worker("late"), lifetime: .seconds(60))
        let isStillListed = try store.report(worker("w7"), lifetime: .seconds(60))

        #expect([isListed, isStillListed] == [false, true])
        #expect(try store.workers().count == 1000)
    }

    @Test func invalidReportsAreSkipped() throws {
        try server.command(
            "HSET", "hookline:workers", "a", "", "b", "soon later started=1", "c", "99999999999999 1 news=3 version=2",
            "d", "99999999999999")

        let workers = try store().workers()

        #expect(workers.map(\.consumer) == ["c"])
        #expect(workers.first?.version == "2")
    }
}
