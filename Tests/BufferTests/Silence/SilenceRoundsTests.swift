import Model
import Redis
import TestSupport
import Testing

@testable import Buffer

/// How workers share the visits of all apps.
@Suite
struct SilenceRoundsTests {
    private let server: RedisServer
    private let one: SilenceRounds
    private let other: SilenceRounds
    private let now = Timestamp(seconds: 1_700_000_000)

    init() throws {
        server = try RedisServer()
        one = SilenceRounds(connection: try server.connection())
        other = SilenceRounds(connection: try server.connection())
    }

    private func begin(_ rounds: SilenceRounds, lease: Duration = .seconds(60)) throws -> SilenceRounds.Step? {
        try rounds.begin(lease: lease, longestPause: .seconds(600))
    }

    @Test func oneWorkerTakesAStepAndTheNextOneContinuesBehindIt() throws {
        let step = try #require(try begin(one))
        #expect(step.cursor == 0)
        #expect(try begin(other) == nil)

        #expect(try one.finish(step, next: 20, pause: .zero, counts: ["disabled": 1], now: now))

        #expect(try begin(other)?.cursor == 20)
    }

    @Test func aStepWhoseWorkerHasEndedIsTakenAgain() throws {
        let lost = try #require(try begin(one, lease: .zero))

        let step = try #require(try begin(other))

        #expect(step == lost)
        #expect(try other.finish(step, next: 20, pause: .zero, counts: ["disabled": 1], now: now))
        // The first one was only slow: it counts nothing twice.
        #expect(try !one.finish(lost, next: 20, pause: .zero, counts: ["disabled": 1], now: now))
        let last = try #require(try begin(other))
        #expect(try other.finish(last, next: nil, pause: .zero, counts: [:], now: now))
        #expect(try one.silentApps() == ["disabled": 1])
    }

    @Test func theCountsAreThoseOfTheLastWholeRound() throws {
        #expect(try one.silentApps() == nil)
        for (next, counts) in [(Int64?.some(20), ["disabled": 2, "unknown": 1]), (nil, ["disabled": 1])] {
            let step = try #require(try begin(one))
            #expect(try one.finish(step, next: next, pause: .zero, counts: counts, now: now))
        }
        #expect(try one.silentApps() == ["disabled": 3, "unknown": 1])
        #expect(try server.integer("TTL", SilenceRounds.countsKey) > 86_000)

        let step = try #require(try begin(one))
        #expect(step.cursor == 0)
        #expect(try one.finish(step, next: 20, pause: .zero, counts: ["unknown": 5], now: now))
        #expect(try one.silentApps() == ["disabled": 3, "unknown": 1])

        let last = try #require(try begin(one))
        #expect(try one.finish(last, next: nil, pause: .zero, counts: [:], now: now))
        #expect(try one.silentApps() == ["unknown": 5])
    }

    @Test func theNextStepWaitsForThePause() throws {
        let step = try #require(try begin(one))
        #expect(try one.finish(step, next: nil, pause: .seconds(600), counts: [:], now: now))

        #expect(try begin(one) == nil)
    }

    @Test func aClockThatWasSetBackDoesNotStopTheRounds() throws {
        let step = try #require(try begin(one))
        #expect(try one.finish(step, next: nil, pause: .seconds(86_400), counts: [:], now: now))

        // Further ahead than the longest pause.
        #expect(try begin(one) != nil)
    }

    @Test func appsAreForgottenAfterTheLifetimeAtTheEndOfARound() throws {
        let times = LastTimes(connection: try server.connection())
        let limit = now.adding(seconds: -LastTimes.lifetimeSeconds)
        try times.noteAttempts([(1, limit.adding(seconds: -1)), (2, limit)])
        try times.noteUnsent([(1, limit.adding(seconds: -1)), (2, limit)])

        let step = try #require(try begin(one))
        #expect(try one.finish(step, next: 20, pause: .zero, counts: [:], now: now))
        #expect(
            try times.times(of: [1]).apps == [
                .init(attempt: limit.adding(seconds: -1), unsent: limit.adding(seconds: -1))
            ])
        let last = try #require(try begin(one))
        #expect(try one.finish(last, next: nil, pause: .zero, counts: [:], now: now))

        #expect(try times.times(of: [1, 2]).apps == [.init(), .init(attempt: limit, unsent: limit)])
    }

    @Test func theFirstStepNotesSinceWhenUnsentEventsAreNoted() throws {
        let times = LastTimes(connection: try server.connection())
        _ = try begin(one)
        let first = try #require(try times.times(of: []).observedSince)
        #expect(abs(first.seconds - Timestamp.now().seconds) < 60)
        try server.command("HSET", SilenceRounds.key, "due", "0", "since", "1000")
        #expect(try begin(one) != nil)

        #expect(try times.times(of: []).observedSince == Timestamp(seconds: 1000))
    }
}
