import Buffer
import Foundation
import Handlers
import Model
import Redis
import System
import TestSupport
import Testing

/// Writers and readers at the same time, on a real Redis.
@Suite
struct CoherenceTests {
    private static let events = ["issue.assigned", "issue.created", "installation.created"]
    private static let writesOfEach = 400
    private static let readerCount = 4

    /// Shared by the threads of one run.
    private struct Progress {
        /// The last number that Redis has acknowledged, of each writer.
        var acknowledged = [Int](repeating: 0, count: CoherenceTests.events.count)
        var writing = CoherenceTests.events.count
        var reads = 0
        var problems: [String] = []
    }

    private let server: RedisServer
    private let store = CachedResponseStore(byteLimit: 1 << 20)
    private let tracker: ListTracker
    private let progress = Lock(Progress())

    init() throws {
        server = try RedisServer()
        let (store, progress) = (store, progress)
        tracker = ListTracker(
            endpoint: try RedisEndpoint(parsing: server.url), connectTimeout: .seconds(10), replyTimeout: .seconds(10),
            changed: { store.invalidate($0) },
            refused: { reason in progress.withLock { $0.problems.append(reason) } })
    }

    @Test func noReaderGetsAResponseOlderThanTheLastWriteAcknowledgedBeforeItsRequest() throws {
        try runThreads(count: Self.events.count + Self.readerCount) { number in
            do {
                if number < Self.events.count {
                    defer { progress.withLock { $0.writing -= 1 } }
                    try write(number)
                } else {
                    try read(number)
                }
            } catch {
                progress.withLock { $0.problems.append("\(error)") }
            }
        }

        #expect(progress.withLock { $0.problems }.isEmpty)
        let counts = store.counts(isTracking: tracker.isTracking)
        #expect(counts.hits > 100 && counts.invalidations > 100, "\(counts) \(progress.withLock { $0.reads })")
        try compareAtRest()
    }

    /// Numbered rows; no pause, then one of some reads, so that responses are both cached and invalidated.
    private func write(_ writer: Int) throws {
        let connection = try RedisTestConnection(socketPath: server.socketPath)
        var random = SeededGenerator(seed: UInt64(writer))
        let key = "sentry-app-webhook-request:{10}:\(Self.events[writer])"
        for number in 1...Self.writesOfEach {
            let row = """
                {"date":"2023-07-20 11:00:00.250000+00:00","response_code":200,\
                "webhook_url":"https://w\(writer).test/\(number)/"}
                """
            try write(row, to: key, connection, kind: number % 3)
            let reads = progress.withLock { progress in
                progress.acknowledged[writer] = number
                return progress.reads
            }
            let pause = [0, 1, 4, 60].randomElement(using: &random) ?? 0
            try waitUntil("the readers go on", seconds: 60) {
                progress.withLock { $0.reads >= reads + pause || !$0.problems.isEmpty }
            }
            if writer == 0, number % 50 == 0 { try disturb(number) }
        }
    }

    /// Adds a row by plain commands, a transaction or a script, each of which leaves ten rows.
    private func write(_ row: String, to key: String, _ connection: RedisTestConnection, kind: Int) throws {
        let commands: [[String]] =
            switch kind {
            case 0: [["LPUSH", key, row], ["LTRIM", key, "0", "9"], ["EXPIRE", key, "2592000"]]
            case 1: [["MULTI"], ["LPUSH", key, row], ["LTRIM", key, "0", "9"], ["EXEC"]]
            default:
                [
                    [
                        "EVAL", "redis.call('LPUSH', KEYS[1], ARGV[1]) redis.call('LTRIM', KEYS[1], 0, 9)", "1", key,
                        row,
                    ]
                ]
            }
        for command in commands { try connection.command(command) }
    }

    /// Kills the connection that tracks, or all other ones of the service.
    private func disturb(_ number: Int) throws {
        for line in try server.command("CLIENT", "LIST").split(separator: "\n") {
            let isTracker = line.contains("name=hookline-cache")
            let isService = line.contains("cmd=lrange")
            guard number % 100 == 0 ? isService : isTracker, let id = line.firstMatch(of: /id=([0-9]+)/) else {
                continue
            }
            try server.command("CLIENT", "KILL", "ID", String(id.1))
        }
    }

    private func read(_ reader: Int) throws {
        let service = try service(TimedTracking(tracker))
        var random = SeededGenerator(seed: UInt64(reader))
        while progress.withLock({ $0.writing > 0 && $0.problems.isEmpty }) {
            let known = progress.withLock { $0.acknowledged }
            read(Int.random(in: 0..<6, using: &random), from: service, atLeast: known)
        }
    }

    /// Sends one request; the rows of each writer in the response must not be older than `known`.
    private func read(_ only: Int, from service: Service, atLeast known: [Int]) {
        let response = service.respond(to: request(only))
        progress.withLock { progress in
            progress.reads += 1
            for writer in known.indices where only >= known.count || only == writer {
                let seen = Self.newest(of: writer, in: response.text)
                guard response.status == 200, seen >= known[writer] else {
                    progress.problems.append(
                        "writer \(writer): \(seen) after \(known[writer]), \(response.status) \(response.failure ?? "")"
                    )
                    continue
                }
            }
        }
    }

    /// One writer's rows, or all of them at one route or the other.
    private func request(_ only: Int) -> Request {
        switch only {
        case Self.events.indices: Request(reading: "pub-app/webhook-requests/", "eventType=\(Self.events[only])")
        case 5: Request(reading: "pub-app/webhook-requests/")
        default: Request(reading: "pub-app/requests/")
        }
    }

    private static func newest(of writer: Int, in text: String) -> Int {
        text.split(separator: "https://w\(writer).test/").dropFirst().compactMap { rest in
            Int(rest.prefix { $0.isNumber })
        }.max() ?? 0
    }

    /// - Parameter tracking: nil = no response cache.
    private func service(_ tracking: TimedTracking?) throws -> Service {
        let fixture = HandlersFixture()
        var dependencies = fixture.dependencies(directory: fixture.cachedDirectory())
        dependencies.requestLog = WebhookRequestBuffer(
            connection: RedisConnection(
                endpoint: try RedisEndpoint(parsing: server.url), connectTimeout: .seconds(10),
                commandTimeout: .seconds(10)))
        dependencies.responseCache = tracking.map { [directory = dependencies.directory] in
            ResponseCache(store: store, tracking: $0, directory: directory)
        }
        return Service(dependencies: dependencies)
    }

    private func compareAtRest() throws {
        let (caching, plain) = (try service(TimedTracking(tracker)), try service(nil))
        for only in 0..<6 {
            for _ in 0..<2 { #expect(caching.respond(to: request(only)).wire == plain.respond(to: request(only)).wire) }
        }
    }
}
