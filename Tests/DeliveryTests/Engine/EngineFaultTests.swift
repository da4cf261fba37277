import Buffer
import Delivery
import Directory
import Model
import Queue
import System
import TestSupport
import Testing
import WireJSON

/// What fails around the worker costs no event.
@Suite
struct EngineFaultTests {
    private static func durableServer(_ directory: TemporaryDirectory? = nil) throws -> RedisServer {
        try RedisServer(directory: directory, extraArguments: ["--appendonly", "yes", "--appendfsync", "always"])
    }

    private func crash(_ server: RedisServer) throws {
        server.process.send(signal: 9)
        _ = try server.process.waitForExit()
    }

    private func sentIDs(_ bench: EngineBench) -> Set<String> {
        Set(bench.receiver.received.compactMap { $0.header("Request-ID") })
    }

    @Test func redisMayStopAndStartInTheMiddle() throws {
        var server = try Self.durableServer()
        let bench = try EngineBench(server: server)
        for app in 1...4 as ClosedRange<Int64> { bench.addApp(app) }
        let worker = try bench.worker { $0.visibilityTimeout = .seconds(1) }
        var ids = Set<String>()
        for number in 0..<200 { ids.insert(try bench.enqueue(app: Int64(number % 4 + 1))) }

        try waitUntil("some are sent") { bench.receiver.received.count >= 20 }
        try crash(server)
        try waitUntil("the worker notices") { bench.log.count("delivery is held up") == 1 }
        server = try Self.durableServer(server.directory)

        try bench.waitUntilEmpty(seconds: 30)
        #expect(sentIDs(bench) == ids)
        let rows = try (1...4).flatMap { try bench.column("request_id", app: $0) }
        #expect(Set(rows) == ids)
        try waitUntil("the worker says so") { bench.log.count("delivery goes on") == 1 }
        #expect(bench.log.count("delivery is held up") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func redisMayComeBackEmpty() throws {
        var server = try RedisServer()
        let bench = try EngineBench(server: server)
        bench.addApp(1)
        let worker = try bench.worker()
        try bench.enqueue(app: 1)
        try bench.waitUntilEmpty()

        try crash(server)
        server = try RedisServer(directory: server.directory)
        var id = ""
        try waitUntil("the bench's own connection works again") {
            do { id = try bench.enqueue(app: 1) } catch { return false }
            return true
        }

        try waitUntil("the event of after is sent", seconds: 20) { sentIDs(bench).contains(id) }
        try bench.waitUntilEmpty()
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func attemptsThatCannotBeRecordedAreRecordedLater() throws {
        var server = try Self.durableServer()
        let bench = try EngineBench(server: server)
        bench.addApp(1, "/hold")
        let worker = try bench.worker()
        let id = try bench.enqueue(app: 1)
        try waitUntil("it is under way") { bench.receiver.received.count == 1 }

        try crash(server)
        bench.receiver.release()
        try waitUntil("recording fails") { bench.log.count("delivery is held up") == 1 }
        server = try Self.durableServer(server.directory)

        try bench.waitUntilEmpty()
        #expect(try bench.column("request_id", app: 1) == [id])
        #expect(bench.receiver.received.count == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRowThatCanNeverBeWrittenHoldsUpNothing() throws {
        let bench = try EngineBench()
        bench.addApp(1)
        bench.addApp(2)
        try bench.server.command("SET", "sentry-app-webhook-request:{1}:issue.created", "no list")
        let worker = try bench.worker()

        try bench.enqueue(app: 1)
        try bench.enqueue(app: 2)

        try bench.waitUntilEmpty()
        #expect(try bench.column("response_code", app: 2) == ["200"])
        #expect(bench.log.count("attempt cannot be recorded") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func twoWorkersShareTheQueueAndEachEventIsSentOnce() throws {
        let bench = try EngineBench()
        for app in 1...10 as ClosedRange<Int64> { bench.addApp(app) }
        var ids: [String] = []
        for number in 0..<500 { ids.append(try bench.enqueue(app: Int64(number % 10 + 1))) }

        let workers = [
            try bench.worker("one") { $0.receiveBatch = 16 }, try bench.worker("two") { $0.receiveBatch = 16 },
        ]

        try bench.waitUntilEmpty()
        #expect(bench.receiver.received.compactMap { $0.header("Request-ID") }.sorted() == ids.sorted())
        for worker in workers {
            #expect(worker.stop(within: .seconds(5)).unsettled == 0)
            #expect(worker.counts.settled > 0)
        }
        #expect(workers.map(\.counts.settled).reduce(0, +) == 500)
    }

    @Test func whatAWorkerLeftBehindIsTakenOver() throws {
        let bench = try EngineBench()
        bench.addApp(1)
        for _ in 0..<5 { try bench.enqueue(app: 1) }
        #expect(try bench.queue.receive(consumer: "vanished", count: 5).count == 5)

        let worker = try bench.worker { $0.visibilityTimeout = .milliseconds(300) }

        try bench.waitUntilEmpty()
        #expect(sentIDs(bench).count == 5)
        #expect(bench.receiver.received.count == 5)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func anAttemptThatTakesLongerThanTheVisibilityTimeOutIsMadeOnce() throws {
        let bench = try EngineBench()
        bench.addApp(1, "/hold")
        let short = { (settings: inout DeliveryWorkerSettings) in settings.visibilityTimeout = .milliseconds(600) }
        let workers = [try bench.worker("one", short), try bench.worker("two", short)]
        try bench.enqueue(app: 1)
        try waitUntil("it is under way") { bench.receiver.received.count == 1 }

        try waitUntil("it is under way for three times as long") {
            try bench.queue.statistics().oldestAgeMicroseconds(at: .now()) > 2_000_000
        }
        #expect(bench.receiver.received.count == 1)
        bench.receiver.release()
        try bench.waitUntilEmpty()
        #expect(bench.receiver.received.count == 1)
        #expect(try bench.rows(app: 1).count == 1)
        #expect(bench.log.count("delivery was taken over by another worker") == 0)
        for worker in workers { #expect(worker.stop(within: .seconds(5)).unsettled == 0) }
    }

    @Test func anEntryThatIsHandedOutAgainAndAgainIsBuried() throws {
        let bench = try EngineBench()
        bench.addApp(1)
        let id = try bench.enqueue(app: 1)
        _ = try bench.queue.receive(consumer: "crashed", count: 1)
        for _ in 0..<3 { _ = try bench.queue.claim(consumer: "crashed", idleLongerThan: .zero, count: 1) }

        let worker = try bench.worker {
            $0.visibilityTimeout = .milliseconds(200)
            $0.maximumDeliveries = 4
        }

        try bench.waitUntilEmpty()
        #expect(bench.receiver.received.isEmpty)
        #expect(try bench.queue.deadLetter(id: id)?.reason == "handed out 5 times without being settled")
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aDirectoryThatIsAwayCostsNoAttemptAndIsLoggedOnce() throws {
        let bench = try EngineBench()
        bench.addApp(1)
        bench.directory.failure = .unavailable(location: "sqlite:x", reason: "locked")
        let worker = try bench.worker()
        let ids = Set(try (0..<10).map { _ in try bench.enqueue(app: 1) })
        try waitUntil("several rounds have failed", seconds: 20) { worker.counts.settled >= 20 }

        bench.directory.failure = nil

        try bench.waitUntilEmpty(seconds: 30)
        #expect(sentIDs(bench) == ids)
        #expect(Set(try bench.column("attempt", app: 1)) == ["1"])
        #expect(bench.log.count("delivery is held up") == 1)
        #expect(bench.log.count("delivery goes on") == 1)
        #expect(bench.metrics["processed issue.created"] == 10)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func disablingsAreCompletedAtTheStartAndThenNowAndThen() throws {
        let bench = try EngineBench()
        let worker = try bench.worker { $0.disablingInterval = .milliseconds(50) }

        try waitUntil("it was asked several times") { bench.observed.state.withLock { $0.completions } >= 3 }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
