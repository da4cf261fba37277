import System
import Testing

@testable import Delivery

/// An app is sent what it can take.
@Suite
struct AppPacingTests {
    private var pacing = AppPacing(limit: 16)
    private let start = MonotonicTime(microseconds: 1_000_000_000)

    private func moment(_ milliseconds: Int) -> MonotonicTime { start.adding(.milliseconds(milliseconds)) }

    /// What the app is known by: so many attempts of this length.
    private mutating func teach(milliseconds: Int, count: Int = 30, at moment: MonotonicTime? = nil) {
        for _ in 0..<count {
            pacing.recordEnd(app: 1, milliseconds: milliseconds, now: moment ?? start)
        }
    }

    private mutating func expectSubmit(
        app: Int64, running: Int, waiting: Int, now: MonotonicTime, _ location: SourceLocation = #_sourceLocation
    ) {
        let decision = pacing.decision(app: app, running: running, waiting: waiting, now: now)
        #expect(decision == .submit, sourceLocation: location)
    }

    @Test mutating func anAppUnderItsBoundGetsItsEventAtOnce() {
        teach(milliseconds: 5000)

        for running in 0..<16 {
            expectSubmit(app: 1, running: running, waiting: 0, now: start)
        }
    }

    @Test(arguments: [
        // Milliseconds of an attempt, events that wait in the sender, what follows.
        (1, 127, "submit"), (1, 128, "wait"), (10, 127, "submit"), (10, 128, "wait"), (15, 106, "wait"),
        (32, 49, "submit"), (32, 50, "hold"), (100, 15, "submit"), (100, 16, "hold"), (1000, 0, "submit"),
        (1000, 1, "hold"), (5000, 0, "hold"),
    ])
    mutating func theSupplyIsWhatTheAppBeginsInATenthOfASecond(_ milliseconds: Int, _ waiting: Int, _ expected: String)
    {
        teach(milliseconds: milliseconds)

        let decision = pacing.decision(app: 1, running: 16, waiting: waiting, now: start)

        let name =
            switch decision {
            case .submit: "submit"
            case .wait: "wait"
            case .holdBack: "hold"
            }
        #expect(name == expected)
    }

    @Test mutating func aWaitIsShort() {
        for milliseconds in [0, 1, 5, 15] {
            teach(milliseconds: milliseconds)
            guard case .wait(let duration) = pacing.decision(app: 1, running: 16, waiting: 200, now: start) else {
                Issue.record("an app of \(milliseconds) ms is not waited for")
                continue
            }
            #expect(duration > .zero)
            #expect(duration <= .milliseconds(5))
        }
    }

    @Test mutating func heldEventsComeBackAtTheAppsPace() {
        teach(milliseconds: 1600)

        let delays = (0..<5).map { _ in pacing.decision(app: 1, running: 16, waiting: 5, now: start) }

        // 100 ms from one to the next, a fifth early.
        #expect(
            delays == [100, 180, 260, 340, 420].map { AppPacing.Decision.holdBack(.milliseconds($0)) })
    }

    @Test mutating func noHeldEventStaysAwayForLongUnlessThereAreTooMany() {
        teach(milliseconds: 30000)

        let delays = (0..<20000).map { _ -> Duration in
            guard case .holdBack(let delay) = pacing.decision(app: 1, running: 16, waiting: 9, now: start) else {
                return .zero
            }
            return delay
        }

        #expect(delays.allSatisfy { $0 >= .milliseconds(100) })
        #expect(delays[..<10000].allSatisfy { $0 <= .seconds(30) })
        // At most 500 a second come back.
        #expect(delays.last == .milliseconds(2 * 19999))
    }

    @Test mutating func anAppThatFallsSilentIsSlow() {
        teach(milliseconds: 1)
        expectSubmit(app: 1, running: 16, waiting: 100, now: moment(1))

        let later = pacing.decision(app: 1, running: 16, waiting: 100, now: moment(2000))

        guard case .holdBack = later else {
            Issue.record("\(later) for an app that has said nothing for 2 s")
            return
        }
    }

    @Test mutating func anAppThatRecoversIsSuppliedAgain() {
        teach(milliseconds: 5000)
        teach(milliseconds: 2, count: 60, at: moment(10))

        expectSubmit(app: 1, running: 16, waiting: 100, now: moment(10))
    }

    @Test mutating func appsDoNotShareTheirPace() {
        teach(milliseconds: 5000)

        expectSubmit(app: 2, running: 16, waiting: 0, now: start)
    }

    @Test mutating func whatIsKnownOfAppsIsBounded() {
        for app in 0..<Int64(AppPacing.maximumLanes * 3) {
            _ = pacing.decision(app: app, running: 0, waiting: 0, now: start)
        }

        #expect(pacing.laneCount <= AppPacing.maximumLanes)
    }
}
