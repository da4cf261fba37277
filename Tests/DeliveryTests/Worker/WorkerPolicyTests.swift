import Buffer
import Delivery
import Model
import Queue
import TestSupport
import Testing
import WebhookRules
import WireJSON

/// The delivery policies from the queue to a real receiver, with a clock that the tests move.
@Suite
struct WorkerPolicyTests {
    private let fixture: WorkerFixture
    private let time = ManualClock()

    init() throws {
        fixture = try WorkerFixture()
    }

    private func worker(
        _ policy: DeliveryPolicy = .standard, isDisabling: Bool = false,
        _ change: (inout DeliveryWorkerSettings) -> Void = { _ in }
    ) throws -> DeliveryWorker {
        try fixture.worker(clock: time.clock, isDisabling: isDisabling) {
            $0.policy = policy
            $0.archive = ArchiveLimits()
            // How often the clock is looked at.
            $0.noticeInterval = .milliseconds(20)
            change(&$0)
        }
    }

    /// When the scheduled attempt is due, in milliseconds from now by Redis' clock; waits until `count` attempts are
    /// settled.
    private func delay(_ worker: DeliveryWorker, afterAttempt count: Int) throws -> Int64? {
        try waitUntil("attempt \(count) is settled", seconds: 20) { worker.counts.settled >= count }
        let statistics = try fixture.queue.statistics()
        guard let due = statistics.nextDueAt, let now = statistics.readAt else { return nil }
        return (due.microseconds - now.microseconds) / 1000
    }

    /// Lets `milliseconds` pass. Redis' clock cannot be moved: what is due then is moved early.
    private func pass(milliseconds: Int64) throws {
        let seconds = (milliseconds + 999) / 1000
        time.advance(seconds: seconds)
        _ = try fixture.queue.promoteDue(leeway: .seconds(seconds))
    }

    /// Whether a due time read now was `expected` milliseconds away when it was set, a moment ago.
    private func isRemainder(_ milliseconds: Int64?, of expected: Int64) -> Bool {
        milliseconds.map { (expected - 4000...expected).contains($0) } ?? false
    }

    private func failed(_ app: Int64) throws -> [String] {
        let archive = PayloadArchive(connection: try fixture.server.workerConnection())
        return try archive.events(ArchiveQuery(appID: app, errorsOnly: true), now: time.now).events.map(\.id)
    }

    @Test func aReceiverThatFailsForHoursGetsTheEventOnceItHasRecovered() throws {
        fixture.addApp(1, "/scripted", status: .internal)
        fixture.receiver.answer(with: 503)
        let worker = try worker()
        let id = try fixture.enqueue(app: 1, at: time.now)

        var delays: [Int64?] = []
        for attempt in 1...6 {
            let delay = try delay(worker, afterAttempt: attempt)
            delays.append(delay)
            if attempt == 6 { fixture.receiver.answer(with: 200) }
            try pass(milliseconds: delay ?? 0)
        }
        let last = try delay(worker, afterAttempt: 7)

        // Half of the jitter of a tenth: the fixture's random source always returns 0.5.
        for (delay, seconds) in zip(delays, [5, 60, 300, 1800, 7200, 21600] as [Int64]) {
            #expect(isRemainder(delay, of: seconds * 1050), "\(seconds)")
        }
        #expect(last == nil)
        #expect(try fixture.column("response_code", app: 1) == ["200", "503", "503", "503", "503", "503", "503"])
        #expect(Set(try fixture.column("request_id", app: 1)) == [id])
        #expect(try fixture.queue.statistics().dead == 0)
        #expect(try failed(1) == [])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test(arguments: ["/status/404", "/status/429", "/redirect?http://127.0.0.1/", "/close"])
    func aReceiverThatFailsForADayGetsEightAttemptsThenTheEventIsADeadLetter(_ path: String) throws {
        fixture.addApp(1, path, status: .unpublished)
        let worker = try worker()
        let id = try fixture.enqueue(app: 1, at: time.now)

        for attempt in 1...7 {
            let delay = try #require(try delay(worker, afterAttempt: attempt))
            try pass(milliseconds: delay)
        }
        let last = try delay(worker, afterAttempt: 8)

        #expect(last == nil)
        #expect(try fixture.rows(app: 1, errorsOnly: true).count == 8)
        #expect(try fixture.queue.deadLetter(id: id)?.reason.hasPrefix("attempt 8 of 8 failed: ") == true)
        #expect(try failed(1) == [id])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRedirectIsAFailureWithItsReasonUnderStandard() throws {
        fixture.addApp(1, "/redirect?http://127.0.0.1/", status: .internal)
        let worker = try worker { $0.policy.retry.delays = [] }
        let id = try fixture.enqueue(app: 1, at: time.now)

        try waitUntil("it is a dead letter") { try fixture.queue.statistics().dead == 1 }

        let row = try #require(try fixture.rows(app: 1, errorsOnly: true).first)
        #expect(row["response_code"]?.integer == 302 && row["reason"]?.string == "redirect")
        #expect(try fixture.queue.deadLetter(id: id)?.reason == "attempt 1 of 1 failed: 302")
        #expect(fixture.receiver.received.count == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func aRedirectIsNotRetriedUnderSentryButCanBeRedelivered() throws {
        fixture.addApp(1, "/redirect?http://127.0.0.1/")
        let worker = try worker(.sentry)
        let id = try fixture.enqueue(app: 1, at: time.now)

        try fixture.waitUntilEmpty()

        #expect(try fixture.rows(app: 1, errorsOnly: true).isEmpty)
        #expect(try fixture.column("reason", app: 1) == ["redirect"])
        #expect(try fixture.queue.statistics().dead == 0)
        #expect(try failed(1) == [id])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// One app has the other policy than the deployment; its redirect is retried or not, listed as an error or not.
    @Test(arguments: [DeliveryPolicy.Name.sentry, .standard])
    func anAppsOwnPolicyAppliesToItAlone(_ deployment: DeliveryPolicy.Name) throws {
        fixture.addApp(1, "/redirect?http://127.0.0.1/", policy: .sentry)
        fixture.addApp(2, "/redirect?http://127.0.0.1/", policy: .standard)
        fixture.addApp(3, "/redirect?http://127.0.0.1/")
        let worker = try worker(DeliveryPolicy(deployment))

        for app in 1...3 { try fixture.enqueue(app: Int64(app), at: time.now) }
        try waitUntil("all are settled") { worker.counts.settled == 3 }

        let standard = deployment == .standard ? [2, 3] : [2]
        for app in 1...3 {
            #expect(try fixture.rows(app: Int64(app), errorsOnly: true).isEmpty != standard.contains(app), "\(app)")
        }
        #expect(try fixture.queue.statistics().scheduled == standard.count)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test(arguments: [500, 429, 503, 302, 404])
    func retryAfterOfAnyFailureIsHonoredWithinBounds(_ status: Int) throws {
        let waits: [(value: String, seconds: Int64)] = [("1", 5), ("120", 120), ("999999", 3600)]
        for (index, wait) in waits.enumerated() {
            fixture.addApp(Int64(index + 1), "/retry-after/\(wait.value)/\(status)", status: .internal)
        }
        let worker = try worker { $0.policy.retry.jitterPercent = 0 }

        for (index, wait) in waits.enumerated() {
            try fixture.enqueue(app: Int64(index + 1), at: time.now)
            try waitUntil("it is settled") { worker.counts.settled == index + 1 }
            let due = try #require(
                try fixture.server.command("ZRANGE", "hookline:{queue:events:0}:scheduled", "-1", "-1", "WITHSCORES")
                    .split(separator: "\r\n").last.flatMap { Int64($0) })
            let now = try #require(try fixture.queue.statistics().readAt)

            #expect(isRemainder((due - now.microseconds) / 1000, of: wait.seconds * 1000), "\(wait.value)")
        }
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// A week of failures, by the real parts: receiver, queue, log, failure window, directory, mail queue.
    @Test func anAppWhoseReceiverFailsForAWeekIsWarnedAboutTwiceAndDisabled() throws {
        fixture.addApp(1, "/scripted", status: .published)
        fixture.directory.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        fixture.directory.users = [User(id: 1, username: "a", email: "a@example.com")]
        fixture.directory.memberships = [Membership(userID: 1, organizationID: 1, role: .owner)]
        fixture.receiver.answer(with: 500)
        let worker = try worker(isDisabling: true) { $0.policy.retry.delays = [] }
        let mails = DeliveryQueue(connection: try fixture.server.workerConnection(), settings: .mail)

        var counts: [Int] = []
        for halfDay in 0...14 {
            try fixture.enqueue(app: 1, at: time.now)
            try waitUntil("event \(halfDay) is settled") { worker.counts.settled == halfDay + 1 }
            counts.append(try mails.statistics().waiting)
            time.advance(seconds: 43_200)
        }
        // The housekeeping thread disables, after the event is settled.
        try waitUntil("the owner is told that it is disabled") { try mails.statistics().waiting == 3 }
        let disabled = try fixture.directory.app(id: 1)
        try fixture.enqueue(app: 1, at: time.now)
        try fixture.waitUntilEmpty()

        #expect(counts.dropLast() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2])
        #expect(disabled?.events == [])
        #expect(disabled?.disablement?.reason.hasPrefix("has failed every time since 2023-11-14 22:13 UTC") == true)
        #expect(fixture.receiver.received.count == 15)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func a410DisablesAtOnceAndIsNoDeadLetter() throws {
        fixture.addApp(1, "/status/410", status: .published)
        fixture.directory.organizations = [Organization(id: 1, slug: "acme", name: "Acme")]
        let worker = try worker(isDisabling: true)
        try fixture.enqueue(app: 1, at: time.now)

        try fixture.waitUntilEmpty()

        try waitUntil("it is disabled") { try fixture.directory.app(id: 1)?.events == [] }
        #expect(try fixture.queue.statistics().dead == 0)
        #expect(fixture.receiver.received.count == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    @Test func theOutcomeOfARedeliveryCountsForItsOriginal() throws {
        fixture.addApp(1, "/scripted", status: .internal)
        fixture.receiver.answer(with: 500)
        let worker = try worker(.sentry)
        let original = try fixture.enqueue(app: 1, at: time.now)
        try fixture.waitUntilEmpty()
        let failedFirst = try failed(1)

        try fixture.enqueue(app: 1, originalID: original, at: time.now)
        try fixture.waitUntilEmpty()
        let failedAgain = try failed(1)
        fixture.receiver.answer(with: 200)
        try fixture.enqueue(app: 1, originalID: original, at: time.now)
        try fixture.waitUntilEmpty()

        #expect(failedFirst == [original])
        #expect(failedAgain == [original])
        #expect(try failed(1) == [])
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }

    /// The app is not subscribed any more when the worker gets the redelivery.
    @Test func aRedeliveryThatIsDroppedLeavesItsOriginalFailed() throws {
        fixture.addApp(1, "/status/500", status: .internal)
        let worker = try worker(.sentry)
        let original = try fixture.enqueue(app: 1, at: time.now)
        try fixture.waitUntilEmpty()

        try fixture.enqueue(app: 1, "issue.resolved", originalID: original, at: time.now)
        try fixture.waitUntilEmpty()

        let archive = PayloadArchive(connection: try fixture.server.workerConnection())
        #expect(fixture.receiver.received.count == 1)
        #expect(try failed(1) == [original])
        #expect(try archive.event(id: original, appID: 1)?.failedRedeliveries == 1)
        #expect(worker.stop(within: .seconds(5)).unsettled == 0)
    }
}
