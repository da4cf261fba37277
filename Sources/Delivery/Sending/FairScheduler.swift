import System

/// Decides which request is sent next, and which events an app is given at all: fair between apps, and bounded. Pure.
///
/// Two rules keep a slow app from delaying the others:
///
/// * Scheduling: at most `totalLimit` requests run at a time, `perAppLimit` of them to one app. Apps that have requests
///   waiting and are below their limit take turns, one request each.
/// * Backpressure: an app gets only as many waiting requests as it is expected to start soon (`AppPace`). Events beyond
///   that go back to the queue.
struct FairScheduler<Item: Sendable> {
    let totalLimit: Int
    let perAppLimit: Int
    let waitingLimit: Int

    private struct App {
        var running = 0
        var waiting = FirstInFirstOut<Item>()
        /// Whether the app is in `turns`; never twice.
        var hasTurn = false
        var pace: AppPace

        var isIdle: Bool { running == 0 && waiting.isEmpty }
    }

    private var apps: [Int64: App] = [:]
    private var turns = FirstInFirstOut<Int64>()
    private(set) var runningCount = 0
    private(set) var waitingCount = 0
    /// Whether nothing more is started.
    private var isPaused = false
    /// With this many apps, those without requests are forgotten.
    private var evictionCount = AppPace.maximumApps

    init(totalLimit: Int, perAppLimit: Int, waitingLimit: Int) {
        precondition(totalLimit > 0 && perAppLimit > 0 && waitingLimit >= 0, "a scheduler's limits are positive")
        self.totalLimit = totalLimit
        self.perAppLimit = perAppLimit
        self.waitingLimit = waitingLimit
    }

    /// What to do with the app's next event, before the work of making a request of it.
    mutating func admission(app: Int64, now: MonotonicTime) -> Admission {
        change(app, now) { state, limit in
            if state.running == 0 { state.pace.noteStart(now) }
            return state.pace.admission(
                running: state.running, waiting: state.waiting.count, limit: limit, now: now)
        }
    }

    /// Adds a request, and returns those to start now; nil when it was refused because `waitingLimit` is reached.
    mutating func add(_ item: Item, app: Int64, now: MonotonicTime) -> [Item]? {
        let startsAtOnce = !isPaused && runningCount < totalLimit && apps[app]?.running ?? 0 < perAppLimit
        guard startsAtOnce || waitingCount < waitingLimit else { return nil }
        change(app, now) { state, _ in state.waiting.append(item) }
        waitingCount += 1
        enqueueTurn(app)
        return startable()
    }

    /// Notes that a started request of `app` has ended, and how long it took; returns the requests to start now.
    mutating func finish(app: Int64, milliseconds: Int, now: MonotonicTime) -> [Item] {
        guard let running = apps[app]?.running, running > 0 else { return [] }
        apps[app]?.running = running - 1
        apps[app]?.pace.noteFinish(milliseconds: milliseconds, now: now)
        runningCount -= 1
        enqueueTurn(app)
        return startable()
    }

    /// Starts nothing more until `resume`.
    mutating func pause() {
        isPaused = true
    }

    /// Ends the pause; returns the requests to start now.
    mutating func resume() -> [Item] {
        isPaused = false
        return startable()
    }

    /// Removes and returns every waiting request.
    mutating func removeWaiting() -> [Item] {
        var removed: [Item] = []
        for app in apps.keys {
            removed += apps[app]?.waiting.removeAll() ?? []
            apps[app]?.hasTurn = false
        }
        turns = FirstInFirstOut()
        waitingCount = 0
        return removed
    }

    /// Requests of one app.
    func load(app: Int64) -> (running: Int, waiting: Int) {
        (apps[app]?.running ?? 0, apps[app]?.waiting.count ?? 0)
    }

    /// Apps of which something is remembered.
    var appCount: Int { apps.count }

    private mutating func startable() -> [Item] {
        var started: [Item] = []
        while !isPaused, runningCount < totalLimit, let app = turns.popFirst() {
            apps[app]?.hasTurn = false
            guard let item = apps[app]?.waiting.popFirst() else { continue }
            apps[app]?.running += 1
            runningCount += 1
            waitingCount -= 1
            started.append(item)
            enqueueTurn(app)
        }
        return started
    }

    /// Puts the app at the end of the turns, if it can use one.
    private mutating func enqueueTurn(_ app: Int64) {
        guard let state = apps[app], !state.hasTurn, !state.waiting.isEmpty, state.running < perAppLimit else { return }
        apps[app]?.hasTurn = true
        turns.append(app)
    }

    private mutating func change<Result>(
        _ app: Int64, _ now: MonotonicTime, _ body: (inout App, _ perAppLimit: Int) -> Result
    ) -> Result {
        if apps.count >= evictionCount, apps[app] == nil { evict(now) }
        return body(&apps[app, default: App(pace: AppPace(now: now))], perAppLimit)
    }

    /// Forgets apps without requests that were quiet for a minute, or all without requests when that is not enough.
    private mutating func evict(_ now: MonotonicTime) {
        apps = apps.filter { !$0.value.isIdle || !$0.value.pace.isQuiet(now) }
        if apps.count >= AppPace.maximumApps { apps = apps.filter { !$0.value.isIdle } }
        // Each eviction visits all apps: twice as many may be there before the next one.
        evictionCount = max(AppPace.maximumApps, apps.count * 2)
    }
}

/// What to do with an app's next event.
enum Admission: Hashable {
    case submit
    /// Wait this long and ask again: the app is fast and has capacity soon.
    case wait(Duration)
    /// Put the event back into the queue, to be delivered after this time.
    case putBack(Duration)
}

/// How fast an app completes its requests, and how many events it is therefore given.
///
/// A fast app gets waiting requests beside the running ones (prefetch); when it has enough the caller waits, which
/// costs the queue milliseconds. Nothing waits for any other app: its events go back to the queue, each scheduled for
/// the time at which it can start at the app's pace. The delay is `longestDelay` at most, in case the app becomes
/// faster, but no more than one event per `shortestReturn` comes back, since each return costs time.
///
/// All times are in microseconds.
struct AppPace {
    /// An app gets the requests that it is expected to start within this time.
    static let prefetchTime: Int64 = 100_000
    /// Limit of waiting requests of one app.
    static let maximumPrefetchCount = 128
    /// A fast app starts the next request after no more than this time.
    static let fastSpacing: Int64 = 1000
    static let longestWait: Int64 = 5000
    static let shortestDelay: Int64 = 100_000
    static let longestDelay: Int64 = 30_000_000
    /// Least time between two events of one app that come back.
    static let shortestReturn: Int64 = 2000
    /// The expected duration of a request before the first has ended.
    static let firstGuess: Int64 = 50_000
    /// Limit of apps that are remembered without having a request.
    static let maximumApps = 4096
    private static let quietTime: Int64 = 60_000_000

    /// Duration of a request, smoothed over about eight.
    private var average = AppPace.firstGuess
    private var hasFinished = false
    /// When a request last ended, or the first of the running ones started.
    private var lastActivity: MonotonicTime
    /// The latest start that was promised to an event that was put back.
    private var promised: Int64 = 0
    /// The same by `shortestReturn`.
    private var returning: Int64 = 0

    init(now: MonotonicTime) {
        lastActivity = now
    }

    mutating func noteStart(_ now: MonotonicTime) {
        lastActivity = now
    }

    mutating func noteFinish(milliseconds: Int, now: MonotonicTime) {
        let duration = Int64(clamping: milliseconds) * 1000
        average = hasFinished ? (average * 7 + duration) / 8 : duration
        hasFinished = true
        lastActivity = now
    }

    func isQuiet(_ now: MonotonicTime) -> Bool {
        lastActivity.microseconds <= now.microseconds - AppPace.quietTime
    }

    /// - Parameter limit: how many requests of the app may run at the same time.
    mutating func admission(running: Int, waiting: Int, limit: Int, now: MonotonicTime) -> Admission {
        guard running >= limit || waiting > 0 else { return .submit }
        let spacing = spacing(isAtLimit: running >= limit, limit: limit, now: now)
        let prefetchCount = min(AppPace.maximumPrefetchCount, Int(AppPace.prefetchTime / max(1, spacing)))
        if running + waiting < limit + prefetchCount { return .submit }
        if spacing <= AppPace.fastSpacing {
            return .wait(.microseconds(min(AppPace.longestWait, max(500, spacing * Int64(prefetchCount / 2)))))
        }
        return .putBack(.microseconds(delay(spacing: spacing, now: now.microseconds)))
    }

    /// Time from one start to the next. An app that does not respond counts as slow as it has been silent.
    private func spacing(isAtLimit: Bool, limit: Int, now: MonotonicTime) -> Int64 {
        let silence = isAtLimit ? now.microseconds - lastActivity.microseconds : 0
        return max(average, silence) / Int64(limit)
    }

    private mutating func delay(spacing: Int64, now: Int64) -> Int64 {
        // A little early: an event that comes too early goes back once more, one that comes too late leaves the app
        // idle.
        promised = max(promised + spacing * 4 / 5, now + AppPace.shortestDelay)
        promised = min(promised, now + AppPace.longestDelay)
        returning = max(returning + AppPace.shortestReturn, now)
        return max(promised, returning) - now
    }
}

/// A queue whose operations take constant time on average.
private struct FirstInFirstOut<Element: Sendable> {
    private var elements: [Element?] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head > 32, head * 2 > elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() -> [Element] {
        defer { self = FirstInFirstOut() }
        return elements[head...].compactMap { $0 }
    }
}
