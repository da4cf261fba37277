import ProgramSupport
import System
import Testing

/// The watchdog.
@Suite
struct WatchdogTests {
    /// An instant, in milliseconds.
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1000) }

    @Test func notifiesOnceForNewHeartbeatsAndRequestsFourInAnInterval() {
        var watchdog = Watchdog(interval: 1_000_000, now: at(0))

        #expect(watchdog.next(at: at(0), beatCount: 0) == .init(requestsHeartbeat: true))
        #expect(watchdog.next(at: at(100), beatCount: 1) == .init(notifiesManager: true))
        #expect(watchdog.next(at: at(200), beatCount: 1) == .init())
        #expect(watchdog.next(at: at(250), beatCount: 1) == .init(requestsHeartbeat: true))
        #expect(watchdog.next(at: at(500), beatCount: 3) == .init(requestsHeartbeat: true, notifiesManager: true))
        #expect(watchdog.next(at: at(600), beatCount: 3) == .init())
    }

    @Test func withoutAHeartbeatItOnlyRequestsOneAndLogsOnceInEachInterval() {
        var watchdog = Watchdog(interval: 1_000_000, now: at(0))
        _ = watchdog.next(at: at(10), beatCount: 1)

        let actions = stride(from: Int64(20), through: 3020, by: 50).map { watchdog.next(at: at($0), beatCount: 1) }

        #expect(!actions.contains { $0.notifiesManager })
        #expect(actions.count { $0.logsSilence } == 3)
        #expect(actions.count { $0.requestsHeartbeat } >= 10)
        #expect(watchdog.next(at: at(3100), beatCount: 2).notifiesManager)
    }

    @Test func existsIfTheServiceManagerWatchesThisProcess() {
        let both = ["WATCHDOG_USEC": "400000", "WATCHDOG_PID": "7"]

        #expect(Watchdog(environment: both, process: 7, now: at(0))?.tick == 100)
        #expect(Watchdog(environment: both, process: 8, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "400000"], process: 8, now: at(0)) != nil)
        #expect(Watchdog(environment: [:], process: 7, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "0"], process: 7, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "soon"], process: 7, now: at(0)) == nil)
    }
}
