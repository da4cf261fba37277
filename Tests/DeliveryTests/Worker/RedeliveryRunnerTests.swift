import Delivery
import Directory
import Model
import Queue
import Redis
import System
import TestSupport
import Testing
import WireJSON

/// The steps of redelivery jobs: which events go into the queue again, how often, and when a job waits or ends.
@Suite
struct RedeliveryRunnerTests {
    private static let start = Timestamp(seconds: 1_700_000_000)
    private static let now = start.adding(seconds: 3600)

    private let server: RedisServer
    private let directory: MemoryDirectory
    private let archive: PayloadArchive
    private let jobs: RedeliveryJobs
    private let log = LogRecorder()

    init() throws {
        server = try RedisServer()
        var directory = MemoryDirectory()
        for id: Int64 in [1, 2] {
            directory.apps.append(
                SentryApp(
                    id: id, slug: "app-\(id)", name: "App", ownerID: 1, status: .published, uuid: "app-uuid-\(id)",
                    clientSecret: Secret("secret")))
            directory.installations.append(
                Installation(
                    id: id, appID: 1, organizationID: id, uuid: "install-\(id)", dateAdded: Timestamp(seconds: 0)))
        }
        self.directory = directory
        archive = PayloadArchive(connection: try server.connection())
        jobs = RedeliveryJobs(connection: try server.connection())
    }

    private static func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Archives events, one a second; every third one is of an organization of its own.
    private func store(_ numbers: some Sequence<Int>, event: EventType = "issue.created", isError: Bool = false) throws
    {
        let entries = numbers.map { number in
            let payload = QueuedEvent(
                event: event.rawValue, installationUUID: number % 3 == 0 ? "install-2" : "install-1",
                data: .object([]))
            return ArchiveEntry(
                event: ArchivedEvent(
                    id: Self.id(number), appID: 1, event: event,
                    enqueuedAt: Self.start.adding(seconds: Int64(number)), payload: payload.bytes),
                isError: isError, isNew: true)
        }
        try archive.store(entries, now: Self.now)
    }

    private func runner(
        _ change: (inout RedeliverySettings) -> Void = { _ in },
        queue: DeliveryQueueSettings = DeliveryQueueSettings(), directory: MemoryDirectory? = nil
    ) throws -> RedeliveryRunner {
        var settings = RedeliverySettings()
        settings.interval = .zero
        settings.fullQueuePause = .zero
        change(&settings)
        return RedeliveryRunner(
            connection: try server.connection(), settings: settings, archive: ArchiveLimits(), queue: queue,
            directory: directory ?? self.directory, clock: .frozen(at: Self.now), log: log.logger)
    }

    @discardableResult
    private func create(
        _ selection: RedeliveryJob.Selection = .init(since: start, until: now), number: Int = 1000
    ) throws -> String {
        let job = RedeliveryJob(
            id: Self.id(number), appID: 1, selection: selection, total: 0, createdAt: Self.now, createdBy: "ada")
        #expect(try jobs.create(job, idempotencyKey: nil) == .created)
        return job.id
    }

    private func job(_ id: String) throws -> RedeliveryJob { try #require(try jobs.job(id: id, appID: 1)) }

    /// Runs steps until the job ends.
    private func finish(_ id: String, _ runner: RedeliveryRunner, steps: Int = 50) throws -> RedeliveryJob {
        for _ in 0..<steps where try job(id).state.isActive { try runner.step(now: Self.now) }
        return try job(id)
    }

    /// The originals of the entries in the queue, in its order; takes them out.
    private func redelivered(_ settings: DeliveryQueueSettings = DeliveryQueueSettings()) throws -> [String?] {
        let queue = DeliveryQueue(connection: try server.workerConnection(), settings: settings)
        var originals: [String?] = []
        while true {
            let deliveries = try queue.receive(consumer: "test", count: 100)
            guard !deliveries.isEmpty else { return originals }
            for delivery in deliveries {
                #expect(try queue.acknowledge(delivery) == .settled)
                let payload = QueuedEvent(bytes: delivery.entry.payload)
                #expect(payload?.originalID == delivery.entry.originalID)
                originals.append(delivery.entry.originalID)
            }
        }
    }

    @Test func everyEventOfTheTimeRangeIsRedeliveredOnceAndInOrder() throws {
        try store(1...120)
        let id = try create(
            .init(since: Self.start.adding(seconds: 10), until: Self.start.adding(seconds: 101)))

        let job = try finish(id, try runner())

        #expect(job.state == .done && job.finishedAt == Self.now)
        #expect(job.counts.redelivered == 91 && job.counts.examined == 91)
        #expect(try redelivered() == (10...100).map(Self.id))
    }

    /// The clock of the worker is behind the one that limited the time range.
    @Test func aJobDoesNotRedeliverItsOwnEvents() throws {
        try store(1...3)
        let id = try create(.init(since: Self.start, until: Self.now))
        let behind = Self.now.adding(seconds: -600)

        try runner().step(now: behind)

        #expect(try job(id).state == .done)
        let queue = DeliveryQueue(connection: try server.workerConnection())
        let times = try queue.receive(consumer: "test", count: 9).map(\.entry.enqueuedAt)
        #expect(times == [Self.now, Self.now, Self.now])
    }

    @Test func ofAStepThatWasNotFinishedNothingIsRedeliveredTwice() throws {
        try store(1...40)
        let id = try create()
        let runner = try runner { $0.eventsPerStep = 20 }
        try runner.step(now: Self.now)
        // As if the worker had ended before it could note how far it came.
        try server.command("HDEL", "hookline:{redelivery}:job:\(id)", "cursor-id", "cursor-score", "redelivered")

        let job = try finish(id, runner)

        #expect(job.counts.redelivered == 40)
        #expect(try redelivered() == (1...40).map(Self.id))
    }

    @Test func onlyTheSelectedEventsAreRedelivered() throws {
        try store(1...9)
        try store(11...19, event: "issue.resolved")
        let id = try create(
            .init(since: Self.start, until: Self.now, events: ["issue.resolved"], organizationID: 2))

        let job = try finish(id, try runner())

        #expect(try redelivered() == [12, 15, 18].map(Self.id))
        #expect(job.counts.redelivered == 3 && job.counts.excluded == 15)
    }

    /// Also where a command has done it.
    @Test func aFailureIsRedeliveredOnce() throws {
        try store(1...4)
        try store(5...8, isError: true)
        let selection = RedeliveryJob.Selection(since: Self.start, until: Self.now, errorsOnly: true)
        let first = try finish(try create(selection), try runner())
        let second = try finish(try create(selection, number: 1001), try runner())

        #expect(first.counts.redelivered == 4 && first.counts.examined == 4)
        #expect(second.counts.redelivered == 0 && second.counts.alreadyQueued == 4)
        #expect(try redelivered() == (5...8).map(Self.id))
    }

    @Test func whatHasExpiredOrCannotBeReadIsCounted() throws {
        try store(1...3)
        try server.command("DEL", "hookline:{app:1}:event:\(Self.id(1))")
        try server.command("HSET", "hookline:{app:1}:event:\(Self.id(2))", "payload", "{")

        let job = try finish(try create(), try runner())

        #expect(job.counts.expired == 1 && job.counts.unreadable == 1 && job.counts.redelivered == 1)
    }

    @Test func aJobWaitsWhileTheAppHasManyEventsInTheQueue() throws {
        try store(1...30)
        let id = try create()
        let runner = try runner { $0.maximumQueued = 12 }

        for _ in 0..<5 { try runner.step(now: Self.now) }

        let waiting = try job(id)
        #expect(waiting.state == .running && waiting.counts.redelivered == 12)
        #expect(waiting.reason == "waits until fewer than 12 events of the app are in the queue")
        #expect(try redelivered().count == 12)
        for _ in 0..<2 { try runner.step(now: Self.now) }
        #expect(try redelivered().count == 12)
        #expect(try finish(id, runner).state == .done)
        #expect(try redelivered() == (25...30).map(Self.id))
    }

    @Test func aJobWaitsForRoomInTheQueueAndLosesNothing() throws {
        try store(1...8)
        var settings = DeliveryQueueSettings()
        settings.maximumDepth = 5
        let id = try create()
        let runner = try runner(queue: settings)

        try runner.step(now: Self.now)

        let waiting = try job(id)
        #expect(waiting.state == .running && waiting.counts.redelivered == 5)
        #expect(waiting.reason?.hasPrefix("waits for room in the queue: ") == true)
        let first = try redelivered(settings)
        #expect(try finish(id, runner).state == .done)
        #expect(try first + redelivered(settings) == (1...8).map(Self.id))
    }

    @Test func aJobOfAnAppThatIsDisabledOrDeletedFails() throws {
        try store(1...3)
        var other = directory
        other.apps[0].disablement = .init(date: Self.now, reason: "by hand", events: [])
        let disabled = try finish(try create(), try runner(directory: other))
        other.apps.removeFirst()
        let deleted = try finish(try create(number: 1001), try runner(directory: other))

        #expect(disabled.state == .failed && disabled.reason == "the app is disabled")
        #expect(deleted.state == .failed && deleted.reason == "the app was deleted")
        #expect(try redelivered() == [])
    }

    @Test func aCancelledJobStops() throws {
        try store(1...30)
        let id = try create()
        let runner = try runner { $0.eventsPerStep = 10 }
        try runner.step(now: Self.now)

        let cancelled = try jobs.cancel(id: id, appID: 1, now: Self.now)
        for _ in 0..<5 { try runner.step(now: Self.now) }

        #expect(cancelled?.state == .cancelled && cancelled?.counts.redelivered == 10)
        #expect(try redelivered() == (1...10).map(Self.id))
    }

    @Test func aWorkerRunsJobs() throws {
        let fixture = try WorkerFixture()
        fixture.addApp(1)
        let worker = try fixture.worker { settings in
            settings.archive = ArchiveLimits()
            settings.redelivery.interval = .milliseconds(20)
        }
        defer { _ = worker.stop(within: .seconds(5)) }
        let ids = try (1...60).map { _ in try fixture.enqueue(app: 1) }
        try fixture.waitUntilEmpty()
        let now = Timestamp.now()
        let jobs = RedeliveryJobs(connection: try fixture.server.connection())
        let job = RedeliveryJob(
            id: Self.id(9999), appID: 1,
            selection: .init(since: now.adding(seconds: -600), until: now), total: 60,
            createdAt: now, createdBy: "ada")

        #expect(try jobs.create(job, idempotencyKey: nil) == .created)

        try waitUntil("the job is done") { try jobs.job(id: job.id, appID: 1)?.state == .done }
        try fixture.waitUntilEmpty()
        let originals = fixture.receiver.received.compactMap { $0.header("Hookline-Original-ID") }
        #expect(originals.sorted() == ids)
    }
}
