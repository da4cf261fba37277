import Buffer
import Delivery
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WireJSON

/// An event goes out, is recorded, and is settled.
@Suite
struct EngineFlowTests {
    private let bench: EngineBench

    init() throws {
        bench = try EngineBench()
    }

    @Test func aSubscribedEventIsSentRecordedAndSettled() throws {
        bench.addApp(7)
        let worker = try bench.worker()
        let id = try bench.enqueue(app: 7)

        try bench.waitUntilEmpty()

        let received = try #require(bench.receiver.received.first)
        #expect(bench.receiver.received.count == 1)
        #expect(received.header("Request-ID") == id)
        #expect(received.header("Sentry-Hook-Resource") == "issue")
        let body = try JSONValue(parsing: received.body)
        #expect(body["action"]?.string == "created")
        #expect(body["installation"]?["uuid"]?.string == "install-7")
        #expect(try bench.column("response_code", app: 7) == ["200"])
        #expect(try bench.column("request_id", app: 7) == [id])
        #expect(try bench.column("attempt", app: 7) == ["1"])
        #expect(try bench.rows(app: 7, errorsOnly: true).isEmpty)
        try waitUntil("the worker has settled it") { worker.counts.settled == 1 }
        #expect(worker.counts.received == 1)
        #expect(worker.counts.attempted == 1)
        #expect(worker.inFlight == 0)
        #expect(bench.metrics["response 200 app-7 issue.created"] == 1)
        #expect(bench.metrics["processed issue.created"] == 1)
        #expect(bench.metrics["duration"] == 1)
        #expect(bench.metrics["delay"] == 1)
        #expect(bench.observed.state.withLock { $0.attempts.map(\.entry.id) } == [id])
    }

    @Test func oneInstallationsFailureDoesNotStopTheOther() throws {
        bench.addApp(1, "/status/404")
        bench.addApp(2, "/status/200")
        let worker = try bench.worker()

        try bench.enqueue(app: 1)
        try bench.enqueue(app: 2)

        try bench.waitUntilEmpty()
        #expect(bench.receiver.received("/status/404").count == 1)
        #expect(bench.receiver.received("/status/200").count == 1)
        #expect(try bench.column("response_code", app: 1) == ["404"])
        #expect(try bench.column("response_code", app: 2) == ["200"])
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aClientErrorOfAPublishedAppIsRecordedWithItsBodyAndNotRepeated() throws {
        bench.addApp(1, "/status/400")
        let worker = try bench.worker()

        try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        let row = try #require(try bench.rows(app: 1, errorsOnly: true).first)
        #expect(row["response_body"]?.string == "status 400")
        #expect(row["organization_id"]?.integer == 1)
        #expect(try bench.column("attempt", app: 1) == ["1"])
        #expect(try bench.queue.statistics().dead == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aTimeOutHasCodeZeroAndItsReason() throws {
        bench.addApp(1, "/hang", status: .unpublished, timeoutMilliseconds: 100)
        let worker = try bench.worker()

        try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        #expect(try bench.column("response_code", app: 1) == ["0"])
        #expect(try bench.column("reason", app: 1) == ["timeout"])
        #expect(try bench.rows(app: 1, errorsOnly: true).count == 1)
        #expect(bench.metrics["response timeout unpublished issue.created"] == 1)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func theErrorsIdsOfTheAnswersHeadersAreTexts() throws {
        bench.addApp(1, "/error-ids", status: .internal)
        let worker = try bench.worker()

        try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        let row = try #require(try bench.rows(app: 1).first)
        #expect(row["project_id"]?.string == "7")
        #expect(row["error_id"]?.string == String(repeating: "e", count: 32))
        #expect(row["organization_id"] == nil)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test(arguments: ["/status/500", "/status/503", "/status/504", "/hang", "/reset", "/garbage"])
    func aFailureOfAPublishedAppIsRepeatedByTheTableAndThenKeptAmongTheDead(_ path: String) throws {
        bench.addApp(1, path, timeoutMilliseconds: 100)
        let worker = try bench.worker()

        let id = try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        #expect(try bench.column("attempt", app: 1) == ["4", "3", "2", "1"])
        #expect(try bench.column("request_id", app: 1) == [id, id, id, id])
        let letter = try #require(try bench.queue.deadLetter(id: id))
        #expect(letter.entry.attempt == 4)
        #expect(letter.reason.hasPrefix("attempt 4 of 4 failed"))
        #expect(bench.metrics["retry"] == 3)
        #expect(bench.metrics["dead"] == 1)
        #expect(bench.metrics["processed issue.created"] == 1)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test(arguments: [SentryApp.Status.unpublished, .internal])
    func aFailureOfAnUnpublishedAppEndsQuietly(_ status: SentryApp.Status) throws {
        bench.addApp(1, "/status/503", status: status)
        let worker = try bench.worker()

        try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        #expect(try bench.column("response_code", app: 1) == ["503"])
        #expect(try bench.queue.statistics().dead == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aRepetitionComesWhenItIsDueByTheClock() throws {
        bench.addApp(1, "/status/500")
        let time = ManualClock()
        let worker = try bench.worker(clock: time.clock) {
            $0.retry = RetryPolicy(jitterPercent: 0)
            $0.disablingInterval = .milliseconds(50)
        }
        try bench.enqueue(app: 1, at: time.now)
        try waitUntil("the first attempt is settled") { worker.counts.settled == 1 }
        let due = try bench.queue.statistics().nextDueAt

        time.advance(seconds: 299)
        // The housekeeper looks, and nothing is due.
        let rounds = bench.observed.state.withLock { $0.completions }
        try waitUntil("the housekeeper has come by twice") {
            bench.observed.state.withLock { $0.completions } >= rounds + 2
        }
        let early = bench.receiver.received.count
        time.advance(seconds: 1)

        try waitUntil("the second attempt is made") { bench.receiver.received.count == 2 }
        #expect(early == 1)
        #expect(due == Timestamp(seconds: 1_700_000_300))
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func whatNobodySubscribesToIsNotSent() throws {
        bench.addApp(1, hookEvents: nil)
        bench.addApp(2, events: ["error"])
        bench.addApp(3, hookEvents: ["issue.resolved"])
        bench.addApp(4)
        let worker = try bench.worker()

        for app in 1...5 as ClosedRange<Int64> { try bench.enqueue(app: app) }

        try bench.waitUntilEmpty()
        #expect(bench.receiver.received.count == 1)
        #expect(try bench.column("response_code", app: 4) == ["200"])
        for app in [1, 2, 3, 5] as [Int64] { #expect(try bench.rows(app: app).isEmpty) }
        #expect(bench.metrics["processed issue.created"] == 5)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func anEntryThatCannotBeReadIsKeptAmongTheDead() throws {
        let worker = try bench.worker()
        let entry = QueueEntry(
            id: String(repeating: "a", count: 32), appID: 1, event: "issue.created", enqueuedAt: .now(),
            payload: Array("no JSON".utf8))

        _ = try bench.queue.enqueue(entry)

        try waitUntil("it is buried") { try bench.queue.statistics().dead == 1 }
        #expect(try bench.queue.statistics().depth == 0)
        #expect(bench.metrics["processed issue.created"] == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func whatIsSentAgainNamesTheOriginalInItsRow() throws {
        bench.addApp(1)
        let worker = try bench.worker()
        let original = String(repeating: "b", count: 32)

        try bench.enqueue(app: 1, originalID: original)

        try bench.waitUntilEmpty()
        #expect(try bench.column("original_id", app: 1) == [original])
        #expect(bench.receiver.received.first?.header("Hookline-Original-ID") == original)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func payloadsAreKeptForSendingAgainWithWhatBecameOfThem() throws {
        bench.addApp(1)
        bench.addApp(2, "/status/500", status: .internal)
        let worker = try bench.worker { $0.archive = ArchiveLimits() }
        let good = try bench.enqueue(app: 1)
        let bad = try bench.enqueue(app: 2)

        try bench.waitUntilEmpty()

        let archive = PayloadArchive(connection: try bench.server.engineConnection())
        let kept = try #require(try archive.event(id: good, appID: 1))
        #expect(QueuedEvent(bytes: kept.payload)?.installationUUID == "install-1")
        for (app, ids) in [1: [], 2: [bad]] as [Int64: [String]] {
            let page = try archive.events(ArchiveQuery(appID: app, errorsOnly: true), now: .now())
            #expect(page.events.map(\.id) == ids)
        }
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func anObserverThatFailsHoldsUpNothing() throws {
        bench.addApp(1)
        bench.observed.state.withLock { $0.failure = .refused(key: nil, message: "OOM") }
        let worker = try bench.worker()

        try bench.enqueue(app: 1)

        try bench.waitUntilEmpty()
        #expect(try bench.column("response_code", app: 1) == ["200"])
        #expect(bench.log.count("attempts were not counted for the apps' health") == 1)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }
}
