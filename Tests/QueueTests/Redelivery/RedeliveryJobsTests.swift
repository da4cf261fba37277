import Model
import Redis
import TestSupport
import Testing

@testable import Queue

/// Redelivery jobs in Redis: what is created, listed, begun, finished and cancelled.
@Suite
struct RedeliveryJobsTests {
    private let server: RedisServer
    private let jobs: RedeliveryJobs

    init() throws {
        server = try RedisServer()
        jobs = RedeliveryJobs(connection: try server.connection())
    }

    private static func job(_ number: Int, appID: Int64 = 7) -> RedeliveryJob {
        RedeliveryJob(
            id: QueueEntry.sampleID(number), appID: appID,
            selection: RedeliveryJob.Selection(
                since: testNow.adding(seconds: -60), until: testNow, errorsOnly: true,
                events: ["issue.created", "issue.resolved"], organizationID: 3),
            total: 12, createdAt: testNow.adding(seconds: Int64(number)), createdBy: "ada")
    }

    @discardableResult
    private func create(_ number: Int, appID: Int64 = 7, key: String? = nil) throws -> RedeliveryJobs.Creation {
        try jobs.create(Self.job(number, appID: appID), idempotencyKey: key)
    }

    private func begin(lease: Duration = .seconds(30)) throws -> RedeliveryJob? { try jobs.begin(lease: lease) }

    private func item(_ number: Int) -> ArchivePage.Item {
        ArchivePage.Item(id: QueueEntry.sampleID(number), enqueuedAt: testNow)
    }

    @Test func aJobIsReadAsItWasCreated() throws {
        #expect(try create(1) == .created)

        #expect(try jobs.job(id: QueueEntry.sampleID(1), appID: 7) == Self.job(1))
        #expect(try jobs.jobs(appID: 7) == [Self.job(1)])
    }

    @Test func jobsAreThoseOfTheirAppAndTheNewestComesFirst() throws {
        try create(1)
        try create(2)
        try create(3, appID: 8)

        #expect(try jobs.jobs(appID: 7).map(\.id) == [2, 1].map(QueueEntry.sampleID))
        #expect(try jobs.job(id: QueueEntry.sampleID(3), appID: 7) == nil)
        #expect(try jobs.cancel(id: QueueEntry.sampleID(3), appID: 7, now: testNow) == nil)
        #expect(try jobs.job(id: QueueEntry.sampleID(3), appID: 8)?.state == .waiting)
    }

    @Test func anIdempotencyKeyCreatesOneJobForItsApp() throws {
        #expect(try create(1, key: "again") == .created)
        #expect(try create(2, key: "again") == .duplicate(of: QueueEntry.sampleID(1)))
        #expect(try create(3, appID: 8, key: "again") == .created)

        #expect(try jobs.jobs(appID: 7).count == 1)
    }

    @Test func anAppHasAFewJobsThatHaveNotEnded() throws {
        for number in 1...RedeliveryJobs.maximumActive { try create(number) }

        #expect(try create(9) == .tooMany)
        #expect(try create(10, appID: 8) == .created)
        _ = try jobs.cancel(id: QueueEntry.sampleID(2), appID: 7, now: testNow)
        #expect(try create(11) == .created)
    }

    @Test func theListKeepsTheNewestAndEveryJobThatHasNotEnded() throws {
        try create(1)
        for number in 2...40 {
            try create(number)
            _ = try jobs.cancel(id: QueueEntry.sampleID(number), appID: 7, now: testNow)
        }

        let listed = try jobs.jobs(appID: 7).map(\.id)

        #expect(listed.count == RedeliveryJobs.maximumListed)
        #expect(listed.first == QueueEntry.sampleID(40))
        #expect(listed.last == QueueEntry.sampleID(1))
    }

    @Test func aStepIsGivenToOneWorkerUntilItsLeaseIsOver() throws {
        try create(1)

        #expect(try begin(lease: .milliseconds(1))?.id == QueueEntry.sampleID(1))
        try waitUntil("the lease is over") { try begin() != nil }
        #expect(try begin() == nil)
    }

    @Test func theJobThatIsDueForTheLongestTimeComesFirst() throws {
        for number in 1...3 { try create(number) }
        for (number, due) in [(1, "30"), (2, "10"), (3, "20")] {
            try server.command(
                "ZADD", "hookline:{redelivery}:active", due, "7:\(QueueEntry.sampleID(number))")
        }

        let order = try (1...3).map { _ in try begin()?.id }

        #expect(order == [2, 3, 1].map(QueueEntry.sampleID))
        #expect(try begin() == nil)
    }

    @Test func aFinishedStepNotesWhereTheNextOneBegins() throws {
        try create(1)
        let job = try #require(try begin())
        var next = job
        next.state = .running
        next.counts.redelivered = 4
        next.counts.expired = 1
        next.reason = "waits"
        next.pass(item(5))

        #expect(try jobs.finish(job, next: next, pause: .zero, now: testNow))

        #expect(try begin() == next)
    }

    @Test func ofAStepThatTwoWorkersHaveDoneOneCounts() throws {
        try create(1)
        let job = try #require(try begin())
        var (first, second) = (job, job)
        first.counts.redelivered = 1
        first.pass(item(1))
        second.counts.redelivered = 2
        second.pass(item(2))

        #expect(try jobs.finish(job, next: first, pause: .zero, now: testNow))
        #expect(try !jobs.finish(job, next: second, pause: .zero, now: testNow))

        #expect(try jobs.job(id: job.id, appID: 7)?.counts.redelivered == 1)
    }

    @Test func aJobThatIsDoneIsNotBegunAgainAndCanBeLookedUpForAWhile() throws {
        try create(1)
        let job = try #require(try begin(lease: .milliseconds(1)))
        var next = job
        next.state = .done

        #expect(try jobs.finish(job, next: next, pause: .zero, now: testNow))

        #expect(try server.integer("ZCARD", "hookline:{redelivery}:active") == 0)
        let done = try #require(try jobs.job(id: job.id, appID: 7))
        #expect(done.state == .done && done.finishedAt == testNow)
        let expiry = try server.integer("TTL", "hookline:{redelivery}:job:\(job.id)")
        #expect((RedeliveryJobs.lifetimeSeconds - 60...RedeliveryJobs.lifetimeSeconds).contains(expiry))
    }

    @Test func aCancelledJobTakesNoFurtherStep() throws {
        try create(1)
        let job = try #require(try begin())
        var next = job
        next.state = .running
        next.pass(item(1))

        let cancelled = try jobs.cancel(id: job.id, appID: 7, now: testNow)
        #expect(cancelled?.state == .cancelled && cancelled?.finishedAt == testNow)
        #expect(try !jobs.finish(job, next: next, pause: .zero, now: testNow))

        #expect(try jobs.job(id: job.id, appID: 7) == cancelled)
        #expect(try server.integer("ZCARD", "hookline:{redelivery}:active") == 0)
        // What has ended stays as it is.
        let again = try jobs.cancel(id: job.id, appID: 7, now: testNow.adding(seconds: 9))
        #expect(again == cancelled)
    }

    @Test func aJobThatRedisHasLostIsForgotten() throws {
        try create(1)
        try server.command("DEL", "hookline:{redelivery}:job:\(QueueEntry.sampleID(1))")

        #expect(try begin() == nil)

        #expect(try server.integer("ZCARD", "hookline:{redelivery}:active") == 0)
        #expect(try jobs.jobs(appID: 7) == [])
    }
}
