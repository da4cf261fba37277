import System
import Testing

@testable import Delivery

/// Which request is sent next.
@Suite
struct FairSchedulerTests {
    private let start = MonotonicTime(microseconds: 1_000_000_000)

    /// A request of the tables below: `a1` is the first of app `a`.
    private func app(_ item: String) -> Int64 { Int64(item.utf8.first ?? 0) }

    /// Runs steps such as `+a1` (add) and `-a` (a request of app a ends), and lists what each of them starts.
    private func run(total: Int, perApp: Int, waiting: Int = 99, _ steps: String) -> String {
        var scheduler = FairScheduler<String>(totalLimit: total, perAppLimit: perApp, waitingLimit: waiting)
        return steps.split(separator: " ").map { step in
            let name = String(step.dropFirst())
            let started =
                step.hasPrefix("+")
                ? scheduler.add(name, app: app(name), now: start)
                : scheduler.finish(app: app(name), milliseconds: 1, now: start)
            guard let started else { return "full" }
            return started.isEmpty ? "." : started.joined(separator: ",")
        }.joined(separator: " ")
    }

    @Test(arguments: [
        // Below both limits every request starts at once.
        (3, 2, "+a1 +a2 +b1", "a1 a2 b1"),
        // The limit per app applies to that app only.
        (9, 2, "+a1 +a2 +a3 +b1 +b2 -a", "a1 a2 . b1 b2 a3"),
        // The total limit applies to all; when a request ends, the one that came first starts.
        (2, 2, "+a1 +a2 +b1 +c1 -a -a", "a1 a2 . . b1 c1"),
        // An app with a long queue alternates with a later one.
        (1, 1, "+a1 +a2 +a3 +a4 +b1 +b2 -a -b -a -b", "a1 . . . . . b1 a2 b2 a3"),
        // An end without a start changes nothing.
        (1, 1, "-a +a1 -b +b1 -a", ". a1 . . b1"),
    ])
    func requestsStartInTurnsWithinBothLimits(_ total: Int, _ perApp: Int, _ steps: String, _ started: String) {
        #expect(run(total: total, perApp: perApp, steps) == started)
    }

    @Test func theLimitOfWaitingRequestsIsExact() {
        #expect(run(total: 1, perApp: 1, waiting: 2, "+a1 +a2 +b1 +b2 -a +b2") == "a1 . . full b1 .")
        #expect(run(total: 1, perApp: 1, waiting: 0, "+a1 +a2 -a +a2") == "a1 full . a2")
    }

    @Test func duringAPauseRequestsWaitAndThenStartWithinTheLimits() {
        var scheduler = FairScheduler<String>(totalLimit: 2, perAppLimit: 2, waitingLimit: 3)
        _ = scheduler.add("a1", app: 1, now: start)

        scheduler.pause()
        let during = [scheduler.add("a2", app: 1, now: start), scheduler.add("b1", app: 2, now: start)]
        let third = scheduler.add("b2", app: 2, now: start)
        let beyond = scheduler.add("b3", app: 2, now: start)
        let ended = scheduler.finish(app: 1, milliseconds: 1, now: start)
        let resumed = scheduler.resume()

        #expect(during == [[], []])
        #expect(third == [])
        #expect(beyond == nil)
        #expect(ended == [])
        #expect(resumed == ["a2", "b1"])
    }

    @Test func anAppThatNeverRespondsDelaysNoOther() {
        var scheduler = FairScheduler<String>(totalLimit: 8, perAppLimit: 4, waitingLimit: 1000)
        for number in 0..<100 { _ = scheduler.add("slow\(number)", app: 1, now: start) }

        for number in 0..<1000 {
            let item = "quick\(number)"
            #expect(scheduler.add(item, app: 2, now: start) == [item])
            #expect(scheduler.finish(app: 2, milliseconds: 1, now: start) == [])
        }

        #expect(scheduler.load(app: 1) == (running: 4, waiting: 96))
        #expect(scheduler.runningCount == 4)
    }

    /// Every request starts once, in its app's order, whatever the order of ends.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func nothingIsLostAndNoLimitIsExceeded(_ seed: UInt64) {
        var random = seed
        let next = { (limit: Int) -> Int in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        var scheduler = FairScheduler<Int>(totalLimit: 1 + next(6), perAppLimit: 1 + next(3), waitingLimit: 10000)
        var running: [Int64: Int] = [:]
        var started: [Int64: [Int]] = [:]
        var added: [Int64: [Int]] = [:]
        let note = { (items: [Int]) in
            for item in items {
                running[Int64(item % 5), default: 0] += 1
                started[Int64(item % 5), default: []].append(item)
            }
        }

        for item in 0..<500 {
            added[Int64(item % 5), default: []].append(item)
            note(scheduler.add(item, app: Int64(item % 5), now: start) ?? [])
            if next(3) == 0, let app = running.filter({ $0.value > 0 }).keys.sorted().first {
                running[app, default: 0] -= 1
                note(scheduler.finish(app: app, milliseconds: next(100), now: start))
            }
            #expect(running.values.reduce(0, +) <= scheduler.totalLimit)
            #expect(running.values.allSatisfy { $0 <= scheduler.perAppLimit })
        }
        while let app = running.filter({ $0.value > 0 }).keys.sorted().first {
            running[app, default: 0] -= 1
            note(scheduler.finish(app: app, milliseconds: 1, now: start))
        }

        #expect(started == added)
        #expect(scheduler.runningCount == 0 && scheduler.waitingCount == 0)
    }

    @Test func waitingRequestsCanBeRemoved() {
        var scheduler = FairScheduler<String>(totalLimit: 1, perAppLimit: 1, waitingLimit: 9)
        for item in ["a1", "a2", "b1"] { _ = scheduler.add(item, app: app(item), now: start) }

        let removed = scheduler.removeWaiting()

        #expect(removed.sorted() == ["a2", "b1"])
        #expect(scheduler.finish(app: app("a"), milliseconds: 1, now: start) == [])
        #expect(scheduler.add("c1", app: app("c"), now: start) == ["c1"])
    }

    @Test func thePaceOfOneAppDoesNotAffectAnother() {
        var scheduler = FairScheduler<Int>(totalLimit: 99, perAppLimit: 1, waitingLimit: 99)
        for app in [1, 2] as [Int64] { _ = scheduler.add(0, app: app, now: start) }
        _ = scheduler.finish(app: 1, milliseconds: 5000, now: start)
        _ = scheduler.add(0, app: 1, now: start)
        _ = scheduler.add(0, app: 1, now: start)

        #expect(scheduler.admission(app: 1, now: start) != .submit)
        #expect(scheduler.admission(app: 2, now: start) == .submit)
    }

    @Test func whatIsRememberedOfAppsIsBounded() {
        var scheduler = FairScheduler<Int>(totalLimit: 9, perAppLimit: 1, waitingLimit: 99)
        _ = scheduler.add(0, app: -1, now: start)

        for app in 0..<Int64(AppPace.maximumApps * 3) { _ = scheduler.admission(app: app, now: start) }

        #expect(scheduler.appCount <= AppPace.maximumApps + 1)
        #expect(scheduler.load(app: -1) == (running: 1, waiting: 0))
    }

    @Test func appsWithWaitingRequestsAreNeverForgotten() {
        let count = AppPace.maximumApps * 3
        var scheduler = FairScheduler<Int>(totalLimit: 1, perAppLimit: 1, waitingLimit: count)
        for app in 0..<Int64(count) { _ = scheduler.add(0, app: app, now: start) }

        #expect(scheduler.appCount == count)
        #expect(scheduler.waitingCount == count - 1)
    }
}

/// How many events an app is given.
@Suite
struct AppPaceTests {
    private let start = MonotonicTime(microseconds: 1_000_000_000)
    private var pace = AppPace(now: MonotonicTime(microseconds: 1_000_000_000))

    private func moment(_ milliseconds: Int) -> MonotonicTime { start.adding(.milliseconds(milliseconds)) }

    private mutating func finish(milliseconds: Int, count: Int = 30, at moment: MonotonicTime? = nil) {
        for _ in 0..<count { pace.noteFinish(milliseconds: milliseconds, now: moment ?? start) }
    }

    private mutating func admission(running: Int = 16, waiting: Int, at moment: MonotonicTime? = nil) -> Admission {
        pace.admission(running: running, waiting: waiting, limit: 16, now: moment ?? start)
    }

    @Test mutating func anAppBelowItsLimitGetsItsEventAtOnce() {
        finish(milliseconds: 5000)

        let admissions = (0..<16).map { admission(running: $0, waiting: 0) }

        #expect(admissions == Array(repeating: .submit, count: 16))
    }

    @Test(arguments: [
        // Milliseconds of an attempt, requests that wait in the sender, what follows.
        (1, 127, "submit"), (1, 128, "wait"), (10, 127, "submit"), (10, 128, "wait"), (15, 106, "wait"),
        (32, 49, "submit"), (32, 50, "back"), (100, 15, "submit"), (100, 16, "back"), (1000, 0, "submit"),
        (1000, 1, "back"), (5000, 0, "back"),
    ])
    mutating func theSupplyIsWhatTheAppStartsInATenthOfASecond(
        _ milliseconds: Int, _ waiting: Int, _ expected: String
    ) {
        finish(milliseconds: milliseconds)

        let name =
            switch admission(waiting: waiting) {
            case .submit: "submit"
            case .wait: "wait"
            case .putBack: "back"
            }
        #expect(name == expected)
    }

    @Test(arguments: [0, 1, 5, 15])
    mutating func aWaitIsShort(_ milliseconds: Int) {
        finish(milliseconds: milliseconds)

        guard case .wait(let duration) = admission(waiting: 200) else {
            Issue.record("nothing waits for an app of \(milliseconds) ms")
            return
        }
        #expect(duration > .zero)
        #expect(duration <= .milliseconds(5))
    }

    @Test mutating func eventsThatWerePutBackReturnAtTheAppsPace() {
        finish(milliseconds: 1600)

        let admissions = (0..<5).map { _ in admission(waiting: 5) }

        // 100 ms between two starts, a fifth early.
        #expect(admissions == [100, 180, 260, 340, 420].map { .putBack(.milliseconds($0)) })
    }

    @Test mutating func noDelayIsLongUnlessThereAreTooManyEvents() {
        finish(milliseconds: 30000)

        let delays = (0..<20000).map { _ -> Duration in
            guard case .putBack(let delay) = admission(waiting: 9) else { return .zero }
            return delay
        }

        #expect(delays.allSatisfy { $0 >= .milliseconds(100) })
        #expect(delays[..<10000].allSatisfy { $0 <= .seconds(30) })
        // At most 500 a second return.
        #expect(delays.last == .milliseconds(2 * 19999))
    }

    @Test mutating func anAppThatStopsRespondingIsSlow() {
        finish(milliseconds: 1)
        let before = admission(waiting: 100, at: moment(1))

        let later = admission(waiting: 100, at: moment(2000))

        #expect(before == .submit)
        guard case .putBack = later else {
            Issue.record("\(later) for an app that has not responded for 2 s")
            return
        }
    }

    @Test mutating func anAppThatRecoversIsSuppliedAgain() {
        finish(milliseconds: 5000)
        finish(milliseconds: 2, count: 60, at: moment(10))

        let admission = admission(waiting: 100, at: moment(10))

        #expect(admission == .submit)
    }
}
