import Handlers
import ProgramSupport
import System

/// Measures where the time of one thread's requests goes; the calls come in the order in which they stand here.
final class PhaseClock {
    private struct Reading {
        var time = MonotonicTime(microseconds: 0)
        var redis: Int64 = 0
        var directory: Int64 = 0
    }

    private let redisMicroseconds: () -> Int64
    private let directoryMicroseconds: () -> Int64
    private var complete = Reading()
    private var identified: Reading?
    private var answered = Reading()

    /// - Parameters:
    ///   - redisMicroseconds: what this thread has waited for Redis so far.
    ///   - directoryMicroseconds: what its lookups in the directory have taken so far.
    init(redisMicroseconds: @escaping () -> Int64 = { 0 }, directoryMicroseconds: @escaping () -> Int64 = { 0 }) {
        self.redisMicroseconds = redisMicroseconds
        self.directoryMicroseconds = directoryMicroseconds
    }

    /// Parameters and body are there, or the request is refused before they are.
    func completeRequest() {
        complete = reading()
        identified = nil
    }

    /// It is known who is asking.
    func identify() {
        identified = reading()
    }

    /// The answer is made.
    func completeAnswer() {
        answered = reading()
    }

    /// The answer is sent: the phases of the request.
    ///
    /// - Parameter arrival: when the request's first byte was there.
    func phases(since arrival: MonotonicTime) -> RequestPhases {
        var phases = RequestPhases()
        phases.parameters = max(0, complete.time.microseconds - arrival.microseconds)
        phases.directory = answered.directory - complete.directory
        phases.redis = answered.redis - complete.redis
        if let identified { phases.identity = PhaseClock.ownTime(from: complete, to: identified) }
        phases.merge = max(0, PhaseClock.ownTime(from: complete, to: answered) - phases.identity)
        phases.write = max(0, answered.time.microsecondsUntilNow)
        return phases
    }

    private func reading() -> Reading {
        Reading(time: .now(), redis: redisMicroseconds(), directory: directoryMicroseconds())
    }

    /// What passed without waiting for anybody. Three clocks are rounded here: never less than nothing.
    private static func ownTime(from start: Reading, to end: Reading) -> Int64 {
        let passed = end.time.microseconds - start.time.microseconds
        return max(0, passed - (end.redis - start.redis) - (end.directory - start.directory))
    }
}
