import Buffer
import Directory
import ProgramSupport
import Queue
import Redis
import System
import TestSupport
import Testing

@testable import Worker

/// When a run with `--once` ends.
@Suite struct DueWorkTests {
    private let start = MonotonicTime.now()

    private func work(_ redis: String) throws -> DueWork {
        let values = SettingValues(program: .worker, flags: [.redis: redis], environment: [:])
        var reader = WorkerConfigurationReader(values, opener: EmbeddedDirectoryOpener())
        let read = reader.read()
        let configuration = try #require(read)
        return try DueWork(configuration, connection: configuration.stores.makeConnection())
    }

    @Test func itEndsWhenNothingIsDueInTwoLooksAndTheWorkerIsIdle() throws {
        let redis = try RedisServer()
        var work = try work(redis.url)

        #expect(work.state(isBusy: true, pauseReason: nil) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil) == .unfinished)
        #expect(work.state(isBusy: true, pauseReason: nil) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil) == .finished)
    }

    @Test func itWaitsAMinuteForAppsThatAreToBeDisabled() throws {
        let redis = try RedisServer()
        try redis.command("HSET", "hookline:apps-to-disable", "1", "1:responded with 410")
        var work = try work(redis.url)

        #expect(work.state(isBusy: false, pauseReason: nil, now: start) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start.adding(seconds: 59)) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start.adding(seconds: 60)) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start.adding(seconds: 61)) == .finished)
        try redis.command("DEL", "hookline:apps-to-disable")
        work = try self.work(redis.url)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start) == .finished)
    }

    @Test func itFailsWhenRedisCannotBeUsedFor30Seconds() throws {
        var work = try work("unix:/nonexistent/redis.sock")

        #expect(work.state(isBusy: false, pauseReason: nil, now: start) == .unfinished)
        #expect(work.state(isBusy: false, pauseReason: nil, now: start.adding(seconds: 29)) == .unfinished)
        guard case .failed(let reason) = work.state(isBusy: false, pauseReason: nil, now: start.adding(seconds: 30))
        else {
            Issue.record("it goes on")
            return
        }
        #expect(reason.contains("/nonexistent/redis.sock"))
    }

    @Test func aWorkerThatCannotRecordOutcomesFailsTooAndOneThatCanAgainDoesNot() throws {
        let redis = try RedisServer()
        var work = try work(redis.url)

        #expect(work.state(isBusy: true, pauseReason: "OOM", now: start) == .unfinished)
        #expect(work.state(isBusy: true, pauseReason: nil, now: start.adding(seconds: 20)) == .unfinished)
        #expect(work.state(isBusy: true, pauseReason: "OOM", now: start.adding(seconds: 40)) == .unfinished)
        #expect(work.state(isBusy: true, pauseReason: "OOM", now: start.adding(seconds: 70)) == .failed(reason: "OOM"))
    }
}
