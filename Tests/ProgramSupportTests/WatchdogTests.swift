import ProgramSupport
import System
import Testing

/// The watchdog.
@Suite
struct WatchdogTests {
    /// A moment, in milliseconds.
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(microseconds: milliseconds * 1000) }

    @Test func tellsOnceForEachSignOfLifeAndAsksFourTimesInAnInterval() {
        var watchdog = Watchdog(interval: 1_000_000, now: at(0))

        #expect(watchdog.next(at: at(0), signs: 0) == .init(asks: true))
        #expect(watchdog.next(at: at(100), signs: 1) == .init(tells: true))
        #expect(watchdog.next(at: at(200), signs: 1) == .init())
        #expect(watchdog.next(at: at(250), signs: 1) == .init(asks: true))
        #expect(watchdog.next(at: at(500), signs: 3) == .init(asks: true, tells: true))
        #expect(watchdog.next(at: at(600), signs: 3) == .init())
    }

    @Test func tellsNothingWithoutASignOfLifeGoesOnAskingAndComplainsOnceInEachInterval() {
        var watchdog = Watchdog(interval: 1_000_000, now: at(0))
        _ = watchdog.next(at: at(10), signs: 1)

        let duties = stride(from: Int64(20), through: 3020, by: 50).map { watchdog.next(at: at($0), signs: 1) }

        #expect(!duties.contains { $0.tells })
        #expect(duties.count { $0.complains } == 3)
        #expect(duties.count { $0.asks } >= 10)
        #expect(watchdog.next(at: at(3100), signs: 2).tells)
    }

    @Test func isThereWhenTheServiceManagerWatchesThisProcess() {
        let both = ["WATCHDOG_USEC": "400000", "WATCHDOG_PID": "7"]

        #expect(Watchdog(environment: both, process: 7, now: at(0))?.tick == 100)
        #expect(Watchdog(environment: both, process: 8, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "400000"], process: 8, now: at(0)) != nil)
        #expect(Watchdog(environment: [:], process: 7, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "0"], process: 7, now: at(0)) == nil)
        #expect(Watchdog(environment: ["WATCHDOG_USEC": "soon"], process: 7, now: at(0)) == nil)
    }
}
