import ProgramSupport

extension FastCGIServer {
    /// How a server came to its end.
    enum Ending: Equatable {
        /// Every request begun was answered.
        case drained
        /// The time was over with this many connections still open.
        case cutOff(connections: Int)
        /// A second signal came.
        case interrupted(signal: Int32)
    }

    /// How often deadlines are looked at, in milliseconds.
    private static let tick = 100
    private static let drainTick = 10

    /// Serves until a signal asks to stop, then finishes what has begun.
    func run(_ signals: inout StopSignals, drainSeconds: Int) throws(SystemCallError) -> Ending {
        try start()
        while signals.wait(milliseconds: Self.tick) == nil { enforceDeadlines() }
        beginDraining()
        defer { close() }
        let end = MonotonicTime.now().adding(seconds: drainSeconds)
        while openCount > 0 {
            guard MonotonicTime.now() < end else { return .cutOff(connections: openCount) }
            if let signal = signals.wait(milliseconds: Self.drainTick) { return .interrupted(signal: signal) }
            enforceDeadlines()
        }
        return .drained
    }
}
