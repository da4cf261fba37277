import Buffer
import Delivery
import Foundation
import Logging
import Model
import Queue
import Redis
import System
import TestSupport
import Testing

/// Keeps what is logged.
private struct LogBook: LogHandler {
    let messages: Lock<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        messages.withLock { $0.append("\(event.level) \(event.message)") }
    }
}

/// Publishing counts.
@Suite
struct MetricsPublisherTests {
    private let messages = Lock<[String]>([])
    private let registry = MetricRegistry()

    private func publisher(
        _ endpoint: RedisEndpoint, interval: Duration = .milliseconds(20), statsD: StatsDAddress? = nil,
        run: String = MetricsPublisherSettings.randomRun(), clock: WallClock = .system
    ) -> MetricsPublisher {
        let messages = messages
        return MetricsPublisher(
            registry: registry,
            settings: MetricsPublisherSettings(
                consumer: "host:1", version: "1.2", startedAt: Timestamp(seconds: 1_700_000_000), interval: interval,
                queues: [DeliveryQueueSettings(name: "events")], statsD: statsD, run: run),
            makeConnection: { RedisConnection(endpoint: endpoint, commandTimeout: .milliseconds(300)) },
            workerState: { WorkerState(inFlight: 17) }, clock: clock,
            logger: Logger(label: "test") { _ in LogBook(messages: messages) })
    }

    private func store(_ endpoint: RedisEndpoint) -> MetricStore {
        MetricStore(connection: RedisConnection(endpoint: endpoint, commandTimeout: .seconds(10)))
    }

    private func endpoint(_ server: RedisServer) throws -> RedisEndpoint { try RedisEndpoint(parsing: server.url) }

    @Test func countsReachRedisWhileItRuns() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        let publisher = publisher(try endpoint(server))
        try publisher.start()
        try publisher.start()

        for _ in 0..<3 { registry.countRetry() }
        try waitUntil("the first counts are there") { try store.counts().total(of: .retries) == 3 }
        registry.countRetry()
        try waitUntil("the next are added") { try store.counts().total(of: .retries) == 4 }
        let workers = try store.workers()
        publisher.stop()

        #expect(workers.map(\.consumer) == ["host:1"])
        #expect(workers.first?.inFlight == 17)
        #expect(workers.first?.startedAt == Timestamp(seconds: 1_700_000_000))
        #expect(try store.workers().isEmpty)
    }

    @Test func aClockThatDiffersFromThatOfRedisIsReportedAndLoggedOnce() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        let difference = Lock(Int64(-60))
        let publisher = publisher(
            try endpoint(server), clock: WallClock { Timestamp.now().adding(seconds: difference.withLock { $0 }) })
        let logged = { (text: String) in messages.withLock { $0.count { $0 == text } } }
        try publisher.start()
        defer { publisher.stop() }

        try waitUntil("it is reported") {
            try store.workers().first?.clockDifference?.hasSuffix(" s behind that of Redis") == true
        }
        let offset = try #require(try store.workers().first?.clockOffsetMilliseconds)
        #expect((-70_000 ... -55_000).contains(offset))
        difference.withLock { $0 = 0 }
        try waitUntil("it is over") {
            logged("notice this machine's clock agrees with that of Redis again") == 1
        }
        #expect(logged("warning this machine's clock differs from that of Redis") == 1)
    }

    @Test func stoppingPublishesWhatIsLeft() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        let publisher = publisher(try endpoint(server), interval: .seconds(3600))
        try publisher.start()
        try waitUntil("the first round is over") { try store.workers().count == 1 }
        registry.countDeadLetter()

        publisher.stop()
        publisher.stop()

        #expect(try store.counts().total(of: .deadLetters) == 1)
        #expect(messages.withLock { $0 }.isEmpty)
    }

    @Test func aPublisherThatIsRestartedContinues() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        let publisher = publisher(try endpoint(server))

        for _ in 0..<3 {
            try publisher.start()
            registry.countRetry()
            publisher.stop()
        }

        #expect(try store.counts().total(of: .retries) == 3)
    }

    /// A key of another type in the way of the counts: everything else goes on, and nothing is lost.
    @Test func aRefusalConcernsOnlyWhatIsRefused() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        try server.command("SET", "hookline:{metrics}", "something else")
        let publisher = publisher(try endpoint(server))
        registry.countRetry()
        try publisher.start()

        try waitUntil("the worker is listed") { try store.workers().count == 1 }
        registry.countRetry()
        try server.command("DEL", "hookline:{metrics}")
        try waitUntil("everything is there") { try store.counts().total(of: .retries) == 2 }
        publisher.stop()

        #expect(messages.withLock { $0 } == ["warning metrics cannot be stored", "info metrics are stored again"])
    }

    @Test func countsAreKeptWhileRedisIsAway() throws {
        let first = try RedisServer()
        let endpoint = try endpoint(first)
        first.process.send(signal: SIGKILL)
        _ = try first.process.waitForExit()
        let publisher = publisher(endpoint)
        try publisher.start()
        for _ in 0..<5 { registry.countRetry() }
        try waitUntil("it is said that Redis is away") {
            messages.withLock { $0 } == ["warning metrics cannot be stored"]
        }
        for _ in 0..<6 { registry.countRetry() }

        let second = try RedisServer(directory: first.directory)
        let store = store(endpoint)

        try waitUntil("everything is there") { try store.counts().total(of: .retries) == 11 }
        publisher.stop()
        #expect(try store.counts().total(of: .retries) == 11)
        #expect(messages.withLock { $0 } == ["warning metrics cannot be stored", "info metrics are stored again"])
        withExtendedLifetime(second) {}
    }

    /// Redis carries out what it was sent while it stood still, after the publisher has given up waiting.
    @Test func anUnknownOutcomeNeitherLosesNorDoubles() throws {
        let server = try RedisServer()
        let store = store(try endpoint(server))
        let publisher = publisher(try endpoint(server), run: "run")
        try publisher.start()
        registry.countRetry()
        try waitUntil("the first count is there") { try store.counts().total(of: .retries) == 1 }

        server.process.send(signal: SIGSTOP)
        for _ in 0..<100 { registry.countRetry() }
        try waitUntil("the publisher gives up waiting") { messages.withLock { !$0.isEmpty } }
        for _ in 0..<1000 { registry.countRetry() }
        server.process.send(signal: SIGCONT)

        try waitUntil("everything is there") { try store.counts().total(of: .retries) >= 1101 }
        publisher.stop()
        #expect(try store.counts().total(of: .retries) == 1101)
    }

    @Test func aRedisThatIsAwayDoesNotHoldUpTheEnd() throws {
        let server = try RedisServer()
        let publisher = publisher(try endpoint(server), interval: .seconds(3600))
        try publisher.start()
        try waitUntil("the first round is over") { try server.command("HLEN", "hookline:workers") == ":1\r\n" }
        server.process.send(signal: SIGSTOP)
        defer { server.process.send(signal: SIGCONT) }
        registry.countRetry()
        let clock = ContinuousClock()
        let start = clock.now

        publisher.stop()

        #expect(clock.now - start < .seconds(5))
        #expect(messages.withLock { $0 } == ["warning metrics cannot be stored"])
    }

    @Test func statsDGetsEachCountOnceWithOrWithoutRedis() throws {
        let server = try RedisServer()
        let endpoint = try endpoint(server)
        let receiver = try DatagramReceiver()
        let publisher = publisher(endpoint, statsD: StatsDAddress(host: "127.0.0.1", port: receiver.port))
        try publisher.start()
        registry.countRetry()
        let before = receiver.lines(until: "hookline.retries")
        let gauges = receiver.lines(until: "hookline.queue_entries")

        server.process.send(signal: SIGKILL)
        _ = try server.process.waitForExit()
        registry.countDisabled()
        registry.countDisabled()
        let during = receiver.lines(until: "hookline.apps_disabled")
        publisher.stop()
        var after: [String] = []
        while let datagram = receiver.next(milliseconds: 0) { after.append(datagram) }

        #expect(before.contains("hookline.retries:1|c"))
        #expect(gauges.contains("hookline.queue_entries:0|g|#queue:events,state:waiting"))
        #expect(
            during.filter { $0.contains("|c") }.reduce(0) { $0 + (Int($1.split { ":|".contains($0) }[1]) ?? 0) } == 2)
        #expect(!after.joined().contains("|c"))
    }
}
