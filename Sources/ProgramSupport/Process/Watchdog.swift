import Glibc
package import System

/// Decides when the service manager's watchdog is notified: only while heartbeats arrive.
///
/// A pure state machine: its owner calls `next` regularly and carries out the actions.
package struct Watchdog {
    /// What to do now.
    package struct Actions: Hashable, Sendable {
        /// Ask the program's threads for a heartbeat.
        package var requestsHeartbeat = false
        /// Notify the service manager that the program makes progress.
        package var notifiesManager = false
        /// Log that a whole interval has passed without a heartbeat.
        package var logsSilence = false

        package init(requestsHeartbeat: Bool = false, notifiesManager: Bool = false, logsSilence: Bool = false) {
            self.requestsHeartbeat = requestsHeartbeat
            self.notifiesManager = notifiesManager
            self.logsSilence = logsSilence
        }
    }

    /// How often in an interval a heartbeat is requested: one may be late.
    private static let requestsPerInterval: Int64 = 4

    /// The service manager's limit between two notifications, in microseconds.
    private let interval: Int64
    private var nextRequest: MonotonicTime
    private var silenceStart: MonotonicTime
    private var lastBeatCount = 0

    /// - Parameter interval: in microseconds.
    package init(interval: Int64, now: MonotonicTime) {
        self.interval = interval
        nextRequest = now
        silenceStart = now
    }

    /// Nil when the service manager does not watch this process.
    ///
    /// - Parameter environment: `WATCHDOG_USEC`, and `WATCHDOG_PID`, which may be missing.
    package init?(environment: [String: String], process: Int32 = getpid(), now: MonotonicTime = .now()) {
        guard let interval = environment["WATCHDOG_USEC"].flatMap({ Int64($0) }), interval > 0 else { return nil }
        if let watched = environment["WATCHDOG_PID"], watched != String(process) { return nil }
        self.init(interval: interval, now: now)
    }

    /// The longest time between two calls of `next`, in milliseconds.
    package var tick: Int { max(1, Int(clamping: interval / Self.requestsPerInterval / 1000)) }

    /// - Parameter beatCount: the number of heartbeats since the program's start.
    package mutating func next(at now: MonotonicTime, beatCount: Int) -> Actions {
        var actions = Actions()
        if beatCount != lastBeatCount {
            lastBeatCount = beatCount
            silenceStart = now
            actions.notifiesManager = true
        } else if now.microseconds - silenceStart.microseconds >= interval {
            silenceStart = now
            actions.logsSilence = true
        }
        if nextRequest <= now {
            nextRequest = MonotonicTime(microseconds: now.microseconds + interval / Self.requestsPerInterval)
            actions.requestsHeartbeat = true
        }
        return actions
    }
}
