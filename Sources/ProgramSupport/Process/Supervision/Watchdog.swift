import Glibc
package import System

/// Decides when the service manager is told that the program works: only after a sign of life since the last time.
///
/// Pure but for its start: whoever has it asks `next` every now and then and does what it says.
package struct Watchdog {
    /// What to do now.
    package struct Duty: Hashable, Sendable {
        /// Ask the program's threads for a sign of life.
        package var asks = false
        /// Tell the service manager that the program works.
        package var tells = false
        /// A whole interval has passed without a sign: say so in the log.
        package var complains = false

        package init(asks: Bool = false, tells: Bool = false, complains: Bool = false) {
            self.asks = asks
            self.tells = tells
            self.complains = complains
        }
    }

    /// How often in an interval the threads are asked: one answer may be late.
    private static let questionsPerInterval: Int64 = 4

    /// In microseconds: what the service manager waits for a sign.
    private let interval: Int64
    private var nextQuestion: MonotonicTime
    private var lastComplaint: MonotonicTime
    private var seenSigns = 0

    /// - Parameter interval: in microseconds.
    package init(interval: Int64, now: MonotonicTime) {
        self.interval = interval
        nextQuestion = now
        lastComplaint = now
    }

    /// Nil when the service manager does not watch this process.
    ///
    /// - Parameter environment: `WATCHDOG_USEC`, and `WATCHDOG_PID`, which may be missing.
    package init?(environment: [String: String], process: Int32 = getpid(), now: MonotonicTime = .now()) {
        guard let interval = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), interval > 0 else { return nil }
        if let watched = environment["WATCHDOG_PID"], watched != String(process) { return nil }
        self.init(interval: interval, now: now)
    }

    /// How long `next` may go without being asked, in milliseconds.
    package var tick: Int { max(1, Int(clamping: interval / Self.questionsPerInterval / 1000)) }

    /// - Parameter signs: how many signs of life there were since the program's start.
    package mutating func next(at now: MonotonicTime, signs: Int) -> Duty {
        var duty = Duty()
        if signs != seenSigns {
            seenSigns = signs
            lastComplaint = now
            duty.tells = true
        } else if now.microseconds - lastComplaint.microseconds >= interval {
            lastComplaint = now
            duty.complains = true
        }
        if nextQuestion <= now {
            nextQuestion = MonotonicTime(microseconds: now.microseconds + interval / Self.questionsPerInterval)
            duty.asks = true
        }
        return duty
    }
}
