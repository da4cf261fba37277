import Buffer
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WebhookRules
import WireJSON

@testable import Delivery

/// An event is sent, recorded, and settled.
@Suite
struct WorkerFlowTests {
    private let fixture: WorkerFixture

    init() throws {
        fixture = try WorkerFixture()
    }

    @Test func aSubscribedEventIsSentRecordedAndSettled() throws {
        fixture.addApp(7)
        let worker = try fixture.worker()
        let id = try fixture.enqueue(app: 7)

        try fixture.waitUntilEmpty()

        let received = try #require(fixture.receiver.received.first)
        #expect(fixture.receiver.received.count == 1)
        #expect(received.header("Request-ID") == id)
        #expect(received.header("Sentry-Hook-Resource") == "issue")
        let body = try JSONValue(parsing: received.body)
        #expect(body["action"]?.string == "created")
        #expect(body["installation"]?["uuid"]?.string == "install-7")
        #expect(try fixture.column("response_code", app: 7) == ["200"])
        #expect(try fixture.column("request_id", app: 7) == [id])
        #expect(try fixture.column("attempt", app: 7) == ["1"])
        #expect(try fixture.rows(app: 7, errorsOnly: true).isEmpty)
        try waitUntil("the worker has settled it") { worker.counts.settled == 1 }
        #expect(worker.counts.received == 1)
        #expect(worker.counts.attempted == 1)
        #expect(worker.inFlight == 0)
        #expect(fixture.metrics["response 200 app-7 issue.created"] == 1)
        #expect(fixture.metrics["processed issue.created"] == 1)
        #expect(fixture.metrics["duration"] == 1)
        #expect(fixture.metrics["delay"] == 1)
        #expect(fixture.observed.state.withLock { $0.attempts.map(\.entry.id) } == [id])
    }

    @Test func aDeliveryWhoseLeaseWasLostIsNotCountedAsProcessed() throws {
        fixture.addApp(1, "/hold")
        let worker = try fixture.worker()
        try fixture.enqueue(app: 1)
        try waitUntil("it is being sent") { fixture.receiver.received.count == 1 }
        let claimed = try #require(
            try fixture.queue.claim(consumer: "other", idleLongerThan: .zero, count: 1).first)

        fixture.receiver.release()

        try waitUntil("the lost lease is noticed") {
            fixture.log.count(DeliveryReport.lostMessage) == 1
        }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
        #expect(fixture.metrics.names == ["response 200 app-1 issue.created", "duration"])
        #expect(worker.counts.attempted == 1)
        #expect(worker.counts.settled == 0)
        #expect(try fixture.queue.acknowledge(claimed) == .settled)
    }

    @Test func oneInstallationsFailureDoesNotStopTheOther() throws {
        fixture.addApp(1, "/status/404")
        fixture.addApp(2, "/status/200")
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)
        try fixture.enqueue(app: 2)

        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received("/status/404").count == 1)
        #expect(fixture.receiver.received("/status/200").count == 1)
        #expect(try fixture.column("response_code", app: 1) == ["404"])
        #expect(try fixture.column("response_code", app: 2) == ["200"])
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aClientErrorOfAPublishedAppIsRecordedWithItsBodyAndNotRepeated() throws {
        fixture.addApp(1, "/status/400")
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        let row = try #require(try fixture.rows(app: 1, errorsOnly: true).first)
        #expect(row["response_body"]?.string == "status 400")
        #expect(row["organization_id"]?.integer == 1)
        #expect(try fixture.column("attempt", app: 1) == ["1"])
        #expect(try fixture.queue.statistics().dead == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aTimeOutHasCodeZeroAndItsReason() throws {
        fixture.addApp(1, "/hang", status: .unpublished, timeoutMilliseconds: 100)
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("response_code", app: 1) == ["0"])
        #expect(try fixture.column("reason", app: 1) == ["timeout"])
        #expect(try fixture.rows(app: 1, errorsOnly: true).count == 1)
        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(fixture.metrics["response timeout unpublished issue.created"] == 1)
    }

    @Test func theErrorIdsOfTheResponseHeadersAreStrings() throws {
        fixture.addApp(1, "/error-ids", status: .internal)
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        let row = try #require(try fixture.rows(app: 1).first)
        #expect(row["project_id"]?.string == "7")
        #expect(row["error_id"]?.string == String(repeating: "e", count: 32))
        #expect(row["organization_id"] == nil)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test(arguments: ["/status/500", "/status/503", "/status/504", "/hang", "/reset", "/garbage"])
    func aFailureOfAPublishedAppIsRetriedAndThenBecomesADeadLetter(_ path: String) throws {
        fixture.addApp(1, path, timeoutMilliseconds: 100)
        let worker = try fixture.worker()

        let id = try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("attempt", app: 1) == ["4", "3", "2", "1"])
        #expect(try fixture.column("request_id", app: 1) == [id, id, id, id])
        let letter = try #require(try fixture.queue.deadLetter(id: id))
        #expect(letter.entry.attempt == 4)
        #expect(letter.reason.hasPrefix("attempt 4 of 4 failed"))
        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(fixture.metrics["retry"] == 3)
        #expect(fixture.metrics["dead"] == 1)
        #expect(fixture.metrics["processed issue.created"] == 1)
    }

    @Test(arguments: [SentryApp.Status.unpublished, .internal])
    func aFailureOfAnUnpublishedAppEndsQuietly(_ status: SentryApp.Status) throws {
        fixture.addApp(1, "/status/503", status: status)
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("response_code", app: 1) == ["503"])
        #expect(try fixture.queue.statistics().dead == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func aRepetitionIsNotEarlyForAWorkerWhoseClockIsAhead() throws {
        fixture.addApp(1, "/status/500")
        let first = try fixture.worker("right") {
            $0.policy.retry = RetryPolicy(delays: [.seconds(3000)], jitterPercent: 0)
        }
        try fixture.enqueue(app: 1)
        try waitUntil("the first attempt is settled") { first.counts.settled == 1 }
        #expect(first.stop(within: .seconds(5)).unsettled == 0)

        let ahead = try fixture.worker("ahead", clock: WallClock { Timestamp.now().adding(seconds: 3600) }) {
            $0.noticeInterval = .milliseconds(50)
        }
        // The housekeeper looks, and nothing is due.
        let rounds = fixture.observed.state.withLock { $0.completions }
        try waitUntil("the housekeeper has come by twice") {
            fixture.observed.state.withLock { $0.completions } >= rounds + 2
        }

        #expect(fixture.receiver.received.count == 1)
        #expect(ahead.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test(arguments: [Int64(3600), -3600])
    func aRepetitionIsOnTimeAfterAWorkerWithAWrongClock(secondsAhead: Int64) throws {
        fixture.addApp(1, "/status/500")
        let wrong = try fixture.worker("wrong", clock: WallClock { Timestamp.now().adding(seconds: secondsAhead) }) {
            $0.policy.retry = RetryPolicy(delays: [.milliseconds(300)], jitterPercent: 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        try fixture.enqueue(app: 1)
        try waitUntil("the first attempt is settled") { wrong.counts.settled == 1 }
        #expect(wrong.stop(within: .seconds(5)).unsettled == 0)

        let right = try fixture.worker("right")

        try waitUntil("the second attempt is made") { fixture.receiver.received.count == 2 }
        #expect(clock.now - start >= .milliseconds(300), "not early either")
        #expect(right.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test(arguments: [Int64(3600), -3600])
    func aRepetitionIsOnTimeWhenTheClockSteps(seconds: Int64) throws {
        fixture.addApp(1, "/status/500")
        let time = ManualClock(.now())
        let worker = try fixture.worker(clock: time.clock) {
            $0.policy.retry = RetryPolicy(delays: [.milliseconds(300)], jitterPercent: 0)
        }
        let clock = ContinuousClock()
        let start = clock.now
        try fixture.enqueue(app: 1)
        try waitUntil("the first attempt is settled") { worker.counts.settled == 1 }

        time.advance(seconds: seconds)

        try waitUntil("the second attempt is made") { fixture.receiver.received.count == 2 }
        #expect(clock.now - start >= .milliseconds(300), "not early either")
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRetryOfAnAppThatIsDisabledMeanwhileIsADeadLetterAndIsSentWhenItIsEnabledAndRedriven() throws {
        fixture.addApp(1, "/status/500")
        let time = ManualClock()
        let worker = try fixture.worker(clock: time.clock) { $0.policy.retry = RetryPolicy(jitterPercent: 0) }
        let id = try fixture.enqueue(app: 1, at: time.now)
        try waitUntil("the first attempt is settled") { worker.counts.settled == 1 }
        let audit = AuditEntry.Draft(organizationID: 1, event: 131, actorLabel: "", date: time.now.adding(seconds: 1))
        #expect(try fixture.directory.disable(appID: 1, reason: "r", audit: audit, notifies: false))
        time.advance(seconds: 301)
        // Redis' clock cannot be moved.
        _ = try fixture.queue.promoteDue(leeway: .seconds(301))
        try waitUntil("the retry is a dead letter") { try fixture.queue.statistics().dead == 1 }
        let letter = try fixture.queue.deadLetter(id: id)
        let later = try fixture.enqueue(app: 1, at: time.now)
        try fixture.waitUntilEmpty()
        let isLaterDead = try fixture.queue.deadLetter(id: later) != nil
        let attemptsWhileDisabled = fixture.receiver.received.count

        #expect(try fixture.directory.enable(appID: 1, audit: audit))
        #expect(try fixture.queue.redriveAll(appID: 1, now: time.now).count == 1)

        try waitUntil("it is sent again") { fixture.receiver.received.count == 2 }
        #expect(letter?.reason == "app disabled")
        #expect(!isLaterDead)
        #expect(attemptsWhileDisabled == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func eventsWithoutSubscribersAreNotSent() throws {
        fixture.addApp(1, hookEvents: nil)
        fixture.addApp(2, events: ["error"])
        fixture.addApp(3, hookEvents: ["issue.resolved"])
        fixture.addApp(4)
        let worker = try fixture.worker()

        for app in 1...5 as ClosedRange<Int64> { try fixture.enqueue(app: app) }

        try fixture.waitUntilEmpty()
        #expect(fixture.receiver.received.count == 1)
        #expect(try fixture.column("response_code", app: 4) == ["200"])
        for app in [1, 2, 3, 5] as [Int64] { #expect(try fixture.rows(app: app).isEmpty) }
        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(fixture.metrics["processed issue.created"] == 5)
    }

    @Test func anUnreadableEntryBecomesADeadLetter() throws {
        let worker = try fixture.worker()
        let entry = QueueEntry(
            id: String(repeating: "a", count: 32), appID: 1, event: "issue.created", enqueuedAt: .now(),
            payload: Array("no JSON".utf8))

        _ = try fixture.queue.enqueue(entry)

        try waitUntil("it is a dead letter") { try fixture.queue.statistics().dead == 1 }
        #expect(try fixture.queue.statistics().depth == 0)
        #expect(worker.stop(within: .zero).unsettled == 0)
        #expect(fixture.metrics["processed issue.created"] == 0)
    }

    @Test func whatIsSentAgainNamesTheOriginalInItsRow() throws {
        fixture.addApp(1)
        let worker = try fixture.worker()
        let original = String(repeating: "b", count: 32)

        try fixture.enqueue(app: 1, originalID: original)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("original_id", app: 1) == [original])
        #expect(fixture.receiver.received.first?.header("Hookline-Original-ID") == original)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func payloadsAreStoredForRedeliveryWithTheirOutcome() throws {
        fixture.addApp(1)
        fixture.addApp(2, "/status/500", status: .internal)
        let worker = try fixture.worker { $0.archive = ArchiveLimits() }
        let good = try fixture.enqueue(app: 1)
        let bad = try fixture.enqueue(app: 2)

        try fixture.waitUntilEmpty()

        let archive = PayloadArchive(connection: try fixture.server.workerConnection())
        let kept = try #require(try archive.event(id: good, appID: 1))
        #expect(QueuedEvent(bytes: kept.payload)?.installationUUID == "install-1")
        for (app, ids) in [1: [], 2: [bad]] as [Int64: [String]] {
            let page = try archive.events(ArchiveQuery(appID: app, errorsOnly: true), now: .now())
            #expect(page.events.map(\.id) == ids)
        }
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    /// Such as those of another program: they are logged and counted like any other dead letter.
    @Test func anEntryThatCannotBeReadIsLoggedAndCounted() throws {
        let worker = try fixture.worker()
        try fixture.server.command("XADD", "hookline:{queue:events:0}:stream", "*", "hello", "world")
        try fixture.server.command("XADD", "hookline:{queue:events:0}:stream", "*", "id", "x", "app", "1")

        try waitUntil("both are counted") { fixture.metrics["dead"] == 2 }
        try waitUntil("both are logged") {
            fixture.log.count("send_process_resource_change_webhook.refused") == 2
        }
        let letters = try fixture.queue.deadLetters(count: 9).letters

        #expect(
            letters.map(\.reason)
                == Array(repeating: "malformed entry: field id is not 32 lower-case hexadecimal digits", count: 2))
        #expect(worker.stop(within: .zero).unsettled == 0)
    }

    @Test func failingToCountBlocksNothing() throws {
        fixture.addApp(1)
        fixture.observed.state.withLock { $0.failure = .refused(key: nil, message: "OOM") }
        let worker = try fixture.worker()

        try fixture.enqueue(app: 1)

        try fixture.waitUntilEmpty()
        #expect(try fixture.column("response_code", app: 1) == ["200"])
        #expect(fixture.log.count("attempts were not counted for automatic disabling") == 1)
        #expect(worker.stop(within: .zero).unsettled == 0)
    }
}
