import Delivery
import Testing

struct ConcurrencyGateTests {
    /// A request of the tables below: `a1` is the first of app `a`.
    private func app(_ item: String) -> Int64 { Int64(item.utf8.first ?? 0) }

    /// Runs steps such as `+a1` (add) and `-a` (one of app a ends), and says what each of them starts.
    private func run(total: Int, perApp: Int, waiting: Int = 99, _ steps: String) -> String {
        var gate = ConcurrencyGate<String>(totalLimit: total, perAppLimit: perApp, waitingLimit: waiting)
        return steps.split(separator: " ").map { step in
            let name = String(step.dropFirst())
            let started = step.hasPrefix("+") ? gate.add(name, app: app(name)) : gate.finish(app: app(name))
            guard let started else { return "full" }
            return started.isEmpty ? "." : started.joined(separator: ",")
        }.joined(separator: " ")
    }

    @Test(arguments: [
        // Under both limits everything starts at once.
        (3, 2, "+a1 +a2 +b1", "a1 a2 b1"),
        // The bound per app holds back that app alone.
        (9, 2, "+a1 +a2 +a3 +b1 +b2 -a", "a1 a2 . b1 b2 a3"),
        // The bound in all holds back everybody, and its end starts the one that came first.
        (2, 2, "+a1 +a2 +b1 +c1 -a -a", "a1 a2 . . b1 c1"),
        // A long queue does not take the turn of a later app: they alternate.
        (1, 1, "+a1 +a2 +a3 +a4 +b1 +b2 -a -b -a -b", "a1 . . . . . b1 a2 b2 a3"),
        // Ends without a beginning change nothing.
        (1, 1, "-a +a1 -b +b1 -a", ". a1 . . b1"),
    ])
    func whatStartsWhen(_ total: Int, _ perApp: Int, _ steps: String, _ started: String) {
        #expect(run(total: total, perApp: perApp, steps) == started)
    }

    @Test func theWaitingRoomIsFullAtItsLimitAndNotBefore() {
        #expect(run(total: 1, perApp: 1, waiting: 2, "+a1 +a2 +b1 +b2 -a +b2") == "a1 . . full b1 .")
        #expect(run(total: 1, perApp: 1, waiting: 0, "+a1 +a2 -a +a2") == "a1 full . a2")
    }

    /// A hundred requests of a slow app, of which none ends, and still each one of another app starts at once.
    @Test func anAppThatNeverAnswersHoldsUpNobody() {
        var gate = ConcurrencyGate<String>(totalLimit: 8, perAppLimit: 4, waitingLimit: 1000)
        for number in 0..<100 { _ = gate.add("slow\(number)", app: 1) }

        for number in 0..<1000 {
            let item = "quick\(number)"
            #expect(gate.add(item, app: 2) == [item])
            #expect(gate.finish(app: 2) == [])
        }

        #expect(gate.load(app: 1) == (running: 4, waiting: 96))
        #expect(gate.runningCount == 4)
    }

    /// Every item is started once, in its app's order, and no limit is exceeded, whatever the order of ends.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func nothingIsLostAndNoLimitIsExceeded(_ seed: UInt64) {
        var random = seed
        let next = { (limit: Int) -> Int in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % limit
        }
        var gate = ConcurrencyGate<Int>(totalLimit: 1 + next(6), perAppLimit: 1 + next(3), waitingLimit: 10000)
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
            note(gate.add(item, app: Int64(item % 5)) ?? [])
            if next(3) == 0, let app = running.filter({ $0.value > 0 }).keys.sorted().first {
                running[app, default: 0] -= 1
                note(gate.finish(app: app))
            }
            #expect(running.values.reduce(0, +) <= gate.totalLimit)
            #expect(running.values.allSatisfy { $0 <= gate.perAppLimit })
        }
        while let app = running.filter({ $0.value > 0 }).keys.sorted().first {
            running[app, default: 0] -= 1
            note(gate.finish(app: app))
        }

        #expect(started == added)
        #expect(gate.runningCount == 0 && gate.waitingCount == 0)
    }

    @Test func whatWaitsCanBeTakenBack() {
        var gate = ConcurrencyGate<String>(totalLimit: 1, perAppLimit: 1, waitingLimit: 9)
        for item in ["a1", "a2", "b1"] { _ = gate.add(item, app: app(item)) }

        let removed = gate.removeWaiting()

        #expect(removed.sorted() == ["a2", "b1"])
        #expect(gate.finish(app: app("a")) == [])
        #expect(gate.add("c1", app: app("c")) == ["c1"])
    }
}
