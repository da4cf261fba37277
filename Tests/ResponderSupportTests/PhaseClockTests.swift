import Foundation
import Handlers
import ProgramSupport
import System
import Testing

@testable import ResponderSupport

/// The phases of a request.
@Suite
struct PhaseClockTests {
    /// What other clocks have counted so far.
    private final class Waits {
        var redis: Int64 = 1_000_000
        var directory: Int64 = 2_000_000
    }

    private let waits = Waits()
    private let clock: PhaseClock

    init() {
        let waits = waits
        clock = PhaseClock(redisMicroseconds: { waits.redis }, directoryMicroseconds: { waits.directory })
    }

    /// Passes so much time without waiting for anybody.
    private func work(microseconds: Int64) {
        let start = MonotonicTime.now()
        while start.microsecondsUntilNow < microseconds {}
    }

    @Test func doNotOverlapAndAddUpToTheWhole() {
        let arrival = MonotonicTime.now()
        work(microseconds: 1000)
        clock.completeRequest()
        work(microseconds: 2500)
        waits.directory += 500
        clock.identify()
        work(microseconds: 6000)
        waits.directory += 700
        waits.redis += 1300
        clock.completeResponse()
        work(microseconds: 3000)
        let phases = clock.phases(since: arrival)
        let whole = arrival.microsecondsUntilNow

        #expect(phases.directory == 1200)
        #expect(phases.redis == 1300)
        #expect(phases.parameters >= 1000)
        #expect(phases.identity >= 2000)
        #expect(phases.merge >= 4000)
        #expect(phases.write >= 3000)
        #expect(phases.total <= whole)
        #expect(phases.total >= 12_500)
    }

    @Test func ofARequestWhoseSenderNobodyAsksForHaveNoIdentityWhateverTheOneBeforeHad() {
        clock.completeRequest()
        work(microseconds: 1000)
        clock.identify()
        clock.completeResponse()
        #expect(clock.phases(since: .now()).identity >= 1000)

        clock.completeRequest()
        clock.completeResponse()

        #expect(clock.phases(since: .now()).identity == 0)
    }

    @Test func areNeverLessThanNothingThoughClocksAreRounded() {
        clock.completeRequest()
        waits.redis += 1_000_000
        clock.identify()
        clock.completeResponse()

        let phases = clock.phases(since: .now().adding(seconds: 10))

        #expect(phases.parameters == 0)
        #expect(phases.identity == 0)
        #expect(phases.merge == 0)
    }
}
