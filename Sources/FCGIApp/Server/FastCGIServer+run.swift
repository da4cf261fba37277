import ProgramSupport
import System

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

    /// Serves until a signal asks to stop or another process has taken over, then finishes what has begun.
    ///
    /// - Parameter life: has begun.
    func run(_ life: inout ProcessSupervisor, drainSeconds: Int) -> Ending {
        var ending: ProcessSupervisor.Ending?
        while ending == nil {
            ending = life.wait(milliseconds: Self.tick)
            enforceDeadlines()
        }
        guard let ending else { return .drained }
        beginDraining(isSocketTaken: ending.isSocketTaken)
        defer { close() }
        return drain(&life, after: ending, until: .now().adding(seconds: drainSeconds))
    }

    private func drain(
        _ life: inout ProcessSupervisor, after ending: ProcessSupervisor.Ending, until end: MonotonicTime
    ) -> Ending {
        while openCount > 0 || life.isReloadUnfinished() {
            guard MonotonicTime.now() < end else { return openCount > 0 ? .cutOff(connections: openCount) : .drained }
            if let signal = life.waitDraining(milliseconds: Self.drainTick, after: ending) {
                return .interrupted(signal: signal)
            }
            enforceDeadlines()
        }
        return .drained
    }
}

extension ProcessSupervisor.Ending {
    fileprivate var isSocketTaken: Bool {
        switch self {
        case .stop: false
        case .handedOver(let successor): successor.isSocketTaken
        }
    }
}
