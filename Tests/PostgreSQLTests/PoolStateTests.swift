import System
import Testing

@testable import PostgreSQL

/// The bookkeeping of the pool, with numbers for connections.
struct PoolStateTests {
    private let start = MonotonicTime(microseconds: 1_000_000_000)
    private let failure = PostgreSQLError.unreachable([.init(server: "h", reason: "refused")])
    private let full = PostgreSQLError.tooManyConnections(.init(sqlstate: "53300", text: "full"))

    private func state(
        maximum: Int = 2, change: (inout PostgreSQLPoolLimits) -> Void = { _ in }
    ) -> PoolState<Int> {
        var limits = PostgreSQLPoolLimits(
            maximumCount: maximum, minimumIdleCount: 1, idleTime: .seconds(60), maximumAge: .seconds(600),
            shortestPause: .seconds(1), longestPause: .seconds(4))
        change(&limits)
        return PoolState(limits: limits)
    }

    private func name(_ grant: PoolState<Int>.Grant?) -> String {
        switch grant {
        case nil: "wait"
        case .open: "open"
        case .use(let entry): "use \(entry.connection)"
        case .refused(let error): "refused: \(error)"
        }
    }

    @Test func theLastUsedConnectionIsUsedNextAndThreadsWaitAtTheMaximum() {
        var state = state(maximum: 2)

        #expect(name(state.acquire(at: start)) == "open")
        state.opened(at: start)
        #expect(name(state.acquire(at: start)) == "open")
        state.opened(at: start)
        #expect(name(state.acquire(at: start)) == "wait")
        let isKept1 = state.keep(1, openedAt: start, at: start)
        #expect(isKept1)
        let isKept2 = state.keep(2, openedAt: start, at: start)
        #expect(isKept2)
        #expect(name(state.acquire(at: start)) == "use 2")
        #expect(name(state.acquire(at: start)) == "use 1")
        #expect(name(state.acquire(at: start)) == "wait")
        state.leave()
        #expect(name(state.acquire(at: start)) == "open")
    }

    @Test func afterAFailureCallsFailAtOnceAndOneThreadTriesAgain() {
        var state = state(maximum: 5)
        _ = state.acquire(at: start)
        state.failed(failure, countsAsFailure: true, at: start, jitter: 0)

        #expect(name(state.acquire(at: start.adding(.milliseconds(999)))) == "refused: \(failure)")
        #expect(name(state.acquire(at: start.adding(seconds: 1))) == "open")
        #expect(name(state.acquire(at: start.adding(seconds: 1))) == "refused: \(failure)")
        state.opened(at: start)
        #expect(name(state.acquire(at: start.adding(seconds: 1))) == "open")
        #expect(state.acquiredCount == 2)
    }

    @Test func pausesDoubleUpToTheLongestAndASuccessEndsThem() {
        var backoff = PostgreSQLBackoff(shortest: .seconds(1), longest: .seconds(4))
        var pauses: [Int64] = []
        for _ in 0..<4 {
            backoff.recordFailure(failure, at: start, jitter: 0)
            pauses.append(backoff.notBefore.microseconds - start.microseconds)
        }
        #expect(pauses == [1_000_000, 2_000_000, 4_000_000, 4_000_000])

        backoff.recordFailure(failure, at: start, jitter: 1)
        #expect(backoff.notBefore == start.adding(seconds: 2))
        backoff.recordSuccess()
        #expect(backoff.failure == nil)
        #expect(backoff.notBefore < start)
    }

    @Test func anAttemptWithoutEnoughTimeSaysNothingAboutTheServer() {
        var state = state()
        _ = state.acquire(at: start)
        state.failed(failure, countsAsFailure: false, at: start, jitter: 0)

        #expect(name(state.acquire(at: start)) == "open")
    }

    @Test func whenTheServerIsFullThreadsWaitForTheConnectionsOfOthers() {
        var state = state(maximum: 3)
        _ = state.acquire(at: start)
        state.opened(at: start)
        _ = state.acquire(at: start)
        state.failed(full, countsAsFailure: true, at: start, jitter: 0)

        #expect(name(state.acquire(at: start)) == "wait")
        let isKept3 = state.keep(1, openedAt: start, at: start)
        #expect(isKept3)
        #expect(name(state.acquire(at: start)) == "use 1")
        state.leave()
        #expect(name(state.acquire(at: start)) == "refused: \(full)")
    }

    @Test func noThreadWaitsWhereAllConnectionsWaitForAResponse() {
        var state = state(maximum: 2)
        _ = state.acquire(at: start)
        state.opened(at: start)
        _ = state.acquire(at: start.adding(.milliseconds(300)))
        state.opened(at: start.adding(.milliseconds(400)))

        #expect(state.silentAt == start.adding(.milliseconds(900)))
        #expect(name(state.acquire(at: start.adding(.milliseconds(899)))) == "wait")
        #expect(
            name(state.acquire(at: start.adding(.milliseconds(900))))
                == "refused: all connections to PostgreSQL wait for a response, since 500 ms")
        // A thread that has one goes on: in a transaction.
        state.noteResponse(at: start.adding(.milliseconds(950)))
        #expect(name(state.acquire(at: start.adding(.milliseconds(1449)))) == "wait")
        #expect(name(state.acquire(at: start.adding(.milliseconds(1450)))).hasPrefix("refused"))
        state.leave()
        #expect(name(state.acquire(at: start.adding(seconds: 10))) == "open")
        #expect(name(state.acquire(at: start.adding(seconds: 10))) == "wait")
    }

    @Test func whenTheServerIsFullThreadsDoNotWaitForConnectionsWithoutAResponse() {
        var state = state(maximum: 3)
        _ = state.acquire(at: start)
        state.opened(at: start)
        _ = state.acquire(at: start)
        state.failed(full, countsAsFailure: true, at: start, jitter: 0)

        #expect(name(state.acquire(at: start.adding(.milliseconds(499)))) == "wait")
        #expect(
            name(state.acquire(at: start.adding(.milliseconds(500))))
                == "refused: all connections to PostgreSQL wait for a response, since 500 ms")
    }

    @Test func aThreadWhoseConnectionWasDeadKeepsItsPlace() {
        var state = state(maximum: 1)
        _ = state.acquire(at: start)
        state.opened(at: start)

        #expect(name(state.acquireAnother(at: start)) == "open")
        #expect(state.acquiredCount == 1)
        state.failed(failure, countsAsFailure: true, at: start, jitter: 0)
        #expect(state.acquiredCount == 0)
    }

    @Test func idleConnectionsAboveTheMinimumAreRemovedWhenTheirTimeHasPassed() {
        var state = state(maximum: 3)
        for _ in 1...3 { _ = state.acquire(at: start) }
        for number in 1...3 { _ = state.keep(number, openedAt: start, at: start.adding(seconds: number)) }

        let removed4 = state.removeIdle(at: start.adding(seconds: 60))
        #expect(removed4 == [])
        let removed5 = state.removeIdle(at: start.adding(seconds: 61))
        #expect(removed5 == [1])
        let removed6 = state.removeIdle(at: start.adding(seconds: 500))
        #expect(removed6 == [2])
        #expect(state.idle.map(\.connection) == [3])
    }

    @Test func oldConnectionsAreNotKept() {
        var state = state()
        _ = state.acquire(at: start)
        let isKept7 = state.keep(1, openedAt: start, at: start.adding(.milliseconds(599_999)))
        #expect(isKept7)
        _ = state.acquire(at: start)
        let isKept8 = state.keep(1, openedAt: start, at: start.adding(seconds: 600))
        #expect(!isKept8)
        #expect(state.acquiredCount == 0)
    }

    @Test func aClosedPoolKeepsAndGrantsNothing() {
        var state = state(maximum: 3)
        for _ in 1...3 { _ = state.acquire(at: start) }
        _ = state.keep(1, openedAt: start, at: start)

        let removed9 = state.close()
        #expect(removed9 == [1])
        let isKept10 = state.keep(2, openedAt: start, at: start)
        #expect(!isKept10)
        #expect(name(state.acquire(at: start)) == "refused: \(PostgreSQLError.closed)")
        #expect(name(state.acquireAnother(at: start)) == "refused: \(PostgreSQLError.closed)")
    }
}
