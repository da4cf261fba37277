import Buffer
import Directory
import Glibc
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import Delivery

/// What fails around the worker costs no event.
@Suite
struct WorkerFaultTests {
    private static func durableServer(_ directory: TemporaryDirectory? = nil) throws -> RedisServer {
        try RedisServer(directory: directory, extraArguments: ["--appendonly", "yes", "--appendfsync", "always"])
    }

    private func crash(_ server: RedisServer) throws {
        server.process.send(signal: 9)
        _ = try server.process.waitForExit()
    }

    private func sentIDs(_ fixture: WorkerFixture) -> Set<String> {
        Set(fixture.receiver.received.compactMap { $0.header("Request-ID") })
    }

    @Test func entriesOfALostReplyAreTakenBackWithoutWaitingForTheVisibilityTimeout() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        let ids = try (0..<3).map { _ in try fixture.enqueue(app: 1) }
        // Redis has delivered them to the worker, which never got the reply.
        let stream = "hookline:{queue:events:0}:stream"
        try fixture.server.command("XGROUP", "CREATE", stream, "workers", "0")
        try fixture.server.command("XREADGROUP", "GROUP", "workers", "one", "STREAMS", stream, ">")
        let worker = try fixture.worker { $0.visibilityTimeout = .seconds(3600) }

        try waitUntil("they are delivered after the loss of the connection") {
            try fixture.server.command("CLIENT", "KILL", "TYPE", "normal")
            return Set(ids).isSubset(of: sentIDs(fixture))
        }

        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.count == 3)
        #expect(try fixture.column("request_id", app: 1).count == 3)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func theLossOfTheQueueIsReportedOnce() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        let worker = try fixture.worker()
        try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()
        let message = "Redis has lost the queue: accepted events that were not delivered are gone"
        #expect(fixture.log.count(message) == 0)

        try fixture.server.command("FLUSHALL")

        try waitUntil("it is reported") { fixture.log.count(message) > 0 }
        try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()
        #expect(fixture.log.count(message) == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func redisMayStopAndStartInTheMiddle() throws {
        var server = try Self.durableServer()
        let fixture = try WorkerFixture(server: server)
        for app in 1...4 as ClosedRange<Int64> { fixture.addApp(app) }
        let worker = try fixture.worker { $0.visibilityTimeout = .seconds(1) }
        var ids = Set<String>()
        for number in 0..<200 { ids.insert(try fixture.enqueue(app: Int64(number % 4 + 1))) }

        try waitUntil("some are sent") { fixture.receiver.received.count >= 20 }
        try crash(server)
        try waitUntil("the worker notices") { fixture.log.count("delivery interrupted") == 1 }
        server = try Self.durableServer(server.directory)

        try fixture.waitUntilEmpty(seconds: 30)
        #expect(sentIDs(fixture) == ids)
        let rows = try (1...4).flatMap { try fixture.column("request_id", app: $0) }
        #expect(Set(rows) == ids)
        try waitUntil("the worker says so") { fixture.log.count("delivery resumed") == 1 }
        #expect(fixture.log.count("delivery interrupted") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func redisMayComeBackEmpty() throws {
        var server = try RedisServer()
        let fixture = try WorkerFixture(server: server)
        fixture.addApp(1)
        let worker = try fixture.worker()
        try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()

        try crash(server)
        server = try RedisServer(directory: server.directory)
        var id = ""
        try waitUntil("the fixture's own connection works again") {
            do { id = try fixture.enqueue(app: 1) } catch { return false }
            return true
        }

        try waitUntil("the event of after is sent", seconds: 20) { sentIDs(fixture).contains(id) }
        try fixture.waitUntilEmpty()
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func attemptsThatCannotBeRecordedAreRecordedLater() throws {
        var server = try Self.durableServer()
        let fixture = try WorkerFixture(server: server)
        fixture.addApp(1, "/hold")
        let worker = try fixture.worker()
        let id = try fixture.enqueue(app: 1)
        try waitUntil("it is running") { fixture.receiver.received.count == 1 }

        try crash(server)
        fixture.receiver.release()
        try waitUntil("recording fails") { fixture.log.count("delivery interrupted") == 1 }
        server = try Self.durableServer(server.directory)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("request_id", app: 1) == [id])
        #expect(fixture.receiver.received.count == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func anAttemptThatAPausedRedisRecordsLateHasOneRow() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        fixture.addApp(2)
        let worker = try fixture.worker(commandTimeout: .milliseconds(500))
        try fixture.enqueue(app: 2)
        try fixture.waitUntilEmpty()
        let id = try fixture.enqueue(app: 1)
        try waitUntil("it is running") { fixture.receiver.received.count == 2 }

        fixture.server.process.send(signal: SIGSTOP)
        fixture.receiver.release()
        defer { fixture.server.process.send(signal: SIGCONT) }
        try waitUntil("recording is given up") { worker.pauseReason != nil }
        fixture.server.process.send(signal: SIGCONT)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("request_id", app: 1) == [id])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRowThatCannotBeWrittenBlocksNothing() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        fixture.addApp(2)
        try fixture.server.command("SET", "sentry-app-webhook-request:{1}:issue.created", "no list")
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)
        try fixture.enqueue(app: 2)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("response_code", app: 2) == ["200"])
        #expect(fixture.log.count("attempt cannot be recorded") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func twoWorkersShareTheQueueAndEachEventIsSentOnce() throws {
        let fixture = try WorkerFixture()
        for app in 1...10 as ClosedRange<Int64> { fixture.addApp(app) }
        var ids: [String] = []
        for number in 0..<500 { ids.append(try fixture.enqueue(app: Int64(number % 10 + 1))) }

        let workers = [
            try fixture.worker("one") { $0.receiveBatch = 16 }, try fixture.worker("two") { $0.receiveBatch = 16 },
        ]

        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.compactMap { $0.header("Request-ID") }.sorted() == ids.sorted())
        for worker in workers {
            #expect(worker.stop(within: .seconds(5)).unsettled == 0)
            #expect(worker.counts.settled > 0)
        }
        // Entries that were put back, because the receiver was slow, are settled more than once.
        #expect(workers.map(\.counts.attempted).reduce(0, +) == 500)
    }

    @Test func whatAWorkerLeftBehindIsTakenOver() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        for _ in 0..<5 { try fixture.enqueue(app: 1) }
        #expect(try fixture.queue.receive(consumer: "vanished", count: 5).count == 5)

        let worker = try fixture.worker { $0.visibilityTimeout = .milliseconds(300) }

        try fixture.waitUntilEmpty()
        #expect(sentIDs(fixture).count == 5)
        #expect(fixture.receiver.received.count == 5)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func anAttemptThatTakesLongerThanTheVisibilityTimeOutIsMadeOnce() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        let short = { (settings: inout DeliveryWorkerSettings) in settings.visibilityTimeout = .milliseconds(600) }
        let workers = [try fixture.worker("one", short), try fixture.worker("two", short)]
        try fixture.enqueue(app: 1)
        try waitUntil("it is running") { fixture.receiver.received.count == 1 }

        try waitUntil("it is running for three times as long") {
            try fixture.queue.statistics().oldestAgeMicroseconds(at: .now()) > 2_000_000
        }
        #expect(fixture.receiver.received.count == 1)
        fixture.receiver.release()
        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.count == 1)
        #expect(try fixture.rows(app: 1).count == 1)
        #expect(fixture.log.count(DeliveryReport.lostMessage) == 0)
        for worker in workers { #expect(worker.stop(within: .seconds(5)).unsettled == 0) }
    }

    @Test func anEntryThatIsDeliveredAgainAndAgainBecomesADeadLetter() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        let id = try fixture.enqueue(app: 1)
        _ = try fixture.queue.receive(consumer: "crashed", count: 1)
        for _ in 0..<3 { _ = try fixture.queue.claim(consumer: "crashed", idleLongerThan: .zero, count: 1) }

        let worker = try fixture.worker {
            $0.visibilityTimeout = .milliseconds(200)
            $0.queue.sharedHandOuts = 2
            $0.queue.aloneHandOuts = 2
        }

        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.isEmpty)
        #expect(try fixture.queue.deadLetter(id: id)?.reason == "poison: received by workers 4 times and never settled")
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aWorkerThatTakesASuspectReceivesNothingElseUntilItIsSettled() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold")
        fixture.addApp(2)
        try fixture.enqueue(app: 1)
        _ = try fixture.queue.receive(consumer: "crashed", count: 1)
        for _ in 0..<3 { _ = try fixture.queue.claim(consumer: "crashed", idleLongerThan: .zero, count: 1) }

        let worker = try fixture.worker { $0.visibilityTimeout = .milliseconds(400) }
        try waitUntil("the suspect is sent") { fixture.receiver.received.count == 1 }
        try fixture.enqueue(app: 2)
        let heartbeat = worker.heartbeat
        try waitUntil("the worker has gone on") { worker.heartbeat > heartbeat + 3 }
        let whileHeld = try fixture.queue.statistics()
        fixture.receiver.release()

        try fixture.waitUntilEmpty()
        #expect([whileHeld.waiting, whileHeld.pending] == [1, 1])
        #expect(fixture.receiver.received.count == 2)
        #expect(fixture.log.count("entry processed in isolation: workers ended while they processed it") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func othersAreDeliveredBetweenTwoSuspects() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/hold", timeoutMilliseconds: 1000)
        fixture.addApp(2)
        for _ in 0..<2 { try fixture.enqueue(app: 1) }
        _ = try fixture.queue.receive(consumer: "crashed", count: 2)
        for _ in 0..<3 { _ = try fixture.queue.claim(consumer: "crashed", idleLongerThan: .zero, count: 2) }
        let message = "entry processed in isolation: workers ended while they processed it"

        let worker = try fixture.worker {
            $0.visibilityTimeout = .milliseconds(400)
            $0.policy.retry = RetryPolicy(delays: [], jitterPercent: 0)
        }
        try waitUntil("the first suspect is sent") { fixture.receiver.received.count == 1 }
        let other = try fixture.enqueue(app: 2)
        try waitUntil("the other is sent") { sentIDs(fixture).contains(other) }

        #expect(fixture.log.count(message) == 1)
        try fixture.waitUntilEmpty()
        #expect(fixture.log.count(message) == 2)
        #expect(fixture.receiver.received.count == 3)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aDirectoryThatIsAwayCostsNoAttemptAndIsLoggedOnce() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        fixture.directory.failure = .unavailable(location: "sqlite:x", reason: "locked")
        let worker = try fixture.worker()
        let ids = Set(try (0..<10).map { _ in try fixture.enqueue(app: 1) })
        try waitUntil("several rounds have failed", seconds: 20) { worker.counts.settled >= 20 }

        fixture.directory.failure = nil

        try fixture.waitUntilEmpty(seconds: 30)
        #expect(sentIDs(fixture) == ids)
        #expect(Set(try fixture.column("attempt", app: 1)) == ["1"])
        #expect(fixture.log.count("delivery interrupted") == 1)
        #expect(fixture.log.count("delivery resumed") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
        #expect(fixture.metrics["processed issue.created"] == 10)
    }

    @Test func anEntryOfAnAppThatIsGoneStaysUntilThatIsNoted() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/status/410")
        fixture.observed.state.withLock { $0.goneFailure = .refused(key: "k", message: "OOM full") }
        let worker = try fixture.worker()
        try fixture.enqueue(app: 1)

        try waitUntil("it is tried") { worker.pauseReason?.contains("OOM full") == true }
        let pending = try fixture.queue.statistics().pending
        fixture.observed.state.withLock { $0.goneFailure = nil }
        try fixture.waitUntilEmpty()

        #expect(pending == 1)
        #expect(fixture.observed.state.withLock { $0.gone.map(\.entry.appID) } == [1])
        #expect(try fixture.column("response_code", app: 1) == ["410"])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aKeyOfTheWrongTypeKeepsNoEntry() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1, "/status/410")
        try fixture.server.command("SET", "hookline:apps-to-disable", "text")
        let worker = try fixture.worker(isDisabling: true)

        try fixture.enqueue(app: 1)
        try fixture.waitUntilEmpty()

        #expect(fixture.log.count("apps to be disabled cannot be stored") == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func pendingNoticesAreCompletedAtTheStartAndPeriodically() throws {
        let fixture = try WorkerFixture()
        let worker = try fixture.worker { $0.noticeInterval = .milliseconds(50) }

        try waitUntil("it was asked several times") { fixture.observed.state.withLock { $0.completions } >= 3 }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
