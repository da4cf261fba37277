/// Decides which request goes next: at most `totalLimit` on their way at a time and `perAppLimit` of them to one app.
///
/// Apps that have something waiting and are under their bound take turns, one request each; a slow app fills its own
/// bound and then waits, whatever stands behind it in its queue. Does nothing by itself: it says what to start.
package struct ConcurrencyGate<Item> {
    package let totalLimit: Int
    package let perAppLimit: Int
    package let waitingLimit: Int

    private struct Lane {
        var running = 0
        var waiting = FirstInFirstOut<Item>()
        /// Whether the app stands in `turns`; never twice.
        var hasTurn = false
    }

    private var lanes: [Int64: Lane] = [:]
    private var turns = FirstInFirstOut<Int64>()
    /// On their way now.
    package private(set) var runningCount = 0
    /// Not started yet.
    package private(set) var waitingCount = 0

    package init(totalLimit: Int, perAppLimit: Int, waitingLimit: Int) {
        precondition(totalLimit > 0 && perAppLimit > 0 && waitingLimit >= 0, "a gate's limits are positive")
        self.totalLimit = totalLimit
        self.perAppLimit = perAppLimit
        self.waitingLimit = waitingLimit
    }

    /// Takes a request, and returns those to be started now; nil when it was refused because too many wait.
    package mutating func add(_ item: Item, app: Int64) -> [Item]? {
        let isAtOnce = runningCount < totalLimit && lanes[app]?.running ?? 0 < perAppLimit
        guard isAtOnce || waitingCount < waitingLimit else { return nil }
        lanes[app, default: Lane()].waiting.append(item)
        waitingCount += 1
        giveTurn(app)
        return startable()
    }

    /// Notes that a started request of `app` has ended, and returns those to be started now.
    package mutating func finish(app: Int64) -> [Item] {
        guard let running = lanes[app]?.running, running > 0 else { return [] }
        lanes[app]?.running = running - 1
        runningCount -= 1
        giveTurn(app)
        removeIfIdle(app)
        return startable()
    }

    /// Forgets and returns everything that waits.
    package mutating func removeWaiting() -> [Item] {
        var removed: [Item] = []
        for app in lanes.keys {
            removed += lanes[app]?.waiting.removeAll() ?? []
            lanes[app]?.hasTurn = false
        }
        turns = FirstInFirstOut()
        waitingCount = 0
        lanes = lanes.filter { $0.value.running > 0 }
        return removed
    }

    /// On their way and waiting, of one app.
    package func load(app: Int64) -> (running: Int, waiting: Int) {
        (lanes[app]?.running ?? 0, lanes[app]?.waiting.count ?? 0)
    }

    private mutating func startable() -> [Item] {
        var started: [Item] = []
        while runningCount < totalLimit, let app = turns.popFirst() {
            lanes[app]?.hasTurn = false
            guard let item = lanes[app]?.waiting.popFirst() else { continue }
            lanes[app]?.running += 1
            runningCount += 1
            waitingCount -= 1
            started.append(item)
            giveTurn(app)
        }
        return started
    }

    /// Puts the app at the end of the turns, if it can use one.
    private mutating func giveTurn(_ app: Int64) {
        guard let lane = lanes[app], !lane.hasTurn, !lane.waiting.isEmpty, lane.running < perAppLimit else { return }
        lanes[app]?.hasTurn = true
        turns.append(app)
    }

    private mutating func removeIfIdle(_ app: Int64) {
        guard let lane = lanes[app], lane.running == 0, lane.waiting.isEmpty else { return }
        lanes[app] = nil
    }
}
